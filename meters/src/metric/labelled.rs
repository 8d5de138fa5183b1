//! What has a handle for each set of values.

use meters_core::{Family, Handle, MemberSite, Values};

use super::{Sealed, through};

/// A [`Family`], whose dimensions an attribute lists.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "the dimensions of `{Self}` are said where it is made",
    label = "remove it here, or let `metric` be a `Family`",
    note = "a `Family` is made by `meters::counter(\"Name\").labels([\"code\"]).family()`"
)]
pub trait Labelled: Sealed {
    /// What it is a family of.
    type Member;

    fn member<V: Values>(&self, site: &'static MemberSite, values: V) -> Self::Member;
}

impl<H> Sealed for Family<H> {}

impl<H: Handle> Labelled for Family<H> {
    type Member = H;

    #[inline]
    fn member<V: Values>(&self, site: &'static MemberSite, values: V) -> H {
        site.of(self, values)
    }
}

through! { Labelled {
    type Member = T::Member;

    #[inline]
    fn member<V: Values>(&self, site: &'static MemberSite, values: V) -> T::Member {
        (**self).member(site, values)
    }
} }
