//! Streams, and futures that were made elsewhere.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use meters::{metered, monitored};

use super::stage::{Shape, abandon, rest, run, send, shape, spend};

type E = Box<dyn std::error::Error + Send + Sync>;
type Alias<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// So many items; the last is an error, if it shall.
pub(crate) struct Rows {
    pub(crate) left: u32,
    pub(crate) fails: bool,
}

impl Stream for Rows {
    type Item = Result<u32, &'static str>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        Poll::Ready(Some(if self.fails && self.left == 0 { Err("last") } else { Ok(self.left) }))
    }
}

pub(crate) async fn read<S: Stream>(stream: S, most: usize) -> usize {
    let mut stream = Box::pin(stream);
    let mut count = 0;
    while count < most && std::future::poll_fn(|context| stream.as_mut().poll_next(context)).await.is_some() {
        spend();
        count += 1;
    }
    count
}

async fn number(text: &str) -> Result<u32, E> {
    rest().await;
    Ok(text.parse()?)
}

trait Service {
    type Future;
    fn call(&mut self) -> Self::Future;
}

struct Served(u32);

impl Service for Served {
    type Future = BoxFuture<'static, Result<u32, E>>;

    #[monitored]
    fn call(&mut self) -> Self::Future {
        self.0 += 1;
        let number = self.0;
        Box::pin(async move {
            rest().await;
            Ok(number)
        })
    }
}

pub(crate) const SHAPES: &[Shape] = &[
    shape("`-> impl Future`, passed on", "1 ok, 1 error", || {
        #[monitored(dimensions(text))]
        fn passed_on(text: &str) -> impl Future<Output = Result<u32, E>> + Send {
            number(text)
        }
        let _ = (run(send(passed_on("1"))), run(passed_on("x")));
    }),
    shape("`-> Pin<Box<dyn Future>>`, passed on", "1 ok, 1 cancelled", || {
        #[monitored]
        fn boxed<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = Result<u32, E>> + Send + 'a>> {
            Box::pin(number(text))
        }
        assert_eq!(run(send(boxed("2"))).unwrap(), 2);
        abandon(boxed("3"));
    }),
    shape("an early `return` of another boxed future", "1 ok, 1 error", || {
        #[monitored]
        fn early(text: &str) -> Pin<Box<dyn Future<Output = Result<u32, E>> + Send + '_>> {
            if text.is_empty() {
                return Box::pin(async { Err("empty".into()) });
            }
            Box::pin(async move { number(text).await })
        }
        let _ = (run(send(early(""))), run(early("1")));
    }),
    shape("passed on, never polled", "", || {
        #[monitored]
        fn unpolled() -> impl Future<Output = Result<u32, E>> {
            number("1")
        }
        drop(unpolled());
    }),
    shape("an alias of a boxed future, `future = true`", "1 ok", || {
        #[monitored(future = true)]
        fn alias() -> Alias<u32> {
            Box::pin(async {
                rest().await;
                1
            })
        }
        assert_eq!(run(send(alias())), 1);
    }),
    shape("the making alone, `future = false`", "1 ok", || {
        #[monitored(future = false)]
        fn made() -> impl Future<Output = ()> {
            spend();
            rest()
        }
        drop(made());
    }),
    shape("`-> Self::Future`, as services have it", "1 ok", || assert_eq!(run(Served(1).call()).unwrap(), 2)),
    shape("`-> impl Stream`", "1 ok, 3 event", || {
        #[monitored]
        fn rows(left: u32) -> impl Stream<Item = Result<u32, &'static str>> + Send {
            Rows { left, fails: false }
        }
        assert_eq!(run(read(send(rows(3)), 9)), 3);
    }),
    shape("`-> impl Stream`, with an item that is an error", "1 error, 2 event", || {
        #[monitored(name = "Rows", dimensions(left))]
        fn rows(left: u32) -> impl Stream<Item = Result<u32, &'static str>> {
            Rows { left, fails: true }
        }
        assert_eq!(run(read(rows(2), 9)), 2);
    }),
    shape("`-> BoxStream`, dropped before its end", "1 cancelled, 1 event", || {
        #[monitored]
        fn rows<'a>(left: u32) -> BoxStream<'a, Result<u32, &'static str>> {
            Box::pin(Rows { left, fails: false })
        }
        assert_eq!(run(read(send(rows(3)), 1)), 1);
    }),
    shape("`-> Pin<Box<dyn Stream>>`, `errors(ignore(PATTERN))`", "1 ok, 2 event", || {
        #[monitored(errors(ignore(&"last")))]
        fn rows(left: &u32) -> Pin<Box<dyn Stream<Item = Result<u32, &'static str>> + '_>> {
            Box::pin(Rows { left: *left, fails: true })
        }
        assert_eq!(run(read(rows(&2), 9)), 2);
    }),
    shape("`async fn` that returns a stream: its making", "1 ok", || {
        #[monitored]
        async fn rows() -> impl Stream<Item = Result<u32, &'static str>> {
            rest().await;
            Rows { left: 3, fails: true }
        }
        drop(run(rows()));
    }),
    shape("`-> impl Stream`, `#[metered]`", "1 event", || {
        #[metered]
        fn rows() -> impl Stream<Item = Result<u32, &'static str>> {
            Rows { left: 3, fails: false }
        }
        drop(rows());
    }),
];
