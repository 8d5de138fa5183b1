//! Type errors are where they are without the attribute.

use meters::monitored;

struct Failed;

#[monitored]
fn wrong_tail() -> Result<u32, String> {
    Ok("1")
}

#[monitored]
fn wrong_return(early: bool) -> Result<u32, String> {
    if early {
        return 5;
    }
    Ok(1)
}

#[monitored]
async fn wrong_tail_async() -> Result<u32, String> {
    Ok("1")
}

#[monitored]
async fn wrong_return_async(early: bool) -> u32 {
    if early {
        return "5";
    }
    1
}

#[monitored]
async fn value_from_unit() {
    5
}

#[monitored]
fn missing_tail() -> Result<u32, String> {
    let _ = 1;
}

#[monitored]
async fn missing_tail_async() -> Result<u32, String> {
    let _ = 1;
}

#[monitored]
fn wrong_question_mark(text: &str) -> Result<u32, Failed> {
    Ok(text.parse::<u32>()?)
}

#[monitored]
async fn wrong_question_mark_async(text: &str) -> Result<u32, Failed> {
    Ok(text.parse::<u32>()?)
}

#[monitored]
fn plain_missing_tail() -> u32 {
    let _ = 1;
}

#[monitored]
fn unknown_type() -> Result<Reciept, String> {
    Err("".into())
}

#[monitored]
fn borrow(text: String) -> Result<&'static str, String> {
    Ok(&text)
}

fn main() {}
