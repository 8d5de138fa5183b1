//! Attributes on `impl` blocks.

use meters::{metered, monitored};

use super::stage::{Shape, rest, run, send, shape, spend};

type E = Box<dyn std::error::Error + Send + Sync>;

struct Pg<T> {
    table: &'static str,
    kept: T,
}

const PG: Pg<u32> = Pg { table: "orders", kept: 1 };

#[monitored(dimensions(Table = self.table))]
#[metered(prefix = "Counted")]
impl<T: Clone> Pg<T> {
    const fn size() -> usize {
        1
    }

    fn read(&self) -> Result<T, E> {
        spend();
        Ok(self.kept.clone())
    }

    #[metered(skip)]
    async fn wait(&self) {
        rest().await;
    }

    #[monitored(name = "Own", dimensions(Table = "own"))]
    fn own(&self) {
        spend();
    }

    #[monitored(skip)]
    #[metered(skip)]
    fn skipped(&self) {}
}

trait Store {
    fn get(&self, key: u32) -> Option<u32>;
}

#[monitored(errors(none))]
impl Store for Pg<u32> {
    fn get(&self, key: u32) -> Option<u32> {
        spend();
        (key > 0).then_some(key)
    }
}

#[monitored(prefix = "Database")]
impl Store for u32 {
    fn get(&self, key: u32) -> Option<u32> {
        spend();
        Some(key)
    }
}

#[async_trait::async_trait]
trait Remote {
    async fn fetch(&self, key: u32) -> Result<u32, E>;
}

#[monitored(dimensions(Table = self.table))]
#[async_trait::async_trait]
impl Remote for Pg<u32> {
    async fn fetch(&self, key: u32) -> Result<u32, E> {
        rest().await;
        if key == 0 { Err("zero".into()) } else { Ok(key) }
    }
}

struct Beneath(u32);

#[async_trait::async_trait]
#[monitored(dimensions(Shard = self.0))]
impl Remote for Beneath {
    async fn fetch(&self, key: u32) -> Result<u32, E> {
        rest().await;
        if key == 0 { Err("zero".into()) } else { Ok(key) }
    }
}

pub(crate) const SHAPES: &[Shape] = &[
    shape("a generic type, both attributes", "1 ok, 1 event", || assert_eq!(PG.read().unwrap(), 1)),
    shape("`async fn` in a block, one attribute skipped", "1 ok", || run(send(PG.wait()))),
    shape("a method's own name and dimension win", "1 ok, 1 event", || PG.own()),
    shape("`skip`, and a `const fn`", "", || {
        PG.skipped();
        assert_eq!(Pg::<u32>::size(), 1);
    }),
    shape("`impl Trait for Type`, `errors(none)`", "1 ok, 1 error", || _ = (PG.get(0), PG.get(1))),
    shape("`prefix` in a trait's impl", "1 ok", || _ = 1_u32.get(1)),
    shape("above `#[async_trait]`", "1 ok, 1 error", || {
        assert!(run(send(PG.fetch(0))).is_err());
        assert_eq!(run(PG.fetch(1)).unwrap(), 1);
    }),
    shape("beneath `#[async_trait]`", "1 ok, 1 error", || {
        assert!(run(send(Beneath(7).fetch(0))).is_err());
        assert_eq!(run(Beneath(7).fetch(1)).unwrap(), 1);
    }),
];
