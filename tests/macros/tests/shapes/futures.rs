//! Plain functions that return futures: the future is timed, not its making.

use std::pin::Pin;

use meters::{metered, monitored};

use super::stage::{Shape, abandon, rest, run, send, shape};

type E = Box<dyn std::error::Error + Send + Sync>;
type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

#[async_trait::async_trait]
trait Store {
    async fn get(&self, key: u32) -> Result<u32, E>;
    async fn put(&mut self, key: u32) -> Result<u32, E>;
}

struct Inner(u32);

#[async_trait::async_trait]
impl Store for Inner {
    #[monitored(dimensions(Shard = self.0, key))]
    async fn get(&self, key: u32) -> Result<u32, E> {
        rest().await;
        if key == 0 {
            return Err("zero".into());
        }
        Ok(key + self.0)
    }

    #[monitored]
    async fn put(&mut self, key: u32) -> Result<u32, E> {
        rest().await;
        self.0 = key;
        Ok(key)
    }
}

pub(crate) const SHAPES: &[Shape] = &[
    shape("`-> impl Future + Send`", "1 ok", || {
        #[monitored]
        fn returned(number: u32) -> impl Future<Output = u32> + Send {
            async move {
                rest().await;
                number
            }
        }
        assert_eq!(run(send(returned(1))), 1);
    }),
    shape("`-> impl Future<Output = Result>`", "1 error", || {
        #[monitored]
        fn returned(text: &str) -> impl Future<Output = Result<u32, E>> {
            async move {
                rest().await;
                Ok(text.parse()?)
            }
        }
        assert!(run(returned("x")).is_err());
    }),
    shape("`-> Pin<Box<dyn Future + Send>>`", "1 ok, 1 cancelled", || {
        #[monitored]
        fn boxed<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = Result<&'a str, E>> + Send + 'a>> {
            let kept = text;
            Box::pin(async move {
                rest().await;
                Ok(kept)
            })
        }
        assert_eq!(run(send(boxed("a"))).unwrap(), "a");
        abandon(boxed("b"));
    }),
    shape("`-> BoxFuture`", "1 error", || {
        #[monitored]
        fn boxed<'a>() -> BoxFuture<'a, Result<u32, E>> {
            Box::pin(async move {
                rest().await;
                Err("no".into())
            })
        }
        assert!(run(boxed()).is_err());
    }),
    shape("beneath `#[async_trait]`, `&self`", "1 ok, 1 error", || {
        assert_eq!(run(send(Inner(1).get(1))).unwrap(), 2);
        assert!(run(Inner(1).get(0)).is_err());
    }),
    shape("beneath `#[async_trait]`, `&mut self`", "1 ok", || {
        assert_eq!(run(send(Inner(1).put(2))).unwrap(), 2);
    }),
    shape("a future passed on, `#[metered]`", "1 event", || {
        #[metered]
        fn passed_on() -> impl Future<Output = ()> {
            rest()
        }
        run(passed_on());
    }),
];
