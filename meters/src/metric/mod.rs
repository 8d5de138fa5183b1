//! Metrics of the user's own, as the attributes take them: `metric = …`.

mod counted;
mod handle;
mod labelled;
mod timed;

pub use counted::Counted;
pub use handle::Handle;
pub(crate) use handle::Watched;
use handle::{Judged, Off, Timing};
use labelled::Labelled;
pub use timed::Timed;
use timed::Unjudged;

/// Nobody else decides what counts and what is timed: more kinds may come.
pub trait Sealed {}

/// What stands around a metric says nothing of it.
macro_rules! through {
    ($role:ident { $($items:tt)* }) => {
        impl<T: $role + ?Sized> $role for &T { $($items)* }
        impl<T: $role + ?Sized> $role for std::boxed::Box<T> { $($items)* }
        impl<T: $role + ?Sized> $role for std::rc::Rc<T> { $($items)* }
        impl<T: $role + ?Sized> $role for std::sync::Arc<T> { $($items)* }
        impl<T: $role, F: FnOnce() -> T> $role for std::sync::LazyLock<T, F> { $($items)* }
    };
}
use through;

through! { Sealed {} }

impl Sealed for meters_core::Counter {}
impl Sealed for meters_core::FloatCounter {}
impl Sealed for meters_core::Gauge {}
impl Sealed for meters_core::Histogram {}
impl Sealed for meters_core::Meter {}
impl Sealed for meters_core::Monitor {}
impl Sealed for meters_core::Summary {}

/// `#[metered(metric = …)]`
#[doc(hidden)]
#[inline]
pub fn count<M: Counted + ?Sized>(metric: &M) {
    metric.count();
}

/// `#[monitored(metric = …)]`
#[doc(hidden)]
#[inline]
pub fn handle<M: Timed + ?Sized>(metric: &M) -> M::Handle {
    metric.handle()
}

/// The same beside `dimensions(…)`.
#[doc(hidden)]
#[inline]
pub fn member<M: Labelled + ?Sized, V: meters_core::Values>(
    metric: &M,
    site: &'static meters_core::MemberSite,
    values: V,
) -> M::Member {
    metric.member(site, values)
}

/// The same beside arguments that ask how a call ends.
#[doc(hidden)]
#[inline]
pub fn with_outcomes<H: Judged>(handle: H) -> meters_core::Monitor {
    handle.monitor()
}

/// `timed!(metric = …, { … })`
#[doc(hidden)]
#[inline]
pub fn timer<M: Timed<Handle: Unjudged> + ?Sized>(metric: &M) -> Timing {
    metric.handle().enter()
}

/// A call whose `when` is false.
#[doc(hidden)]
#[inline]
pub fn off<C: Off>() -> C {
    C::off()
}
