//! Dimensions that stand on every series of a window: they tell whose it is before windows of several processes meet.

use foldhash::fast::RandomState;

use super::policy::Policy;
use super::series::{Metric, Packed, SEPARATOR};
use super::{Dimensions, Series, Window};

/// What a metric becomes, and where each of its new values comes from; `None` where there are too many of them.
type Become<'d> = Option<(&'static Metric, Vec<From<'d>>)>;

/// Where a value comes from.
enum From<'d> {
    Standing(&'d str),
    /// The place that it had.
    Own(usize),
}

impl Window {
    /// The same window, each of whose series carries `standing` as well: they win over its own of the same name, and are part
    /// of what each roll-up keeps. Returned beside it: series that would have more than 30 dimensions, the limit of
    /// [MetricDatum](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html), and are left out.
    ///
    /// ```
    /// use meters_core::{Dimensions, Registry};
    /// let registry = Registry::new();
    /// let mut reader = registry.reader();
    /// registry.counter("Orders").dimension("Kind", "web").register().inc(1);
    /// let standing = Dimensions::try_from_iter([("Env", "prod")]).unwrap();
    /// let (window, refused) = reader.window().with_dimensions(&standing);
    /// let (series, _) = window.iter().next().unwrap();
    /// assert_eq!(series.to_string(), "Orders{Env=\"prod\",Kind=\"web\"}");
    /// assert!(refused.is_empty());
    /// ```
    #[must_use]
    pub fn with_dimensions(self, standing: &Dimensions) -> (Window, Vec<Series>) {
        if standing.iter().next().is_none() {
            return (self, Vec::new());
        }
        let mut known: std::collections::HashMap<*const Metric, Become<'_>, RandomState> = Default::default();
        let (mut items, mut refused) = (Vec::with_capacity(self.items.len()), Vec::new());
        for (series, value) in self.items {
            let become_ = known.entry(std::ptr::from_ref(series.metric)).or_insert_with(|| of(series.metric, standing));
            match become_ {
                Some((metric, from)) => items.push((series.moved(metric, from, standing), value)),
                None => refused.push(series),
            }
        }
        (Window { items, ..self }, refused)
    }
}

fn of<'d>(metric: &'static Metric, standing: &'d Dimensions) -> Become<'d> {
    let own = metric.keys.iter().map(|key| &**key);
    let mut keys: Vec<&str> = own.chain(standing.iter().map(|(key, _)| key)).collect();
    keys.sort_unstable();
    keys.dedup();
    if keys.len() > Dimensions::MAX {
        return None;
    }
    let from = keys.iter().filter_map(|key| {
        let stands = standing.iter().find(|(name, _)| name == key).map(|(_, value)| From::Standing(value));
        stands.or_else(|| metric.keys.iter().position(|own| **own == **key).map(From::Own))
    });
    let from = from.collect();
    Some((metric.keyed(&keys), from))
}

impl Series {
    fn moved(&self, metric: &'static Metric, from: &[From<'_>], standing: &Dimensions) -> Series {
        let own: Vec<&str> = self.values.split(SEPARATOR).collect();
        let values = from.iter().map(|from| match *from {
            From::Standing(value) => value,
            From::Own(place) => own.get(place).copied().unwrap_or_default(),
        });
        let values: Vec<&str> = values.collect();
        let values = values.join("\u{1f}");
        let policy = self.metric.policy(&self.values);
        if policy != Policy::NONE && metric.policy(&values) == Policy::NONE {
            let function = metric.function(&values).unwrap_or("");
            metric.adopt(Some(function), Policy { rollups: &[], ..policy });
            let kept: Vec<Vec<&str>> = policy.rollups.iter().map(|kept| with(kept, standing)).collect();
            metric.roll_up_own(function, &kept.iter().map(Vec::as_slice).collect::<Vec<_>>());
        }
        Series { metric, values: Packed::Shared(values.into()) }
    }
}

/// What a roll-up keeps, and what stands on everything.
fn with<'d>(kept: &[&'d str], standing: &'d Dimensions) -> Vec<&'d str> {
    let more = standing.iter().map(|(key, _)| key).filter(|key| !kept.contains(key));
    kept.iter().copied().chain(more).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Resolution, Unit, Value};
    use std::time::{Duration, UNIX_EPOCH};

    fn metric(name: &str, keys: &[&str]) -> &'static Metric {
        let keys = keys.iter().map(|key| (*key).into()).collect();
        let (kind, unit, resolution) = (Kind::Counter, Unit::Count, Resolution::Standard);
        Metric { name: name.into(), kind, unit, resolution, named: true, keys }.intern()
    }

    fn window(items: Vec<(Series, Value)>) -> Window {
        Window::from_parts(UNIX_EPOCH, UNIX_EPOCH, Duration::from_secs(60), items)
    }

    fn told(items: &[(Series, Value)]) -> Vec<String> {
        items.iter().map(|(series, value)| format!("{series} {value:?}")).collect()
    }

    #[test]
    fn what_stands_is_kept_by_roll_ups() {
        let base = metric("StandingRolled", &["Function", "Route"]);
        base.adopt(Some("f"), Policy { rollups: &[&[], &["Function"]], ..Policy::NONE });
        let item = |values, count| (Series { metric: base, values: Packed::Kept(values) }, Value::Counter(count));
        let standing = Dimensions::try_from_iter([("Env", "prod")]).unwrap();
        let (window, refused) = window(vec![item("f\u{1f}a", 1), item("f\u{1f}b", 10)]).with_dimensions(&standing);
        assert!(refused.is_empty());
        let expected = [
            r#"StandingRolled{Env="prod",Function="f",Route="a"} Counter(1)"#,
            r#"StandingRolled{Env="prod",Function="f",Route="b"} Counter(10)"#,
        ];
        assert_eq!(told(&window.items), expected);
        let expected =
            [r#"StandingRolled{Env="prod"} Counter(11)"#, r#"StandingRolled{Env="prod",Function="f"} Counter(11)"#];
        assert_eq!(told(&window.rolled_up()), expected);
    }

    #[test]
    fn what_stands_wins_over_a_series_own() {
        let series = Series { metric: metric("StandingWins", &["Env", "Route"]), values: Packed::Kept("dev\u{1f}a") };
        let standing = Dimensions::try_from_iter([("Env", "prod"), ("Zone", "b")]).unwrap();
        let (window, _) = window(vec![(series, Value::Counter(1))]).with_dimensions(&standing);
        assert_eq!(told(&window.items), [r#"StandingWins{Env="prod",Route="a",Zone="b"} Counter(1)"#]);
    }

    #[test]
    fn the_thirtieth_dimension_is_taken_and_the_thirty_first_is_not() {
        for own in [29, 30] {
            let keys: Vec<String> = (0..own).map(|key| format!("Own{key:02}")).collect();
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            let values = vec!["v"; own].join("\u{1f}");
            let metric = metric("StandingFull", &keys);
            let item = (Series { metric, values: Packed::Shared(values.into()) }, Value::Counter(1));
            let standing = Dimensions::try_from_iter([("Env", "prod")]).unwrap();
            let (window, refused) = window(vec![item]).with_dimensions(&standing);
            assert_eq!((window.items.len(), refused.len()), if own == 29 { (1, 0) } else { (0, 1) });
        }
    }
}
