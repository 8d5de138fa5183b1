//! Types of the standard library: those that may be errors, and those that never are.

use std::ops::ControlFlow;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;

use super::Outcome;

impl<T, E> Outcome for Result<T, E> {
    #[inline]
    fn is_error(&self) -> bool {
        self.is_err()
    }
}

/// Ready with an error; one that is pending has not ended.
impl<T: Outcome> Outcome for Poll<T> {
    #[inline]
    fn is_error(&self) -> bool {
        matches!(self, Poll::Ready(value) if value.is_error())
    }
}

/// `Break` is an error, as `?` treats it.
impl<B, C> Outcome for ControlFlow<B, C> {
    #[inline]
    fn is_error(&self) -> bool {
        self.is_break()
    }
}

/// Any code but that of success.
impl Outcome for ExitCode {
    fn is_error(&self) -> bool {
        // It cannot be compared, but it shows the number; were it to show none, all would be alike, and none an error.
        format!("{self:?}") != format!("{:?}", ExitCode::SUCCESS)
    }
}

macro_rules! through {
    ($($type:ty),*) => {$(
        /// As what is inside.
        impl<T: Outcome + ?Sized> Outcome for $type {
            #[inline]
            fn is_error(&self) -> bool {
                (**self).is_error()
            }
        }
    )*};
}

through!(&T, &mut T, Box<T>, Rc<T>, Arc<T>);

macro_rules! never {
    ($([$($generics:tt)*] $type:ty),* $(,)?) => {$(
        /// Never an error.
        impl<$($generics)*> Outcome for $type {
            #[inline]
            fn is_error(&self) -> bool {
                false
            }
        }
    )*};
}

never!([] (), [] bool, [] char, [] str, [] String, [T] Option<T>, [T] Vec<T>, [T] [T], [T, const N: usize] [T; N]);
never!([] u8, [] u16, [] u32, [] u64, [] u128, [] usize, [] i8, [] i16, [] i32, [] i64, [] i128, [] isize, [] f32, [] f64);
never!([A, B](A, B), [A, B, C](A, B, C), [A, B, C, D](A, B, C, D), [A, B, C, D, E](A, B, C, D, E));
never!([A, B, C, D, E, F](A, B, C, D, E, F), [A, B, C, D, E, F, G](A, B, C, D, E, F, G));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_told_apart() {
        assert!(!ExitCode::SUCCESS.is_error());
        assert!(!ExitCode::from(0).is_error());
        assert!(ExitCode::FAILURE.is_error());
        assert!(ExitCode::from(2).is_error());
        assert!(ExitCode::from(255).is_error());
    }

    #[test]
    fn what_never_is_and_what_is_inside() {
        assert!(!().is_error() && !false.is_error() && !"".is_error() && !None::<u8>.is_error());
        assert!(!vec![Err::<u8, u8>(1)].is_error() && !(1, Err::<u8, u8>(1)).is_error() && ![0u8; 2].is_error());
        assert!(Box::new(Err::<u8, u8>(1)).is_error() && Arc::new(ControlFlow::<u8>::Break(1)).is_error());
        assert!(<&Result<u8, u8>>::is_error(&&Err(1)) && Poll::Ready(Err::<u8, u8>(1)).is_error());
    }
}
