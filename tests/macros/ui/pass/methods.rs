//! Methods with every kind of receiver, in every kind of `impl`.
#![deny(warnings)]
#![allow(dead_code)]

use std::pin::Pin;
use std::rc::Rc;
use std::slice::IterMut;

use meters::{metered, monitored};

type E = Box<dyn std::error::Error>;

struct Shop {
    carts: Vec<u32>,
    shard: u32,
    parent: Option<Box<Shop>>,
}

impl Shop {
    #[monitored]
    fn new() -> Self {
        Self { carts: vec![1], shard: 4, parent: None }
    }

    #[monitored]
    fn try_new() -> Result<Self, E> {
        Ok(Self::new())
    }

    #[monitored(dimensions(Shard = self.shard))]
    fn shared(&self) -> Result<&u32, E> {
        Ok(&self.shard)
    }

    #[monitored(dimensions(Shard = self.shard))]
    fn exclusive(&mut self) -> Result<&mut u32, E> {
        self.shard += 1;
        Ok(&mut self.shard)
    }

    #[monitored]
    fn two(&mut self) -> Result<(&mut u32, &mut Vec<u32>), E> {
        Ok((&mut self.shard, &mut self.carts))
    }

    #[monitored]
    fn chained(&mut self) -> &mut Self {
        self
    }

    #[monitored]
    fn try_chained(&mut self) -> Result<&mut Self, E> {
        Ok(self)
    }

    #[monitored]
    fn iterated(&mut self) -> Result<IterMut<'_, u32>, E> {
        let this = &mut *self;
        Ok(this.carts.iter_mut())
    }

    #[monitored]
    fn optional(&mut self) -> Option<&mut Shop> {
        self.parent.as_deref_mut()
    }

    #[monitored(dimensions(Shard = self.shard))]
    fn by_value(mut self) -> Result<Self, E> {
        self.shard = 1;
        Ok(self)
    }

    #[monitored]
    fn in_part(self) -> Result<Vec<u32>, E> {
        let carts = self.carts;
        let _shard = self.shard;
        Ok(carts)
    }

    #[monitored]
    fn boxed(self: Box<Self>) -> Result<u32, E> {
        Ok(self.shard)
    }

    #[monitored]
    fn pinned(mut self: Pin<&mut Self>) -> Result<u32, E> {
        self.shard = 1;
        Ok(self.shard)
    }

    #[monitored]
    fn counted(self: &Rc<Self>) -> Result<Rc<Self>, E> {
        Ok(self.clone())
    }

    #[monitored(dimensions(Shard = self.shard, n))]
    async fn asynchronous(&self, n: u32) -> Result<u32, E> {
        Ok(n)
    }

    #[monitored]
    async fn exclusive_async(&mut self) -> Result<&mut u32, E> {
        self.shard += 1;
        Ok(&mut self.shard)
    }

    #[monitored]
    async fn destructured(self) -> Result<Vec<u32>, E> {
        let Shop { carts, .. } = self;
        Ok(carts)
    }

    #[metered(dimensions(Shard = self.shard))]
    fn metered(&self) -> u32 {
        self.shard
    }
}

trait Store {
    #[monitored]
    fn provided(&self) -> Result<u32, E> {
        Ok(1)
    }
    fn required(&self) -> Result<u32, E>;
    async fn awaited(&self) -> Result<u32, E>;
    fn future(&self) -> impl Future<Output = u32>;
}

impl Store for Shop {
    #[monitored]
    fn required(&self) -> Result<u32, E> {
        Ok(1)
    }
    #[monitored]
    async fn awaited(&self) -> Result<u32, E> {
        Ok(self.shard)
    }
    #[monitored]
    async fn future(&self) -> u32 {
        1
    }
}

fn main() {
    let mut shop = Shop::try_new().unwrap();
    *shop.exclusive().unwrap() += 1;
    shop.chained().try_chained().unwrap();
    shop.shared().unwrap();
    assert_eq!(meters::snapshot().metric("Duration").with("Shard", "6").count(), 1);
}
