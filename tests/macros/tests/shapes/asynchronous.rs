//! Async functions.

use std::rc::Rc;

use meters::{metered, monitored};

use super::stage::{Shape, abandon, caught, panic, rest, run, send, shape};

type E = Box<dyn std::error::Error + Send + Sync>;

pub(crate) const SHAPES: &[Shape] = &[
    shape("nothing returned", "1 ok", || {
        #[monitored]
        async fn unit() {
            rest().await;
        }
        run(send(unit()));
    }),
    shape("`?` and early `return`", "1 ok, 2 error", || {
        #[monitored]
        async fn parsed(text: &str) -> Result<u32, E> {
            rest().await;
            if text.is_empty() {
                return Err("empty".into());
            }
            Ok(text.parse()?)
        }
        let _ = (run(send(parsed(""))), run(parsed("x")), run(parsed("1")));
    }),
    shape("dropped while it waits", "1 cancelled", || {
        #[monitored]
        async fn waits() -> Result<u32, E> {
            rest().await;
            Ok(1)
        }
        abandon(waits());
    }),
    shape("never polled", "", || {
        #[monitored]
        async fn unpolled() {}
        drop(unpolled());
    }),
    shape("a panic after an await", "1 panic", || {
        #[monitored]
        async fn panics() -> Result<u32, E> {
            rest().await;
            panic()
        }
        caught(|| _ = run(panics()));
    }),
    shape("`-> !`, dropped", "1 cancelled", || {
        #[monitored]
        async fn never() -> ! {
            loop {
                rest().await;
            }
        }
        abandon(never());
    }),
    shape("generics and references", "1 ok", || {
        #[monitored(dimensions(text))]
        async fn generic<'a, T: Default + Send>(text: &'a str, other: &mut String) -> Result<(&'a str, T), E> {
            rest().await;
            other.push_str(text);
            Ok((text, T::default()))
        }
        assert_eq!(run(send(generic::<u32>("a", &mut String::new()))).unwrap(), ("a", 0));
    }),
    shape("not `Send`", "1 ok", || {
        #[monitored]
        async fn not_send() -> Result<u32, E> {
            let kept = Rc::new(1);
            rest().await;
            Ok(*kept)
        }
        assert_eq!(run(not_send()).unwrap(), 1);
    }),
    shape("arguments moved across an await", "1 ok", || {
        #[monitored(dimensions(text, Length = text.len()))]
        async fn moved(text: String) -> Result<String, E> {
            rest().await;
            Ok(text)
        }
        assert_eq!(run(send(moved("abc".to_owned()))).unwrap(), "abc");
    }),
    shape("`-> impl Iterator`", "1 ok", || {
        #[monitored]
        async fn doubled(most: u32) -> impl Iterator<Item = u32> {
            rest().await;
            (0..most).map(|number| number * 2)
        }
        assert_eq!(run(doubled(3)).sum::<u32>(), 6);
    }),
    shape("recursion through a box", "3 ok", || {
        #[monitored]
        async fn recursive(number: u32) -> Result<u32, E> {
            rest().await;
            if number == 0 { Ok(0) } else { Box::pin(recursive(number - 1)).await }
        }
        assert_eq!(run(recursive(2)).unwrap(), 0);
    }),
    shape("one in another", "1 ok, 1 error", || {
        #[monitored]
        async fn inner() -> Result<u32, E> {
            rest().await;
            Err("no".into())
        }
        #[monitored]
        async fn outer() -> u32 {
            inner().await.unwrap_or(1)
        }
        assert_eq!(run(outer()), 1);
    }),
    shape("`#[metered]`, at the first poll", "1 event", || {
        #[metered]
        async fn metered() {
            rest().await;
        }
        drop(metered());
        run(metered());
    }),
];
