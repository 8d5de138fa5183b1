//! Functions that are not async, by what they take.

use std::fmt::Debug;

use meters::{metered, monitored};

use super::stage::{Shape, caught, panic, shape, spend};

type E = Box<dyn std::error::Error>;

pub(crate) const SHAPES: &[Shape] = &[
    shape("no arguments, nothing returned", "1 ok", || {
        #[monitored]
        fn unit() {
            spend();
        }
        unit();
    }),
    shape("`?` and early `return`", "1 ok, 2 error", || {
        #[monitored]
        fn parsed(text: &str) -> Result<u32, E> {
            spend();
            if text.is_empty() {
                return Err("empty".into());
            }
            Ok(text.parse()?)
        }
        let _ = (parsed(""), parsed("x"), parsed("1"));
    }),
    shape("a panic passes through", "1 panic", || {
        #[monitored]
        fn panics() -> u32 {
            spend();
            panic()
        }
        caught(|| _ = panics());
    }),
    shape("a panic where a `Result` is returned", "1 panic", || {
        #[monitored]
        fn panics() -> Result<u32, E> {
            spend();
            panic()
        }
        caught(|| _ = panics());
    }),
    shape("`-> !`", "1 panic", || {
        #[monitored]
        fn never() -> ! {
            spend();
            panic()
        }
        caught(|| never());
    }),
    shape("generics, where clause, const generics", "2 ok", || {
        #[monitored]
        fn generic<T: Clone + Debug, const N: usize>(array: [T; N]) -> Result<Vec<T>, E>
        where
            T: Send,
        {
            spend();
            Ok(array.to_vec())
        }
        assert_eq!((generic([1, 2]).unwrap(), generic(["a"]).unwrap()), (vec![1, 2], vec!["a"]));
    }),
    shape("`impl Trait` and `dyn Trait` arguments", "1 ok", || {
        #[monitored]
        fn callbacks(mut one: impl FnMut(u32) -> u32, other: &mut dyn FnMut()) -> Result<u32, E> {
            other();
            Ok(one(1))
        }
        assert_eq!(callbacks(|n| n + 1, &mut spend).unwrap(), 2);
    }),
    shape("destructured, `mut` and unnamed arguments", "1 ok", || {
        struct Pair {
            x: u32,
            y: u32,
        }
        #[monitored(dimensions(a, x))]
        fn destructured((a, mut b): (u32, u32), [c, ..]: [u32; 3], Pair { x, y: z }: Pair, _: u32) -> Result<u32, E> {
            spend();
            b += 1;
            Ok(a + b + c + x + z)
        }
        assert_eq!(destructured((1, 2), [3, 4, 5], Pair { x: 6, y: 7 }, 8).unwrap(), 20);
    }),
    shape("arguments moved by the body", "1 ok", || {
        #[monitored(dimensions(text, Length = text.len()))]
        fn moved(text: String) -> Result<String, E> {
            spend();
            Ok(text)
        }
        assert_eq!(moved("abc".to_owned()).unwrap(), "abc");
    }),
    shape("named lifetimes with bounds", "1 ok", || {
        #[monitored]
        fn longer<'a, 'b: 'a>(one: &'a str, other: &'b str) -> Result<&'a str, E> {
            spend();
            Ok(if one.len() > other.len() { one } else { other })
        }
        assert_eq!(longer("a", "bc").unwrap(), "bc");
    }),
    shape("`unsafe fn`", "1 ok", || {
        /// # Safety
        /// None is needed.
        #[monitored]
        #[allow(unsafe_code, clippy::missing_safety_doc)]
        unsafe fn not_safe(number: u32) -> Result<u32, E> {
            spend();
            Ok(number)
        }
        #[allow(unsafe_code)]
        // SAFETY: it asks for nothing.
        let number = unsafe { not_safe(1) };
        assert_eq!(number.unwrap(), 1);
    }),
    shape("`extern \"C\" fn`", "1 ok", || {
        #[monitored]
        extern "C" fn foreign(number: u32) -> u32 {
            spend();
            number
        }
        let called: extern "C" fn(u32) -> u32 = foreign;
        assert_eq!(called(1), 1);
    }),
    shape("recursion", "4 ok", || {
        #[monitored]
        fn recursive(number: u32) -> Result<u32, E> {
            if number == 0 {
                spend();
                return Ok(0);
            }
            recursive(number - 1)
        }
        assert_eq!(recursive(3).unwrap(), 0);
    }),
    shape("loops with labels", "1 ok", || {
        #[monitored]
        fn labelled(most: u32) -> Result<u32, E> {
            spend();
            'outer: loop {
                for number in 0..most {
                    if number == 3 {
                        break 'outer;
                    }
                }
                return Ok(0);
            }
            Ok(3)
        }
        assert_eq!(labelled(9).unwrap(), 3);
    }),
    shape("a function in a function", "2 ok", || {
        #[monitored]
        fn outer() -> u32 {
            #[monitored]
            fn inner() -> u32 {
                spend();
                1
            }
            inner()
        }
        assert_eq!(outer(), 1);
    }),
    shape("both attributes", "1 error, 1 event", || {
        #[metered]
        #[monitored]
        fn both() -> Result<u32, E> {
            spend();
            Err("no".into())
        }
        assert!(both().is_err());
    }),
    shape("`#[metered]` alone", "2 event", || {
        #[metered(dimensions(user))]
        fn login(user: &str) -> bool {
            user == "root"
        }
        assert!(login("root") && login("root"));
    }),
    shape("`#[inline]`, `#[must_use]`, `#[cfg]` around it", "1 ok", || {
        #[inline]
        #[monitored]
        #[must_use]
        #[cfg(test)]
        fn attributed() -> u32 {
            spend();
            1
        }
        assert_eq!(attributed(), 1);
    }),
];
