//! What can be the value of a dimension.

use std::borrow::Cow;
use std::fmt::Write;
use std::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU8, NonZeroU16, NonZeroU32,
    NonZeroU64, NonZeroU128, NonZeroUsize,
};
use std::rc::Rc;
use std::sync::Arc;

/// A type whose values can be those of a dimension: texts, whole numbers, `bool`, `char`, and enums that derive
/// `Dimension`.
///
/// None of them allocates. A type that knows all its values beforehand says so in [`VALUES`](Self::VALUES): a site whose
/// dimensions are all of such types finds its series by an array index, without hashing.
///
/// ```
/// # use meters_core as meters;
/// use meters::DimensionValue;
/// assert_eq!(42u16.with_str(str::to_owned), "42");
/// assert_eq!(bool::VALUES, ["false", "true"]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of a dimension",
    label = "a text, a whole number, `bool`, `char` or an enum that derives `Dimension` is wanted",
    note = "derive `Dimension` for an enum without fields",
    note = "of anything else write `Key = %value` for what it displays, or `Key = ?value` for what it shows by `Debug`"
)]
pub trait DimensionValue {
    /// The closed set of values, or empty where it is open.
    const VALUES: &'static [&'static str] = &[];

    /// The place in [`VALUES`](Self::VALUES), where they are known; never beyond them.
    fn index(&self) -> usize {
        0
    }

    /// Shows the value as text, for the length of a call.
    fn with_str<R>(&self, show: impl FnOnce(&str) -> R) -> R;
}

impl DimensionValue for str {
    #[inline]
    fn with_str<R>(&self, show: impl FnOnce(&str) -> R) -> R {
        show(self)
    }
}

impl DimensionValue for String {
    #[inline]
    fn with_str<R>(&self, show: impl FnOnce(&str) -> R) -> R {
        show(self)
    }
}

macro_rules! through {
    ($($(#[$what:meta])* [$($generics:tt)*] $type:ty),* $(,)?) => {$(
        impl<$($generics)*> DimensionValue for $type {
            const VALUES: &'static [&'static str] = T::VALUES;

            #[inline]
            fn index(&self) -> usize {
                (**self).index()
            }

            #[inline]
            fn with_str<R>(&self, show: impl FnOnce(&str) -> R) -> R {
                (**self).with_str(show)
            }
        }
    )*};
}

through!([T: DimensionValue + ?Sized] &T, [T: DimensionValue + ?Sized] &mut T, [T: DimensionValue + ?Sized] Box<T>,
    [T: DimensionValue + ?Sized] Rc<T>, [T: DimensionValue + ?Sized] Arc<T>);

impl<T: DimensionValue + ToOwned + ?Sized> DimensionValue for Cow<'_, T> {
    const VALUES: &'static [&'static str] = T::VALUES;

    fn index(&self) -> usize {
        (**self).index()
    }

    fn with_str<R>(&self, show: impl FnOnce(&str) -> R) -> R {
        (**self).with_str(show)
    }
}

impl DimensionValue for bool {
    const VALUES: &'static [&'static str] = &["false", "true"];

    #[inline]
    fn index(&self) -> usize {
        usize::from(*self)
    }

    #[inline]
    fn with_str<R>(&self, show: impl FnOnce(&str) -> R) -> R {
        show(if *self { "true" } else { "false" })
    }
}

impl DimensionValue for char {
    fn with_str<R>(&self, show: impl FnOnce(&str) -> R) -> R {
        show(self.encode_utf8(&mut [0; 4]))
    }
}

/// Room for any 128-bit number.
struct Digits {
    text: [u8; 40],
    used: usize,
}

impl Write for Digits {
    fn write_str(&mut self, part: &str) -> std::fmt::Result {
        let end = self.used + part.len();
        self.text.get_mut(self.used..end).ok_or(std::fmt::Error)?.copy_from_slice(part.as_bytes());
        self.used = end;
        Ok(())
    }
}

macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl DimensionValue for $type {
            fn with_str<R>(&self, show: impl FnOnce(&str) -> R) -> R {
                let mut digits = Digits { text: [0; 40], used: 0 };
                // Cannot fail: the longest number has 40 characters.
                _ = write!(digits, "{self}");
                show(std::str::from_utf8(&digits.text[..digits.used]).unwrap_or_default())
            }
        }
    )*};
}

numbers!(u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize);
numbers!(NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64, NonZeroU128, NonZeroUsize);
numbers!(NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_numbers_fit() {
        assert_eq!(i128::MIN.with_str(str::to_owned), i128::MIN.to_string());
        assert_eq!(NonZeroI128::MIN.with_str(str::to_owned), i128::MIN.to_string());
        assert_eq!(u128::MAX.with_str(str::to_owned), u128::MAX.to_string());
    }
}
