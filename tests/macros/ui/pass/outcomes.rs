//! What is recorded, and under which name.

use std::future::{Future, pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Waker};

use meters::{Dimension, Unit, metered, monitored};

#[derive(Dimension, Clone, Copy)]
#[dimension(rename_all = "snake_case")]
enum Tier {
    NotYetPaid,
    #[dimension(rename = "GOLD")]
    Gold,
}

#[monitored]
fn implied(early: bool) -> u32 {
    if early {
        return 1;
    }
    2
}

#[monitored(name = "Checkout", dimensions(Route = "cart", tier), unit = Milliseconds, resolution = 1)]
fn checkout(tier: Tier, text: &str) -> Result<u32, std::num::ParseIntError> {
    let number: u32 = text.parse()?;
    assert_ne!(number, 7, "bad luck");
    Ok(number)
}

#[monitored(name = "Fetch", dimensions(host))]
async fn fetch(host: &str, outcome: u32) -> Result<(), String> {
    match outcome {
        0 => Ok(()),
        1 => Err("no".to_owned())?,
        2 => pending().await,
        _ => panic!("{host}"),
    }
}

#[monitored(name = "Wait")]
async fn wait(long: bool) {
    if !long {
        return;
    }
    pending().await
}

#[monitored(name = "Spawned")]
fn spawned(fail: bool) -> impl Future<Output = Result<(), String>> {
    async move { if fail { Err("no".to_owned()) } else { Ok(()) } }
}

enum Reply {
    Fine,
    Broken,
}

impl meters::Outcome for Reply {
    fn is_error(&self) -> bool {
        matches!(self, Reply::Broken)
    }
}

#[monitored(name = "Reply")]
fn reply(broken: bool) -> Reply {
    if broken { Reply::Broken } else { Reply::Fine }
}

#[metered(dimensions(Method = "password", tier))]
fn login(tier: Tier) {
    let _ = tier;
}

#[metered(name = "Logins")]
async fn login_async() {}

/// One poll, then dropped.
fn once<F: Future>(future: F) -> Option<F::Output> {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).as_mut().poll(&mut context) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}

fn main() {
    std::panic::set_hook(Box::new(|_| {}));

    implied(true);
    implied(false);
    for text in ["1", "2", "x"] {
        let _ = checkout(Tier::NotYetPaid, text);
    }
    assert!(catch_unwind(|| checkout(Tier::Gold, "7")).is_err());

    for outcome in [0, 0, 1, 2, 2, 2] {
        let _ = once(fetch("example.org", outcome));
    }
    assert!(catch_unwind(AssertUnwindSafe(|| once(fetch("example.org", 3)))).is_err());
    drop(fetch("example.org", 0));
    once(wait(false));
    once(wait(true));
    let _ = (once(spawned(true)), once(spawned(false)), spawned(true));
    reply(true);
    reply(false);
    login(Tier::Gold);
    once(login_async());
    drop(login_async());
    once(ready(()));

    let all = meters::snapshot();
    let implied = all.metric("Duration").with("Function", concat!(module_path!(), "::implied")).calls();
    assert_eq!((implied.count(), implied.ok()), (2, 2));

    let free = all.metric("Checkout").with("Route", "cart").with("tier", "not_yet_paid");
    let calls = free.calls();
    assert_eq!((calls.count(), calls.ok(), calls.errors, calls.panics), (3, 2, 1, 0));
    let (series, _) = free.series().next().unwrap();
    assert_eq!((series.unit(), series.dimensions().count()), (Unit::Milliseconds, 2));
    assert_eq!(series.resolution(), meters::Resolution::High);
    let gold = all.metric("Checkout").with("tier", "GOLD").calls();
    assert_eq!((gold.count(), gold.panics), (1, 1));

    let fetch = all.metric("Fetch").with("host", "example.org").calls();
    assert_eq!(fetch.count(), 7, "the one never polled is no call");
    assert_eq!((fetch.ok(), fetch.errors, fetch.cancelled, fetch.panics), (2, 1, 3, 1));
    let wait = all.metric("Wait").calls();
    assert_eq!((wait.count(), wait.ok(), wait.cancelled), (2, 1, 1));
    let spawned = all.metric("Spawned").calls();
    assert_eq!((spawned.count(), spawned.ok(), spawned.errors), (2, 1, 1));
    let reply = all.metric("Reply").calls();
    assert_eq!((reply.ok(), reply.errors), (1, 1));

    let logins = all.metric("Calls").with("Function", concat!(module_path!(), "::login")).with("Method", "password");
    assert_eq!(logins.with("tier", "GOLD").count(), 1);
    assert_eq!(all.counter("Logins"), 1);
}
