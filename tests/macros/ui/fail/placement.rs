//! Where the attributes cannot stand, and what to do instead.

use meters::{metered, monitored};

#[monitored]
const fn constant() -> u32 {
    1
}

trait Store {
    #[monitored]
    fn get(&self, key: u32) -> u32;
}

#[monitored]
trait Whole {}

#[metered]
struct Shop;

impl Shop {
    fn open(&self) {}
}

#[metered]
mod inside {}

#[monitored]
enum Tier {
    Free,
}

#[monitored]
static STATIC: u32 = 1;

unsafe extern "C" {
    #[monitored]
    fn foreign();
}

impl Store for Shop {
    fn get(&self, key: u32) -> u32 {
        key + STATIC
    }
}

impl Whole for Shop {}

fn main() {
    constant();
    Shop.open();
    Shop.get(1);
    let _ = Tier::Free;
    let _ = foreign;
}
