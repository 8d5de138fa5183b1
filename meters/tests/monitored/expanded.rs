//! Functions as the attributes write them, that pass on a future or return a stream.

use std::pin::Pin;

use futures_util::stream::{self, BoxStream, LocalBoxStream};
use futures_util::{FutureExt, Stream, StreamExt, TryStreamExt};
use meters::__private::{self, CallSite};

type Item = Result<u32, String>;

fn calls(metric: &str, dimension: (&str, &str)) -> (u64, u64, u64) {
    let calls = meters::snapshot().metric(metric).with(dimension.0, dimension.1).calls();
    (calls.count(), calls.errors, calls.cancelled)
}

fn passed_on(shard: u32) -> impl Future<Output = Item> + Send {
    let monitor = {
        static SITE: CallSite = CallSite::new("PassedOn", &[("Shard", None)]).named();
        SITE.at_with((&shard, ()))
    };
    let made = __private::call(move || std::future::ready(if shard == 1 { Ok(1) } else { Err("no".to_owned()) }));
    __private::future(made, monitor, |output| __private::Probe(output).ended())
}

fn boxed<'a>(text: &'a str, wait: bool) -> Pin<Box<dyn Future<Output = usize> + 'a>> {
    let monitor = {
        static SITE: CallSite = CallSite::new("Boxed", &[("A", Some("a"))]).named();
        SITE.at()
    };
    let made: Pin<Box<dyn Future<Output = usize> + 'a>> =
        __private::call(move || -> Pin<Box<dyn Future<Output = _>>> {
            if wait { Box::pin(std::future::pending()) } else { Box::pin(async { text.len() }) }
        });
    Box::pin(__private::future(made, monitor, |output| __private::Probe(output).ended()))
}

fn streamed(items: Vec<Item>) -> impl Stream<Item = Item> + Send + 'static {
    let monitor = {
        static SITE: CallSite = CallSite::new("Duration", &[("Function", Some("expanded::streamed"))]);
        SITE.at()
    };
    let made = __private::call(move || stream::iter(items));
    __private::stream(made, monitor, |item| __private::judged(item, |item| matches!(item, Err(e) if e != "mild")))
}

fn boxed_stream(items: &[u32]) -> BoxStream<'_, u32> {
    let monitor = {
        static SITE: CallSite = CallSite::new("BoxedStream", &[("Many", None)]).named();
        SITE.at_with((&(items.len() > 1), ()))
    };
    let made = __private::call(move || stream::iter(items.iter().copied()).boxed());
    Box::pin(__private::stream(made, monitor, |item| __private::Probe(item).ended()))
}

fn local_stream(items: &[u32]) -> LocalBoxStream<'_, u32> {
    let monitor = {
        static SITE: CallSite = CallSite::new("LocalStream", &[("A", Some("a"))]).named();
        SITE.at()
    };
    let count = std::rc::Rc::new(std::cell::Cell::new(0));
    let made = __private::call(move || stream::iter(items).map(move |item| item + count.replace(count.get() + 1)));
    Box::pin(__private::stream(made, monitor, |item| __private::Probe(item).ended()))
}

#[test]
fn futures_that_are_passed_on() {
    for shard in [1, 2, 2] {
        assert_eq!(passed_on(shard).now_or_never().unwrap().is_ok(), shard == 1);
    }
    drop(passed_on(1));
    assert_eq!(calls("PassedOn", ("Shard", "1")), (1, 0, 0));
    assert_eq!(calls("PassedOn", ("Shard", "2")), (2, 2, 0));
    assert_eq!((boxed("four", false).now_or_never(), boxed("", true).now_or_never()), (Some(4), None));
    assert_eq!(calls("Boxed", ("A", "a")), (2, 0, 1));
}

#[test]
fn streams_that_are_returned() {
    let function = ("Function", "expanded::streamed");
    assert_eq!(streamed(vec![Ok(1), Err("mild".into()), Ok(2)]).count().now_or_never(), Some(3));
    assert_eq!(calls("Duration", function), (1, 0, 0));
    assert!(streamed(vec![Ok(1), Err("hard".into()), Ok(2)]).try_collect::<Vec<_>>().now_or_never().unwrap().is_err());
    assert_eq!(calls("Duration", function), (2, 1, 0));
    let snapshot = meters::snapshot();
    for (metric, count) in [("Items", 5), ("TimeToFirst", 2)] {
        assert_eq!(snapshot.metric(metric).with(function.0, function.1).count(), count, "{metric}");
    }
}

#[test]
fn streams_in_boxes() {
    assert_eq!(boxed_stream(&[1, 2, 3]).collect::<Vec<_>>().now_or_never().unwrap(), [1, 2, 3]);
    assert_eq!(boxed_stream(&[1]).take(1).count().now_or_never(), Some(1));
    assert_eq!(calls("BoxedStream", ("Many", "true")), (1, 0, 0));
    assert_eq!(calls("BoxedStream", ("Many", "false")), (1, 0, 1));
    assert_eq!(meters::snapshot().metric("BoxedStream.Items").with("Many", "true").count(), 3);
    assert_eq!(local_stream(&[1, 1]).collect::<Vec<_>>().now_or_never().unwrap(), [1, 2]);
    assert_eq!(calls("LocalStream", ("A", "a")), (1, 0, 0));
}
