//! What a monitored future or stream is, and what can be one.

use std::cell::Cell;
use std::future::{Pending, Ready, pending, ready};
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::rc::Rc;

use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, Stream, StreamExt};
use meters::{If, Monitor, Monitored, MonitoredExt as _, Registry};

use super::stage::{outcomes, stage};

fn is_send<T: Send>(_: &T) {}
fn is_sync<T: Sync>(_: &T) {}
fn is_unpin<T: Unpin>(_: &T) {}
fn is_static<T: 'static>(_: &T) {}

type Output = Result<u32, String>;

#[test]
fn it_is_what_its_inner_is() {
    let (_registry, monitor) = stage();
    let future = async { Output::Ok(1) }.monitored(monitor);
    is_send(&future);
    is_sync(&future);
    is_static(&future);
    is_unpin(&ready(Output::Ok(1)).monitored(monitor));
    let stream = stream::iter([Output::Ok(1)]).monitored(monitor);
    is_send(&stream);
    is_unpin(&stream);
    is_send(&monitor);
    is_sync(&monitor);
    // Over an await, inside a task.
    is_send(&async move {
        let mut stream = std::pin::pin!(stream::iter([Output::Ok(1)]).monitored(monitor));
        while stream.next().await.is_some() {
            pending::<()>().await;
        }
    });
}

/// Whether a bound holds: of two constants of one name, the type's own goes before the trait's.
macro_rules! holds {
    ($type:ty: $bound:path) => {{
        #[allow(dead_code)]
        trait Otherwise {
            const HOLDS: bool = false;
        }
        struct Is<T>(std::marker::PhantomData<T>);
        impl<T> Otherwise for Is<T> {}
        #[allow(dead_code)]
        impl<T: $bound> Is<T> {
            const HOLDS: bool = true;
        }
        <Is<$type>>::HOLDS
    }};
}

#[test]
fn and_not_more() {
    assert!(holds!(Monitored<Cell<u32>>: Send) && !holds!(Monitored<Rc<()>>: Send));
    assert!(holds!(Monitored<u32>: Sync) && !holds!(Monitored<Cell<u32>>: Sync));
    assert!(holds!(Monitored<u32>: Unpin) && !holds!(Monitored<PhantomPinned>: Unpin));
}

/// Where only a bound says what it is.
async fn generic<F: Future<Output = Output>>(future: F, monitor: Monitor) -> Output {
    future.monitored(monitor).await
}

fn generic_stream<S: Stream<Item = Output>>(stream: S, monitor: Monitor) -> impl Stream<Item = Output> {
    stream.monitored(monitor)
}

#[test]
fn any_shape_of_future_and_stream() {
    let (registry, monitor) = stage();
    let boxed: Pin<Box<dyn Future<Output = Output>>> = Box::pin(async { Ok(1) });
    boxed.monitored(monitor).now_or_never();
    let mut lent = Box::pin(async { Output::Ok(1) });
    (&mut lent).monitored(monitor).now_or_never();
    let rest: BoxStream<'_, Output> = stream::iter([Ok(1)]).boxed();
    rest.monitored(monitor).count().now_or_never();
    generic(ready(Ok(1)), monitor).now_or_never();
    generic_stream(stream::iter([Ok(1)]), monitor).count().now_or_never();
    let text = String::from("borrowed");
    async { Output::Ok(text.len() as u32) }.monitored(monitor).now_or_never();
    drop(text);
    assert_eq!(outcomes(&registry), (6, 0, 0, 0));
}

type Waiting = Monitored<Pending<Output>, If<fn(&Output) -> bool>>;

/// As fields: the types have names.
struct Kept {
    future: Monitored<Ready<Output>>,
    waits: Waiting,
}

#[test]
fn it_can_be_a_field() {
    let (registry, monitor) = stage();
    let is_error: fn(&Output) -> bool = Result::is_err;
    let kept =
        Kept { future: ready(Err("no".into())).monitored(monitor), waits: pending().monitored_if(monitor, is_error) };
    kept.future.now_or_never();
    assert_eq!(kept.waits.now_or_never(), None);
    assert_eq!(outcomes(&registry), (0, 1, 0, 1));
}

#[test]
fn a_registry_that_nobody_else_has_is_no_trouble() {
    let monitor = Registry::new().monitor("Lonely").register();
    assert_eq!(stream::iter([Output::Ok(1)]).monitored(monitor).count().now_or_never(), Some(1));
}
