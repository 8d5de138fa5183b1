//! Functions in scopes that mislead, and functions made by macros.

use meters::monitored;

use super::stage::{Shape, rest, run, shape, spend};

/// Modules and items that are called as ours and the prelude's are.
#[allow(dead_code, non_upper_case_globals, non_camel_case_types)]
mod shadowed {
    use super::{monitored, rest, spend};
    mod std {}
    mod core {}
    mod alloc {}
    type str = u8;
    struct Result;
    struct Option;
    struct String;
    const Ok: u32 = 1;
    const Err: u32 = 1;
    const Some: u32 = 1;
    const None: u32 = 1;
    const SITE: u32 = 4;

    #[monitored(dimensions(Site = SITE, Text = %SITE))]
    pub(super) fn plain() -> ::core::result::Result<u32, u8> {
        spend();
        ::core::result::Result::Err(1)
    }

    #[monitored]
    pub(super) async fn asynchronous() -> ::core::result::Result<u32, u8> {
        rest().await;
        ::core::result::Result::Err(1)
    }
}

mod renamed {
    pub(super) use meters as inner;
}

macro_rules! made {
    ($name:ident, $type:ty, $body:block, $value:expr, $literal:literal) => {
        #[monitored(dimensions(Value = $value, Literal = $literal))]
        fn $name() -> $type $body
    };
}
made!(made, Result<u32, String>, { spend(); Ok(1) }, 3 + 4, "text");

macro_rules! item {
    ($item:item) => {
        #[monitored]
        $item
    };
}
item! {
    fn as_item() -> u32 {
        spend();
        1
    }
}

macro_rules! block {
    ($type:ty, $($body:tt)*) => {
        #[monitored]
        impl $type { $($body)* }
    };
}
struct Made;
block!(
    Made,
    fn of_block(&self) {
        spend();
    }
);

pub(crate) const SHAPES: &[Shape] = &[
    shape("shadowed `std`, `core`, `Ok`, `Err`, `Some`, `None`, `Result`", "1 error", || _ = shadowed::plain()),
    shape("the same, async", "1 error", || _ = run(shadowed::asynchronous())),
    shape("arguments called like our own variables", "1 ok", || {
        #[monitored(dimensions(__meters_call))]
        fn names(__meters_call: u32, __meters_result: u32, call: u32) -> Result<u32, String> {
            spend();
            Ok(__meters_call + __meters_result + call)
        }
        assert_eq!(names(1, 2, 3).unwrap(), 6);
    }),
    shape("raw identifiers", "1 ok", || {
        #[monitored(dimensions(r#type))]
        fn r#match(r#type: u32) -> Result<u32, String> {
            spend();
            Ok(r#type)
        }
        assert_eq!(r#match(1).unwrap(), 1);
    }),
    shape("another path of the crate", "1 error", || {
        #[renamed::inner::monitored(crate = renamed::inner, name = "Renamed", dimensions(%number))]
        fn renamed(number: u32) -> Result<u32, u32> {
            spend();
            Err(number)
        }
        assert_eq!(renamed(1), Err(1));
    }),
    shape("made by `macro_rules!`, from fragments", "1 ok", || assert_eq!(made().unwrap(), 1)),
    shape("an `$item:item`", "1 ok", || assert_eq!(as_item(), 1)),
    shape("an `impl` block made by `macro_rules!`", "1 ok", || Made.of_block()),
];
