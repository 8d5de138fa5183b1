//! One value, sent at once.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use meters_core::{Dimension, DimensionValue, Dimensions, Error, MetricName, Resolution, Unit, is_sendable};

use crate::export::cloudwatch::{Datum, DatumValue};
use crate::flusher::Flusher;

/// How long it may take unless told.
const TIMEOUT: Duration = Duration::from_secs(10);

/// One value on its way; made by [`put_now`](crate::put_now).
#[must_use = "nothing is sent until `send()`"]
pub struct PutNow {
    flusher: Option<Arc<Flusher>>,
    name: String,
    value: f64,
    unit: Unit,
    resolution: Resolution,
    dimensions: Result<Dimensions, Error>,
    timeout: Duration,
}

impl PutNow {
    pub(crate) fn new(flusher: Option<Arc<Flusher>>, name: &str, value: f64) -> Self {
        Self {
            flusher,
            name: name.to_owned(),
            value,
            unit: Unit::None,
            resolution: Resolution::Standard,
            dimensions: Ok(Dimensions::new()),
            timeout: TIMEOUT,
        }
    }

    /// The unit of the value, [`Unit::None`] unless told.
    pub fn unit(mut self, unit: Unit) -> Self {
        self.unit = unit;
        self
    }

    /// How finely CloudWatch stores it.
    pub fn resolution(mut self, resolution: Resolution) -> Self {
        self.resolution = resolution;
        self
    }

    /// One more dimension. The value is cleaned as [`Dimension::cleaned_value`] says.
    pub fn dimension(mut self, name: &str, value: impl DimensionValue) -> Self {
        self.dimensions = self.dimensions.and_then(|dimensions| {
            let dimension = value.with_str(|value| Dimension::new(name, Dimension::cleaned_value(value)))?;
            dimensions.with(dimension)
        });
        self
    }

    /// How long it may take; 10 s unless told.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sends it.
    ///
    /// # Errors
    /// [`Error::is_configuration`] where nothing was started, [`Error::is_invalid_input`] for a name, dimension or value that
    /// CloudWatch would refuse, [`Error::is_timeout`], and [`Error::is_export`] with CloudWatch's own words.
    pub fn send(self) -> Result<(), Error> {
        let timeout = self.timeout;
        let (flusher, datum) = self.parts()?;
        flusher.put(datum, timeout)
    }

    /// As [`send`](Self::send), for async code of any runtime.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn send_async(self) -> Result<(), Error> {
        let timeout = self.timeout;
        let (flusher, datum) = self.parts()?;
        flusher.put_async(datum, timeout).await
    }

    fn parts(self) -> Result<(Arc<Flusher>, Box<Datum>), Error> {
        let name = MetricName::new(self.name)?;
        if !is_sendable(self.value) {
            let value = self.value;
            return Err(Error::invalid_input(format!(
                "CloudWatch takes finite numbers up to ±2^360, and {value} is none"
            )));
        }
        let datum = Datum {
            name: name.as_str().to_owned(),
            dimensions: self.dimensions?,
            unit: self.unit,
            resolution: self.resolution,
            timestamp: SystemTime::now(),
            value: DatumValue::Value(self.value),
        };
        let unstarted = || Error::configuration("nothing is exporting: call `meters::namespace(\"…\").start()` first");
        let flusher = self.flusher.ok_or_else(unstarted)?;
        if flusher.is_closed() {
            return Err(Error::configuration("exporting was shut down: start again"));
        }
        Ok((flusher, Box::new(datum)))
    }
}
