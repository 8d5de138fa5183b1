//! The attributes hide none of the compiler's own warnings about the user's code.
#![deny(warnings)]

use meters::monitored;

#[monitored]
#[expect(dead_code)]
fn dead() {}

#[monitored]
#[expect(unused_variables)]
pub fn unused(a: u32) -> Result<(), String> {
    Ok(())
}

#[monitored]
#[expect(unused_variables)]
pub async fn unused_async(a: u32) -> Result<(), String> {
    Ok(())
}

#[monitored]
#[expect(unused_mut)]
pub fn needless_mut(mut a: u32) -> Result<u32, String> {
    Ok(a)
}

#[monitored]
pub fn lifted() -> Result<u32, String> {
    #![expect(unused_variables)]
    let a = 1;
    Ok(1)
}

#[monitored]
#[expect(unreachable_code)]
pub fn unreachable() -> Result<u32, String> {
    return Ok(1);
    Ok(2)
}

#[monitored]
#[expect(unreachable_code)]
pub async fn unreachable_async() -> Result<u32, String> {
    return Ok(1);
    Ok(2)
}

#[monitored]
#[expect(unused_assignments, unused_variables)]
pub fn assigned(mut a: u32) -> Result<u32, String> {
    a = 2;
    Ok(2)
}

#[monitored]
#[expect(unused_must_use)]
pub fn result_ignored() -> Result<u32, String> {
    unreachable();
    Ok(2)
}

#[monitored]
#[must_use]
pub fn must_use() -> u32 {
    1
}

#[monitored]
#[deprecated]
pub fn deprecated() {}

/// Where documentation is asked for, that of the attribute is none.
pub mod asked {
    #![warn(missing_docs)]
    use meters::monitored;

    #[monitored]
    #[expect(missing_docs)]
    pub fn undocumented() {}

    #[monitored]
    #[expect(missing_docs)]
    pub fn undocumented_errors() -> Result<(), String> {
        Ok(())
    }
}

fn main() {
    #[expect(unused_must_use)]
    {
        must_use();
    }
    #[expect(deprecated)]
    deprecated();
}
