//! The exporter to CloudWatch where the feature is off: its types without a value, so that nobody ever has one.

use std::time::{Duration, Instant};

use meters_core::Error;
use meters_core::storage::Drain;

use crate::export::FlushReport;
use crate::said::Said;

/// No request is made.
pub(crate) const ATTEMPT: Duration = Duration::ZERO;

#[derive(Clone)]
pub(crate) enum Exit {}

#[derive(Clone)]
pub(crate) enum Client {}

pub(crate) enum CloudWatch {}

pub(crate) enum Datum {}

pub(crate) enum Cause {
    Interval,
    Asked,
}

impl Exit {
    pub(crate) fn read_back(&self) -> Option<Duration> {
        match *self {}
    }

    pub(crate) async fn connect(&self) -> Result<Client, Error> {
        match *self {}
    }

    pub(crate) async fn reconnect(&self) -> Result<Client, Error> {
        match *self {}
    }

    pub(crate) fn exporter(&self) -> CloudWatch {
        match *self {}
    }
}

impl CloudWatch {
    pub(crate) fn connect(&mut self, _: Client) {
        match *self {}
    }

    pub(crate) fn is_connected(&self) -> bool {
        match *self {}
    }

    pub(crate) fn settings(&self) -> &Said {
        match *self {}
    }

    pub(crate) fn ready(&self) -> Option<Instant> {
        match *self {}
    }

    pub(crate) async fn drain(&mut self, _: &mut dyn Drain, _: Cause, _: Instant) -> FlushReport {
        match *self {}
    }

    pub(crate) async fn retire(&mut self, _: &mut dyn Drain, _: Instant) {
        match *self {}
    }

    pub(crate) fn interrupted(&mut self) -> FlushReport {
        match *self {}
    }

    pub(crate) async fn send_one(&self, _: Datum, _: Instant) -> Result<(), Error> {
        match *self {}
    }
}
