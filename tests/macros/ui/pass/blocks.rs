//! Attributes on `impl` blocks: what methods inherit, what they win, how they are called.
#![deny(warnings, missing_docs)]
#![allow(dead_code)]

use meters::{metered, monitored};

type Bytes<const N: usize> = [u8; N];

struct Pg<T> {
    name: &'static str,
    kept: T,
}

trait Store {
    type Key;
    const LIMIT: usize;
    fn id(&self) -> u32;
    fn get(&self, key: u32) -> Result<u32, String>;
}

#[monitored(dimensions(Table = self.name, Kind = "read"), unit = Milliseconds, resolution = 1)]
#[metered(prefix = "Pg")]
impl<T: Clone> Pg<T> {
    /// Documented.
    const SIZES: [usize; 2] = [1, 2];

    #[monitored(dimensions(Table = "none"))]
    #[metered(skip)]
    fn new(name: &'static str, kept: T) -> Self {
        Self { name, kept }
    }

    const fn size() -> usize {
        2
    }

    fn read(&self) -> Result<&T, String> {
        Ok(&self.kept)
    }

    #[inline]
    #[monitored(dimensions(Kind = "write", n), unit = Seconds)]
    pub(crate) async fn write(&mut self, n: u32) -> Result<u32, String> {
        if n == 0 {
            return Err("zero".to_owned());
        }
        Ok(n)
    }

    #[monitored(name = "Named")]
    fn named(&self) {}

    #[::meters::monitored(skip)]
    fn skipped(&self) -> Bytes<{ 1 + 1 }> {
        [0; 2]
    }

    fn braces(&self) -> Bytes<{ 1 + 1 }> {
        [0; 2]
    }
}

#[monitored]
impl Store for Pg<u32> {
    type Key = u32;
    const LIMIT: usize = 3;

    #[monitored(skip)]
    fn id(&self) -> u32 {
        1
    }

    fn get(&self, key: u32) -> Result<u32, String> {
        if key == 0 { Err("zero".to_owned()) } else { Ok(key + self.id()) }
    }
}

macro_rules! block {
    ($type:ty, $vis:vis, $body:block, $item:item) => {
        #[monitored]
        impl $type {
            $vis fn made(&self) -> u32 $body
            $item
        }
    };
}
struct Made;
block!(Made, pub(crate), { 1 }, fn item(&self) -> u32 { 2 });

// A head that is an invisible group.
macro_rules! plain {
    ($($item:item)*) => {
        $(#[monitored] $item)*
    };
}
plain! { impl Made { fn plain(&self) {} } }

mod inside {
    pub(super) trait Deep<T> {
        fn deep(&self) -> T;
    }
}

#[monitored]
impl<'a> inside::Deep<u32> for &'a [u8] {
    fn deep(&self) -> u32 {
        1
    }
}

fn now<F: Future>(future: F) -> F::Output {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).as_mut().poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => panic!(),
    }
}

fn main() {
    let mut pg = Pg::new("orders", 7);
    assert_eq!(pg.read(), Ok(&7));
    assert_eq!((now(pg.write(0)).is_err(), now(pg.write(5))), (true, Ok(5)));
    pg.named();
    assert_eq!((pg.skipped(), pg.braces(), Pg::<u32>::size()), ([0; 2], [0; 2], 2));
    assert_eq!((pg.get(0).is_err(), pg.get(1)), (true, Ok(2)));
    assert_eq!((Made.made(), Made.item()), (1, 2));
    Made.plain();
    assert_eq!(inside::Deep::deep(&&[1_u8][..]), 1);

    let all = meters::snapshot();
    let here = module_path!();
    let timed = |name: &str, dimension: (&str, &str)| {
        let function = format!("{here}::{name}");
        let calls = all.metric("Duration").with("Function", &function).with(dimension.0, dimension.1).calls();
        (calls.count(), calls.errors)
    };
    assert_eq!(timed("Pg::new", ("Table", "none")), (1, 0));
    assert_eq!(timed("Pg::read", ("Table", "orders")), (1, 0));
    assert_eq!(timed("Pg::write", ("Kind", "write")), (2, 1));
    assert_eq!(timed("Pg::write", ("Kind", "read")), (0, 0));
    assert_eq!(timed("Pg::write", ("n", "5")), (1, 0));
    assert_eq!(timed("Pg::braces", ("Table", "orders")), (1, 0));
    assert_eq!(timed("Pg::skipped", ("Table", "orders")), (0, 0));
    assert_eq!(all.metric("Named").with("Table", "orders").with("Kind", "read").calls().count(), 1);

    let calls = |name: &str| {
        let function = format!("{here}::{name}");
        (all.metric("Duration").with("Function", &function).calls().count(), all.metric("Calls").with("Function", &function).count())
    };
    assert_eq!(calls("Pg::new"), (1, 0));
    assert_eq!(calls("Pg::write"), (2, 2));
    assert_eq!(calls("Pg::skipped"), (0, 1));
    assert_eq!(calls("<Pg as Store>::get"), (2, 0));
    assert_eq!(calls("<Pg as Store>::id"), (0, 0));
    assert_eq!((calls("Made::made"), calls("Made::item"), calls("Made::plain")), ((1, 0), (1, 0), (1, 0)));
    assert_eq!(calls("<&[u8] as Deep>::deep"), (1, 0));
}
