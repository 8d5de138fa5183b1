//! Testing what is recorded: a snapshot for unit tests, the receiver for the whole way to CloudWatch.
//!
//! `cargo test --example testing` runs the tests; `cargo run --example testing` shows the same by hand.
#![allow(clippy::print_stdout)]

use std::time::Duration;

#[meters::monitored(name = "Withdraw", dimensions(Currency = currency))]
fn withdraw(balance: u32, amount: u32, currency: &str) -> Result<u32, String> {
    balance.checked_sub(amount).ok_or_else(|| format!("{amount} {currency} is more than there is"))
}

fn main() -> Result<(), meters::Error> {
    // What one piece of code records is the difference of two snapshots; taking them changes nothing.
    let before = meters::snapshot();
    let left = (withdraw(100, 30, "EUR"), withdraw(10, 30, "EUR"));
    let window = meters::snapshot().since(&before);
    let calls = window.metric("Withdraw").with("Currency", "EUR").calls();
    println!("{left:?}");
    print!("{window}");
    assert_eq!((calls.count(), calls.errors), (2, 1));

    // The whole way, with nothing but loopback.
    let cloudwatch = meters_local::start();
    let meters = meters::namespace("Bank")
        .manual()
        .region("us-east-1")
        .endpoint_url(cloudwatch.endpoint_url())
        .credentials("test", "test")
        .start()?;
    println!("{}", meters.flush(Duration::from_secs(5)));
    let errors = cloudwatch.metric("Withdraw.Errors").with("Currency", "EUR");
    println!("CloudWatch's error rate: {} %", 100.0 * errors.average().unwrap_or_default());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_withdrawal_is_an_error() {
        let before = meters::snapshot();
        assert!(withdraw(10, 30, "CHF").is_err());
        let window = meters::snapshot().since(&before);
        let calls = window.metric("Withdraw").with("Currency", "CHF").calls();
        assert_eq!((calls.count(), calls.errors), (1, 1));
    }
}
