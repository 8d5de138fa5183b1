//! What all series of one metric share, as storage writes it down and reads it back in another process.

use std::fmt;
use std::sync::Arc;

use super::series::{Metric, Packed};
use super::{Across, Dimension, Dimensions, Kind, MetricName, Resolution, Said, Series, Shape, Unit, policy};

/// Name, kind, unit, resolution and the names of the dimensions: what the series of one metric have in common.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Identity(&'static Metric);

/// The parts of an [`Identity`] that this process may not know.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Foreign<'a> {
    /// The metric's name.
    pub name: &'a str,
    /// What is counted or measured.
    pub kind: Kind,
    /// The unit it is reported in.
    pub unit: Unit,
    /// How finely CloudWatch stores it.
    pub resolution: Resolution,
    /// The user chose the name.
    pub named: bool,
    /// The names of the dimensions, rising.
    pub keys: &'a [&'a str],
}

impl Foreign<'_> {
    /// What CloudWatch would refuse in it, or no process of ours would say.
    ///
    /// # Errors
    /// Why it is no metric.
    pub fn check(&self) -> Result<(), &'static str> {
        if !MetricName::is_valid(self.name) {
            return Err("a name that no metric has");
        }
        if self.keys.len() > Dimensions::MAX || !self.keys.iter().all(|key| Dimension::is_valid_name(key)) {
            return Err("dimensions that no metric has");
        }
        if !self.keys.is_sorted_by(|one, next| one < next) {
            return Err("dimensions that are in no order");
        }
        Ok(())
    }
}

impl Identity {
    /// That of a series.
    pub fn of(series: &Series) -> Self {
        Self(series.metric)
    }

    /// That of these parts, checked by [`Foreign::check`]. It stays for the life of the process: `None` where so much was
    /// kept already of what this process does not record itself that there is no room for more.
    pub fn adopt(foreign: &Foreign<'_>) -> Option<Self> {
        let &Foreign { name, kind, unit, resolution, named, keys } = foreign;
        let keys = keys.iter().map(|key| (*key).into()).collect();
        Metric { name: name.into(), kind, unit, resolution, named, keys }.intern_foreign().map(Self)
    }

    /// What tells it from others, in this process.
    pub fn address(self) -> usize {
        std::ptr::from_ref(self.0).addr()
    }

    /// The metric's name.
    pub fn name(self) -> &'static str {
        &self.0.name
    }

    /// What is counted or measured.
    pub fn kind(self) -> Kind {
        self.0.kind
    }

    /// The unit it is reported in.
    pub fn unit(self) -> Unit {
        self.0.unit
    }

    /// How finely CloudWatch stores it.
    pub fn resolution(self) -> Resolution {
        self.0.resolution
    }

    /// Whether the user chose the name.
    pub fn named(self) -> bool {
        self.0.named
    }

    /// The names of the dimensions, rising.
    pub fn keys(self) -> impl ExactSizeIterator<Item = &'static str> {
        self.0.keys.iter().map(|key| &**key)
    }

    /// On what the lattice of its distributions stands; see [`Distribution::origin`](crate::Distribution::origin).
    pub fn origin(self) -> f64 {
        origin(self.0.kind, self.0.unit)
    }

    /// The series with these values, which are checked by [`are_values`](Self::are_values).
    pub fn series(self, values: Arc<str>) -> Series {
        Series { metric: self.0, values: Packed::Shared(values) }
    }

    /// Whether these are packed values of so many dimensions: each as [`Dimension::is_valid_value`] has it.
    pub fn are_values(values: &[u8], keys: usize) -> bool {
        if keys == 0 {
            return values.is_empty();
        }
        let (mut count, mut length, mut blank) = (1, 0, true);
        for byte in values {
            match byte {
                0x1f if blank => return false,
                0x1f => (count, length, blank) = (count + 1, 0, true),
                b' '..=b'~' if length < Dimension::MAX_VALUE_LEN => {
                    length += 1;
                    blank &= *byte == b' ';
                }
                _ => return false,
            }
        }
        count == keys && !blank
    }

    /// What is said of its series: of a function, or of all (""). By rising function.
    pub fn said(self) -> Vec<(Box<str>, Said<'static>)> {
        let mut all: Vec<_> = self.0.said().into_iter().map(|(function, policy)| (function, policy.said())).collect();
        all.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        all
    }

    /// Hears of its series what another process says; each part, unless that was said here before. It is kept for the life of
    /// the process: false where there is no room for it.
    pub fn hear(self, function: &str, said: &Said<'_>) -> bool {
        self.0.hear(function, said)
    }
}

/// On what the lattice stands, in a metric of this kind and unit.
fn origin(kind: Kind, unit: Unit) -> f64 {
    match kind {
        Kind::Calls => 1e9,
        Kind::Histogram => unit.per_second().unwrap_or(1.0),
        _ => 1.0,
    }
}

