//! Other attributes above and below.

use std::process::ExitCode;

use meters::{metered, monitored};

use super::stage::{Shape, rest, run, send, shape, spend};

type E = Box<dyn std::error::Error + Send + Sync>;

pub(crate) const SHAPES: &[Shape] = &[
    shape("`#[inline]`, `#[must_use]`, `#[cold]`, above and below", "2 ok", || {
        #[inline]
        #[must_use]
        #[monitored]
        fn below() -> u32 {
            spend();
            1
        }
        #[monitored]
        #[inline(never)]
        #[cold]
        fn above() -> u32 {
            spend();
            1
        }
        assert_eq!(below() + above(), 2);
    }),
    shape("`#[track_caller]`", "1 ok", || {
        #[monitored]
        #[track_caller]
        fn line() -> u32 {
            spend();
            std::panic::Location::caller().line()
        }
        assert_eq!(line(), line!());
    }),
    shape("`#[tokio::main]` above", "1 error", || {
        #[tokio::main(flavor = "current_thread")]
        #[monitored]
        async fn main() -> Result<(), E> {
            rest().await;
            Err("no".into())
        }
        assert!(main().is_err());
    }),
    shape("`#[tokio::main]` below", "1 error", || {
        #[monitored]
        #[tokio::main(flavor = "current_thread")]
        async fn main() -> Result<(), E> {
            rest().await;
            Err("no".into())
        }
        assert!(main().is_err());
    }),
    shape("`#[tracing::instrument]` above and below", "2 error", || {
        #[tracing::instrument]
        #[monitored]
        fn above(text: &str) -> Result<u32, E> {
            spend();
            Ok(text.parse()?)
        }
        #[monitored]
        #[tracing::instrument(skip(text))]
        fn below(text: &str) -> Result<u32, E> {
            spend();
            Ok(text.parse()?)
        }
        assert!(above("x").is_err() && below("x").is_err());
    }),
    shape("the same, async", "2 error", || {
        #[tracing::instrument]
        #[monitored]
        async fn above(text: &str) -> Result<u32, E> {
            rest().await;
            Ok(text.parse()?)
        }
        #[monitored]
        #[tracing::instrument(skip(text))]
        async fn below(text: &str) -> Result<u32, E> {
            rest().await;
            Ok(text.parse()?)
        }
        assert!(run(send(above("x"))).is_err() && run(send(below("x"))).is_err());
    }),
    shape("both attributes, either way round", "2 ok, 2 event", || {
        #[metered]
        #[monitored]
        fn one() {
            spend();
        }
        #[monitored]
        #[metered]
        fn other() {
            spend();
        }
        one();
        other();
    }),
    shape("`ExitCode`", "1 ok, 1 error", || {
        #[monitored]
        fn main(fine: bool) -> ExitCode {
            spend();
            if fine { ExitCode::SUCCESS } else { ExitCode::from(3) }
        }
        let _ = (main(true), main(false));
    }),
    shape("a reference and a box of a `Result`", "2 error", || {
        #[monitored]
        fn lent(result: &Result<u32, E>) -> &Result<u32, E> {
            spend();
            result
        }
        #[monitored]
        fn boxed() -> Box<Result<u32, E>> {
            spend();
            Box::new(Err("no".into()))
        }
        assert!(lent(&Err("no".into())).is_err() && boxed().is_err());
    }),
];
