//! Dimensions by form, limits, and rules for errors.

use meters::{Dimension, monitored};

use super::stage::{Shape, abandon, rest, run, shape, spend};

#[derive(Dimension, Debug, Clone, Copy)]
#[dimension(rename_all = "kebab-case")]
enum Tier {
    FreeOfCharge,
}

#[derive(Debug, PartialEq)]
enum Error {
    NotFound,
    Gone,
    Io,
}

pub(crate) const SHAPES: &[Shape] = &[
    shape("literals: text, number, `bool`, `char`", "1 ok", || {
        #[monitored(name = "Literals", dimensions(Route = "cart", Number = -1, Flag = true, "any key" = 'x'))]
        fn literals() {
            spend();
        }
        literals();
    }),
    shape("a derived `Dimension`", "1 ok", || {
        #[monitored(name = "Derived", dimensions(tier))]
        fn derived(tier: Tier) -> Tier {
            spend();
            tier
        }
        let _ = derived(Tier::FreeOfCharge);
    }),
    shape("an expression of the arguments", "1 ok", || {
        #[monitored(name = "Expression", dimensions(Sum = one + other, Large = one > other))]
        fn expression(one: u32, other: u32) -> u32 {
            spend();
            one
        }
        expression(1, 2);
    }),
    shape("`%value` and `?value`", "1 ok", || {
        #[monitored(name = "Formatted", dimensions(%address, ?tier, Next = ?number.checked_add(1)))]
        fn formatted(address: std::net::Ipv4Addr, tier: Tier, number: u8) -> Tier {
            spend();
            let _ = (address, number);
            tier
        }
        formatted(std::net::Ipv4Addr::LOCALHOST, Tier::FreeOfCharge, 255);
    }),
    shape("`%value`, async, cancelled", "1 cancelled", || {
        #[monitored(name = "FormattedAsync", dimensions(Text = %text.trim()))]
        async fn formatted(text: String) -> String {
            rest().await;
            text
        }
        abandon(formatted(" a ".to_owned()));
    }),
    shape("`limit`", "4 ok", || {
        #[monitored(name = "Limited", dimensions(number), limit = 2)]
        fn limited(number: u32) -> u32 {
            spend();
            number
        }
        assert_eq!((0..4).map(limited).sum::<u32>(), 6);
    }),
    shape("`errors(none)`", "1 ok, 1 error", || {
        #[monitored(errors(none))]
        fn none(found: bool) -> Option<u32> {
            spend();
            found.then_some(1)
        }
        let _ = (none(true), none(false));
    }),
    shape("`errors(none)`, async", "1 error", || {
        #[monitored(errors(none))]
        async fn none_async() -> Option<u32> {
            rest().await;
            None
        }
        assert_eq!(run(none_async()), None);
    }),
    shape("`errors(ignore(PATTERN))`", "2 ok, 1 error", || {
        #[monitored(errors(ignore(Error::NotFound | Error::Gone)))]
        fn ignoring(error: Error) -> Result<u32, Error> {
            spend();
            Err(error)
        }
        for error in [Error::NotFound, Error::Gone, Error::Io] {
            assert!(ignoring(error).is_err());
        }
    }),
    shape("`errors(if = closure)`", "1 ok, 1 error", || {
        #[monitored(errors(if = |returned| returned.is_empty()))]
        fn judged(text: &str) -> String {
            spend();
            text.to_owned()
        }
        let _ = (judged(""), judged("a"));
    }),
    shape("`counter!` with formatted values", "3 event", || {
        let tier = Tier::FreeOfCharge;
        meters::counter!("Counted", ?tier, limit = 9).inc(3);
    }),
];