impl Foreign<'_> {
    /// On what the lattice of its distributions stands.
    pub fn origin(&self) -> f64 {
        origin(self.kind, self.unit)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Series {
    /// The values of the dimensions, packed as [`Identity::are_values`] knows them.
    #[doc(hidden)]
    pub fn packed(&self) -> &str {
        &self.values
    }

    /// Whether no exporter shows it, how it is shown, and what it is: what [`Series`] tells one by one, at once.
    #[doc(hidden)]
    pub fn shown(&self) -> (bool, Option<&'static Shape>, Option<&'static str>) {
        let said = self.metric.policy(&self.values);
        (said.internal, said.shape, said.description)
    }

    /// How often something new was said of any metric: what [`shown`](Self::shown) told is as it was while this is.
    #[doc(hidden)]
    pub fn said() -> usize {
        policy::said()
    }

    /// The same with one dimension more, unless it has one of that name; what was said of the metric is said of that, too.
    #[doc(hidden)]
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Series {
        let place = self.metric.keys.partition_point(|key| **key < *name);
        if self.metric.keys.get(place).is_some_and(|key| **key == *name) || self.metric.keys.len() >= Dimensions::MAX {
            return self.clone();
        }
        let mut keys: Vec<&str> = self.metric.keys.iter().map(AsRef::as_ref).collect();
        keys.insert(place, name);
        let value = Dimension::cleaned_value(value);
        let mut values: Vec<&str> = self.dimensions().map(|(_, value)| value).collect();
        values.insert(place, &value);
        let metric = self.metric.keyed(&keys);
        metric.adopt(self.metric.function(&self.values), self.metric.policy(&self.values));
        Series { metric, values: Packed::Shared(values.join("\u{1f}").into()) }
    }

    /// What was said of how this gauge is told across processes.
    #[doc(hidden)]
    pub fn across(&self) -> Option<Across> {
        self.metric.policy(&self.values).across
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Level, Value, Window};
    use std::time::{Duration, UNIX_EPOCH};

    fn foreign<'a>(name: &'a str, keys: &'a [&'a str]) -> Foreign<'a> {
        let (kind, unit, resolution) = (Kind::Counter, Unit::Count, Resolution::Standard);
        Foreign { name, kind, unit, resolution, named: true, keys }
    }

    #[test]
    fn what_no_metric_is_is_refused() {
        assert_eq!(foreign("Fine", &["A", "B"]).check(), Ok(()));
        let long = "x".repeat(256);
        for (name, keys) in [
            ("", &["A"][..]),
            ("a\nb", &[]),
            (&long, &[]),
            ("Fine", &["B", "A"]),
            ("Fine", &["A", "A"]),
            ("Fine", &[":A"]),
            ("Fine", &["A\u{1f}B"]),
            ("Fine", &[""]),
            ("Fine", &["A"; 31]),
        ] {
            assert!(foreign(name, keys).check().is_err(), "{name} {keys:?}");
        }
    }

    #[test]
    fn values_are_as_many_as_keys_and_each_is_one() {
        for (values, keys, are) in [
            ("", 0, true),
            ("a", 0, false),
            ("a", 1, true),
            ("", 1, false),
            ("a\u{1f}b", 2, true),
            ("a\u{1f}b", 1, false),
            ("a\u{1f}", 2, false),
            ("\u{1f}", 2, false),
            ("é", 1, false),
            (" ", 1, false),
            (" a\u{1f} ", 2, false),
            (&"x".repeat(1024), 1, true),
            (&"x".repeat(1025), 1, false),
        ] {
            assert_eq!(Identity::are_values(values.as_bytes(), keys), are, "{values:?} {keys}");
            let each = values.split('\u{1f}').filter(|value| Dimension::is_valid_value(value)).count();
            assert_eq!(
                are,
                if keys == 0 { values.is_empty() } else { each == keys && each == values.split('\u{1f}').count() }
            );
        }
    }

    #[test]
    fn each_part_that_is_said_first_is_heard() {
        let metric = Identity::adopt(&foreign("IdentitySaid", &[])).unwrap();
        let (buckets, quantiles) = (Shape::Buckets([1.0].into()), Shape::Quantiles([0.5].into()));
        let first = Said { description: Some("What it is"), internal: true, ..Said::NOTHING };
        let second = Said { description: Some("Else"), shape: Some(&buckets), ..Said::NOTHING };
        let third = Said { shape: Some(&quantiles), level: Some(Level::Debug), ..Said::NOTHING };
        assert!([first, second, third].iter().all(|said| metric.hear("", said)));
        let series = metric.series("".into());
        assert_eq!((series.description(), series.shape()), (Some("What it is"), Some(&buckets)));
        assert_eq!((series.is_internal(), series.level()), (true, Level::Debug));
        let all = Said { shape: Some(&buckets), level: Some(Level::Debug), ..first };
        assert_eq!(metric.said(), [("".into(), all)]);
    }

    #[test]
    fn a_metric_of_another_process_is_rolled_up_as_it_was_there() {
        let metric = Identity::adopt(&foreign("IdentityRolled", &["Route", "Tenant"])).unwrap();
        let rolled = |keys: &[&str]| metric.hear("", &Said { rollups: &[keys], ..Said::NOTHING });
        assert!(rolled(&["Route"]) && rolled(&["Tenant"]), "the first is heard");
        assert_eq!(metric.said(), [("".into(), Said { rollups: &[&["Route"]], ..Said::NOTHING })]);
        let items = ["a\u{1f}1", "a\u{1f}2"].map(|values| (metric.series(values.into()), Value::Counter(2)));
        let window = Window::from_parts(UNIX_EPOCH, UNIX_EPOCH, Duration::ZERO, items.into());
        let parents: Vec<_> = window.rolled_up().iter().map(|(series, value)| format!("{series} {value:?}")).collect();
        assert_eq!(parents, ["IdentityRolled{Route=\"a\"} Counter(4)"]);
    }
}
