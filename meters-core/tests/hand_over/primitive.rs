//! loom's counterpart of `src/primitive.rs`.

pub(crate) use loom::hint::spin_loop;
pub(crate) use loom::sync::{Mutex, MutexGuard, atomic};
pub(crate) use loom::thread::yield_now;
pub(crate) use std::sync::PoisonError;

use atomic::{AtomicPtr, Ordering};

macro_rules! shared {
    (static $name:ident: $type:ty = $value:expr) => {
        loom::lazy_static! {
            static ref $name: $type = $value;
        }
    };
}
pub(crate) use shared;

/// loom has none. As the hot path uses it: written by one thread, read by others. What it holds is never freed.
pub(crate) struct OnceLock<T>(AtomicPtr<T>);

impl<T: 'static> OnceLock<T> {
    pub(crate) fn new() -> Self {
        Self(AtomicPtr::new(std::ptr::null_mut()))
    }

    #[allow(unsafe_code)]
    pub(crate) fn get(&self) -> Option<&'static T> {
        // SAFETY: it points to nothing, or to what was leaked.
        unsafe { self.0.load(Ordering::Acquire).as_ref() }
    }

    pub(crate) fn get_or_init(&self, make: impl FnOnce() -> T) -> &'static T {
        self.get().unwrap_or_else(|| {
            let made = Box::leak(Box::new(make()));
            self.0.store(made, Ordering::Release);
            made
        })
    }
}
