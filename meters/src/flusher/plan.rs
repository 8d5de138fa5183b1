//! What was said in the builder.

use meters_core::{Registry, Seat};

use super::shared::Sharing;
use crate::export::cloudwatch::Exit;
use crate::said::Said;

/// Where windows come from and where they go.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) registry: Registry,
    pub(crate) said: Said,
    /// Of the reader, that a child of `fork` goes on with.
    pub(crate) seat: Seat,
    /// None: this process leaves CloudWatch to others, or to nobody.
    pub(crate) cloudwatch: Option<Exit>,
    /// Where other processes record, too.
    pub(crate) sharing: Option<Sharing>,
}
