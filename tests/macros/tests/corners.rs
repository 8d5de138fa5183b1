//! What once was measured wrongly, or did not compile.
#![allow(missing_docs)]

use std::fmt::Display;
use std::future::{Future, ready};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use meters::{Calls, monitored, snapshot};

fn poll<F: Future + ?Sized>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

fn calls(name: &str) -> Calls {
    snapshot().metric(name).calls()
}

struct Rests(u32);

impl Future for Rests {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        match self.0.checked_sub(1) {
            Some(left) => {
                self.0 = left;
                Poll::Pending
            }
            None => Poll::Ready(()),
        }
    }
}

fn wanted() -> bool {
    resume_unwind(Box::new("wanted"))
}

#[test]
fn a_rule_that_panics_is_a_panic_of_the_call() {
    #[monitored(name = "LookPanics", on_ok(|_| Kind = wanted()))]
    async fn look() -> Result<u32, String> {
        Ok(1)
    }
    #[monitored(name = "RulePanics", errors(if = |_| wanted()))]
    async fn rule() -> u32 {
        1
    }
    assert!(catch_unwind(|| _ = poll(Box::pin(look()).as_mut())).is_err());
    assert!(catch_unwind(|| _ = poll(Box::pin(rule()).as_mut())).is_err());
    assert_eq!((calls("LookPanics").panics, calls("LookPanics").count()), (1, 1));
    assert_eq!((calls("RulePanics").panics, calls("RulePanics").count()), (1, 1));
}

#[test]
fn an_async_function_that_never_returns_is_a_call_like_any_other() {
    #[monitored(name = "Serves", record(busy, polls))]
    async fn serves() -> ! {
        loop {
            Rests(1).await;
            meters::dimension("Said", "within");
        }
    }
    #[monitored(name = "AroundServes")]
    async fn around() -> u32 {
        serves().await
    }
    let mut future = Box::pin(around());
    assert!((0..3).all(|_| poll(future.as_mut()).is_pending()));
    drop(future);
    let all = snapshot();
    assert_eq!(all.metric("Serves").with("Said", "within").calls().cancelled, 1);
    assert_eq!(all.metric("AroundServes").with("Said", "within").calls().count(), 0);
    assert_eq!(all.metric("Serves.Polls").distribution().map(|polls| polls.sum()), Some(3.0));

    #[monitored(name = "ServesOn")]
    async fn serves_on() -> ! {
        loop {
            Rests(1).await;
        }
    }
    let foreign = catch_unwind(AssertUnwindSafe(|| {
        let mut future = Box::pin(serves_on());
        assert!(poll(future.as_mut()).is_pending());
        wanted();
    }));
    assert!(foreign.is_err());
    assert_eq!((calls("ServesOn").cancelled, calls("ServesOn").panics), (1, 0), "another's panic");
}

#[test]
fn the_arguments_of_a_returned_future_are_read_before_its_body() {
    async fn sent(text: String) -> usize {
        text.len()
    }
    #[monitored(name = "Hidden", dimensions(key))]
    fn hidden(key: u32) -> impl Future<Output = u32> {
        let key = key + 100;
        async move { key }
    }
    #[monitored(name = "Moved", dimensions(key))]
    fn moved(key: String) -> impl Future<Output = usize> {
        let sent = sent(key);
        async move { sent.await + 1 }
    }
    #[monitored(name = "MovedInside", dimensions(key))]
    fn moved_inside(key: String, gone: bool) -> impl Future<Output = bool> {
        if gone {
            drop(key)
        }
        async move { gone }
    }
    #[monitored(name = "Uncaptured", dimensions(key))]
    fn uncaptured(key: u32) -> impl Future<Output = u32> {
        async { 3 }
    }
    assert_eq!(poll(Box::pin(hidden(1)).as_mut()), Poll::Ready(101));
    assert_eq!(poll(Box::pin(moved("a".into())).as_mut()), Poll::Ready(2));
    assert_eq!(poll(Box::pin(moved_inside("b".into(), true)).as_mut()), Poll::Ready(true));
    assert_eq!(poll(Box::pin(uncaptured(2)).as_mut()), Poll::Ready(3));
    let all = snapshot();
    assert_eq!(all.metric("Hidden").with("key", "1").calls().ok(), 1);
    assert_eq!(all.metric("Moved").with("key", "a").calls().ok(), 1);
    assert_eq!(all.metric("MovedInside").with("key", "b").calls().ok(), 1);
    assert_eq!(all.metric("Uncaptured").with("key", "2").calls().ok(), 1);
}

macro_rules! log {
    ($($tokens:tt)*) => {};
}

#[test]
fn a_question_mark_that_leaves_nothing() {
    #[monitored(name = "Logs", dimensions(Cache = _))]
    fn logs(key: u32) -> Pin<Box<dyn Future<Output = u32>>> {
        log!(?key, shown = ?key);
        Box::pin(async move {
            meters::set!(Cache = "hit");
            key
        })
    }
    assert_eq!(poll(logs(1).as_mut()), Poll::Ready(1));
    assert_eq!(snapshot().metric("Logs").with("Cache", "hit").calls().ok(), 1);
}

struct Failed(String);

#[test]
fn what_is_looked_at_is_a_reference() {
    #[monitored(name = "Looked", on_ok(|&size| size), on_err(|Failed(why)| why), errors(kind = |failed| failed.0.as_str()))]
    fn looked(size: &u32) -> Result<u32, Failed> {
        if *size > 0 { Ok(*size) } else { Err(Failed("empty".into())) }
    }
    #[monitored(name = "LookedPlain", on_ok(|&size| size))]
    async fn plain() -> u32 {
        ready(7).await
    }
    let _ = (looked(&3), looked(&0), poll(Box::pin(plain()).as_mut()));
    let all = snapshot();
    assert_eq!(all.metric("Looked").with("size", "3").calls().ok(), 1);
    assert_eq!(all.metric("Looked").with("why", "empty").calls().errors, 1);
    assert_eq!(all.metric("Looked.Errors").with("Kind", "empty").count(), 1);
    assert_eq!(all.metric("LookedPlain").with("size", "7").calls().ok(), 1);
}

#[test]
fn an_opaque_type_inside_of_a_trait_object() {
    #[monitored(name = "Opaque")]
    fn opaque() -> Result<Box<dyn Iterator<Item = impl Display>>, String> {
        Ok(Box::new([1, 2].into_iter()))
    }
    assert_eq!(opaque().map(Iterator::count), Ok(2));
    assert_eq!(calls("Opaque").ok(), 1);
}
