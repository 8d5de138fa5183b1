//! Methods, by receiver and by where they are.

use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use meters::monitored;

use super::stage::{Shape, rest, run, shape, spend};

type E = Box<dyn std::error::Error>;

struct Shop {
    shard: u32,
}

impl Shop {
    #[monitored]
    fn new(shard: u32) -> Self {
        spend();
        Self { shard }
    }

    #[monitored(dimensions(Shard = self.shard))]
    fn shared(&self) -> Result<&u32, E> {
        spend();
        Ok(&self.shard)
    }

    #[monitored(dimensions(Shard = self.shard))]
    fn exclusive(&mut self) -> Result<&mut u32, E> {
        spend();
        self.shard += 1;
        Ok(&mut self.shard)
    }

    #[monitored(dimensions(Shard = self.shard))]
    fn by_value(mut self) -> Result<Self, E> {
        spend();
        self.shard += 1;
        Ok(self)
    }

    #[monitored]
    fn boxed(self: Box<Self>) -> Result<u32, E> {
        spend();
        Ok(self.shard)
    }

    #[monitored]
    fn counted(self: Rc<Self>) -> Result<u32, E> {
        spend();
        Ok(self.shard)
    }

    #[monitored]
    fn shared_counted(self: &Arc<Self>) -> Result<Arc<Self>, E> {
        spend();
        Ok(Arc::clone(self))
    }

    #[monitored]
    fn pinned(mut self: Pin<&mut Self>) -> Result<u32, E> {
        spend();
        self.shard += 1;
        Ok(self.shard)
    }

    #[monitored(dimensions(Shard = self.shard))]
    async fn asynchronous(&mut self) -> Result<&mut u32, E> {
        rest().await;
        Ok(&mut self.shard)
    }
}

trait Store {
    #[monitored]
    fn provided(&self) -> Result<u32, E> {
        spend();
        self.required()
    }
    fn required(&self) -> Result<u32, E>;
    async fn awaited(&self) -> Result<u32, E>;
    fn future(&self) -> impl Future<Output = u32>;
}

impl Store for Shop {
    #[monitored]
    fn required(&self) -> Result<u32, E> {
        spend();
        Err("no".into())
    }
    #[monitored]
    async fn awaited(&self) -> Result<u32, E> {
        rest().await;
        Err("no".into())
    }
    #[monitored]
    async fn future(&self) -> u32 {
        rest().await;
        self.shard
    }
}

pub(crate) const SHAPES: &[Shape] = &[
    shape("no receiver, `-> Self`", "1 ok", || _ = Shop::new(1)),
    shape("`&self`", "1 ok", || _ = Shop { shard: 1 }.shared()),
    shape("`&mut self`, a field lent", "1 ok", || *Shop { shard: 2 }.exclusive().unwrap() += 1),
    shape("`mut self`", "1 ok", || assert_eq!(Shop { shard: 3 }.by_value().unwrap().shard, 4)),
    shape("`self: Box<Self>`", "1 ok", || _ = Box::new(Shop { shard: 1 }).boxed()),
    shape("`self: Rc<Self>`", "1 ok", || _ = Rc::new(Shop { shard: 1 }).counted()),
    shape("`self: &Arc<Self>`", "1 ok", || _ = Arc::new(Shop { shard: 1 }).shared_counted()),
    shape("`self: Pin<&mut Self>`", "1 ok", || _ = Pin::new(&mut Shop { shard: 1 }).pinned()),
    shape("`async fn (&mut self)`, a field lent", "1 ok", || {
        *run(Shop { shard: 5 }.asynchronous()).unwrap() += 1;
    }),
    shape("a trait's method with a body", "2 error", || assert!(Shop { shard: 1 }.provided().is_err())),
    shape("`async fn` of a trait", "1 error", || assert!(run(Shop { shard: 1 }.awaited()).is_err())),
    shape("`async fn` for a trait's `-> impl Future`", "1 ok", || assert_eq!(run(Shop { shard: 1 }.future()), 1)),
];
