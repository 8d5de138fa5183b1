//! Dimensions that are known late, and metrics besides.

use meters::{metered, monitored};

use super::stage::{Shape, abandon, caught, panic, rest, run, send, shape, spend};

type E = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug)]
struct Failed(&'static str);

struct Store(u32);

#[monitored(dimensions(Cache = _ "none"), on_ok(|row| Row = *row), on_err(|error| Reason = error.0))]
impl Store {
    fn row(&self) -> Result<u32, Failed> {
        spend();
        meters::set!(Cache = "hit");
        Ok(self.0)
    }

    async fn fetched(&self) -> Result<u32, Failed> {
        rest().await;
        Err(Failed("gone"))
    }

    fn count(&self) -> usize {
        spend();
        1
    }
}

macro_rules! made {
    ($slot:ident) => {
        #[monitored(name = "MadeSlot", dimensions($slot = _))]
        fn made() {
            spend();
            meters::set!($slot = "set");
        }
    };
}
made!(Slot);

pub(crate) const SHAPES: &[Shape] = &[
    shape("a slot, set and not", "2 ok", || {
        #[monitored(dimensions(Cache = _))]
        fn slot(key: u32) -> u32 {
            spend();
            if key > 0 {
                meters::set!(Cache = "hit");
            }
            key
        }
        let _ = (slot(0), slot(1));
    }),
    shape("a slot with a default, set twice", "1 ok", || {
        #[monitored(dimensions(Cache = _ "none"))]
        fn twice(key: &str) -> Result<u32, E> {
            spend();
            meters::set!(Cache = "miss");
            meters::set!(Cache = key);
            Ok(1)
        }
        let _ = twice("hit");
    }),
    shape("a slot of a call that fails by `?`", "1 error", || {
        #[monitored(dimensions(Step = _ "begin"))]
        fn steps(text: &str) -> Result<u32, E> {
            spend();
            meters::set!(Step = "parse");
            let number = text.parse()?;
            meters::set!(Step = "end");
            Ok(number)
        }
        let _ = steps("x");
    }),
    shape("a slot of a call that panics", "1 panic", || {
        #[monitored(dimensions(Step = _ "begin"))]
        fn panics() {
            spend();
            meters::set!(Step = "panic");
            panic();
        }
        caught(panics);
    }),
    shape("a slot, async, and cancelled", "1 ok, 1 cancelled", || {
        #[monitored(dimensions(Step = _ "begin"))]
        async fn steps() {
            meters::set!(Step = "rest");
            rest().await;
            meters::set!(Step = "end");
        }
        run(send(steps()));
        abandon(steps());
    }),
    shape("a slot made by `macro_rules!`", "1 ok", made),
    shape("`on_ok` and `on_err`", "1 ok, 1 error", || {
        #[monitored(on_ok(|size| Size = *size), on_err(|error| Reason = error.0, Size = 0))]
        fn both(fine: bool) -> Result<u32, Failed> {
            spend();
            if fine { Ok(7) } else { Err(Failed("stock")) }
        }
        let _ = (both(true), both(false));
    }),
    shape("`on_ok` of a plain value, of an `Option`", "3 ok", || {
        #[monitored(on_ok(|text| Empty = text.is_empty()))]
        fn text() -> String {
            spend();
            String::new()
        }
        #[monitored(on_ok(|Some(number)| Number = *number))]
        fn number(found: bool) -> Option<u32> {
            spend();
            found.then_some(3)
        }
        let _ = (text(), number(true), number(false));
    }),
    shape("`on_ok`, async", "1 ok", || {
        #[monitored(on_ok(|size| Size = *size))]
        async fn size() -> usize {
            rest().await;
            5
        }
        assert_eq!(run(send(size())), 5);
    }),
    shape("`errors(kind = closure)`", "1 ok, 1 error, 1 event", || {
        #[monitored(errors(kind = |error| error.0))]
        fn kinds(fine: bool) -> Result<u32, Failed> {
            spend();
            if fine { Ok(1) } else { Err(Failed("card")) }
        }
        let _ = (kinds(true), kinds(false));
    }),
    shape("`errors(kind = …)`, formatted", "1 ok, 1 error, 1 event", || {
        #[monitored(errors(kind = |error| %error))]
        fn kinds(fine: bool) -> Result<u32, std::fmt::Error> {
            if fine { Ok(1) } else { Err(std::fmt::Error) }
        }
        let _ = (kinds(true), kinds(false));
    }),
    shape("a kind that is borrowed from the error", "1 ok, 1 error, 1 event", || {
        #[monitored(errors(kind = |error| error.trim()))]
        fn kinds(fine: bool) -> Result<u32, String> {
            if fine { Ok(1) } else { Err("stock ".to_owned()) }
        }
        let _ = (kinds(true), kinds(false));
    }),
    shape("`errors(kind = path)`", "1 ok, 1 error, 1 event", || {
        #[monitored(errors(kind = String::as_str))]
        fn kinds(fine: bool) -> Result<u32, String> {
            if fine { Ok(1) } else { Err("stock".to_owned()) }
        }
        let _ = (kinds(true), kinds(false));
    }),
    shape("`errors(ignore(PATTERN), kind = closure)`", "1 ok, 1 error, 1 event", || {
        #[monitored(errors(ignore(Failed("stock")), kind = |error| error.0))]
        async fn kinds(what: &'static str) -> Result<u32, Failed> {
            rest().await;
            Err(Failed(what))
        }
        let _ = (run(kinds("stock")), run(kinds("card")));
    }),
    shape("slots, `on_ok`, `on_err` of an `impl` block", "2 ok, 1 error", || {
        let store = Store(1);
        let _ = (store.row(), run(store.fetched()), store.count());
    }),
    shape("`when`, true and false", "1 ok", || {
        #[monitored(when = number > 1)]
        fn sometimes(number: u32) -> u32 {
            spend();
            number
        }
        sometimes(2);
        #[monitored(when = *flag)]
        async fn never(flag: &bool) -> u32 {
            1
        }
        run(never(&false));
    }),
    shape("`when`, `#[metered]`", "1 event", || {
        #[metered(when = number > 1)]
        fn sometimes(number: u32) {
            let _ = number;
        }
        sometimes(1);
        sometimes(2);
    }),
    shape("`record(in_flight)`", "1 ok", || {
        #[monitored(record(in_flight))]
        fn inside() {
            spend();
        }
        inside();
    }),
    shape("`record(in_flight, busy, polls)`, async", "1 ok, 1 cancelled", || {
        #[monitored(name = "Polled", record(in_flight, busy, polls))]
        async fn polled() {
            rest().await;
        }
        run(send(polled()));
        abandon(polled());
    }),
    shape("`limit(Key = n)`", "3 ok", || {
        #[monitored(name = "LimitedKey", dimensions(tenant, Route = "cart"), limit(tenant = 1))]
        fn limited(tenant: u32) -> u32 {
            spend();
            tenant
        }
        assert_eq!((0..3).map(limited).sum::<u32>(), 3);
    }),
];
