//! Model, instruments and registry of [`meters`](https://docs.rs/meters): what is recorded, and how.
//!
//! Users name `meters`; this crate is for those who write exporters or storage. No I/O happens here.
#![deny(unsafe_code)]

pub mod clock;
mod error;
#[doc(hidden)]
pub mod fork;
mod instrument;
mod model;
mod primitive;
#[doc(hidden)]
pub mod process;
mod registry;
pub mod storage;

pub use error::Error;
#[doc(hidden)]
pub use instrument::UnderWay;
pub use instrument::{Counter, FloatCounter, Gauge, Histogram, Meter, Summary, Timer, refused};
pub use model::{
    Across, Bucket, Buckets, Calls, Dimension, DimensionValue, Dimensions, Distinct, Distribution, Ended, Exemplar,
    Kind, Level, MetricName, Namespace, Query, Recent, Resolution, Series, Shape, Snapshot, StatisticSet, Unit,
    VALUE_LIMIT, Value, Window, is_sendable, lattice,
};
#[doc(hidden)]
pub use model::{Foreign, Identity, Parts, Said};
#[doc(hidden)]
pub use registry::is_on;
pub use registry::{
    AsyncCall, Call, CallSite, Clicks, CounterSite, Family, FloatCounterSite, FullCall, GaugeSite, Handle,
    HistogramSite, Labels, LinkState, MemberSite, MeterSite, Monitor, OwnSite, Polling, Putting, Reader, Register,
    RegisterClicks, RegisterLink, Registry, Rename, Run, Seat, Slot, SummarySite, Values, dimension,
};
