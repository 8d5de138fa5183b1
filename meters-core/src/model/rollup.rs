//! Roll-ups: series merged over the dimensions that they are told without.

use foldhash::fast::RandomState;

use super::policy::{Policy, any_rolled_up};
use super::series::{Metric, Packed, SEPARATOR};
use super::{Kind, Series, Value, Window};

type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;

/// One roll-up of a metric: what it becomes, and the places of the values that are kept.
struct Rollup {
    metric: &'static Metric,
    kept: Vec<usize>,
}

impl Window {
    /// The series that call sites ask for in addition to their own, by `rollup(…)`: of each named set of dimensions, all
    /// series of the metric that agree in them, merged. A set may be empty, and `Function` is left out unless it is named;
    /// so functions meet in one parent where nothing else tells them apart.
    ///
    /// Count, sum, minimum, maximum, buckets, errors and cancelled calls of a parent are exactly those of its children, the
    /// `_other` of a [limit](crate::Registry::set_limit) among them. Only [`Kind::Calls`], [`Kind::Meter`],
    /// [`Kind::Counter`], [`Kind::FloatCounter`] and [`Kind::Histogram`] have parents: levels do not add, and what is put by
    /// hand has no site.
    ///
    /// Parents are never part of a window, so that nothing which adds windows or series up counts twice. An exporter sends
    /// them beside [`iter`](Self::iter). Where a series that was recorded itself has the identity of a parent, that parent
    /// holds it, too, and is sent in its place.
    ///
    /// ```
    /// # use meters_core::{self as meters, CounterSite};
    /// # static SOLD: CounterSite = CounterSite::new("Sold", &[("Kind", None), ("Tier", None)]).rollups(&[&[], &["Kind"]]);
    /// # fn sold(kind: &str, tier: &str) { SOLD.at_with((kind, (tier, ()))).inc(1) }
    /// // #[meters::metered(name = "Sold", dimensions(Kind = kind, Tier = tier), rollup([], [Kind]))]
    /// // fn sold(kind: &str, tier: &str) {}
    /// let mut reader = meters::Registry::global().reader();
    /// sold("web", "gold");
    /// sold("web", "blue");
    /// let window = reader.window();
    /// assert_eq!(window.counter("Sold"), 2);
    /// let parents: Vec<_> = window.rolled_up().iter().map(|(series, _)| series.to_string()).collect();
    /// assert_eq!(parents, ["Sold", "Sold{Kind=\"web\"}"]);
    /// ```
    pub fn rolled_up(&self) -> Vec<(Series, Value)> {
        let mut parents = Parents::default();
        if !any_rolled_up() {
            return parents.items;
        }
        let (mut concerned, mut known) = (HashMap::default(), HashMap::<_, Vec<Rollup>>::default());
        for (series, value) in self.iter().filter(|(series, _)| adds(series.kind())) {
            let metric = std::ptr::from_ref(series.metric);
            if !*concerned.entry(metric).or_insert_with(|| series.metric.is_rolled_up()) {
                continue;
            }
            let policy = series.metric.policy(&series.values);
            let rollups = policy.rollups;
            if rollups.is_empty() {
                continue;
            }
            let key = (metric, std::ptr::from_ref(rollups));
            let rollups = known.entry(key).or_insert_with(|| resolved(series.metric, policy));
            let values: Vec<&str> = series.values.split(SEPARATOR).collect();
            for Rollup { metric, kept } in rollups {
                let kept: Vec<&str> = kept.iter().map(|&place| values[place]).collect();
                parents.add(Series { metric, values: Packed::Shared(kept.join("\u{1f}").into()) }, value);
            }
        }
        if !parents.items.is_empty() {
            for (series, value) in self.iter() {
                parents.join(series, value);
            }
        }
        parents.items
    }
}

fn adds(kind: Kind) -> bool {
    matches!(kind, Kind::Calls | Kind::Meter | Kind::Counter | Kind::FloatCounter | Kind::Histogram)
}

/// The roll-ups that make something else of `metric`, each once, however often and in whatever order it is named. One that
/// keeps a dimension which the metric has not says nothing of it.
fn resolved(metric: &'static Metric, policy: Policy) -> Vec<Rollup> {
    let Policy { rollups, description, shape, level, internal, .. } = policy;
    let mut all: Vec<Rollup> = Vec::new();
    for kept in rollups.iter().filter(|kept| kept.iter().all(|key| metric.keys.iter().any(|own| **own == **key))) {
        let parent = metric.keyed(kept);
        if !std::ptr::eq(parent, metric) && all.iter().all(|other| !std::ptr::eq(other.metric, parent)) {
            let places = 0..metric.keys.len();
            let kept = places.filter(|&place| parent.keys.contains(&metric.keys[place])).collect();
            parent.adopt(None, Policy { description, shape, level, internal, ..Policy::NONE });
            all.push(Rollup { metric: parent, kept });
        }
    }
    all
}

/// Sums, in the order in which they began.
#[derive(Default)]
struct Parents {
    items: Vec<(Series, Value)>,
    places: HashMap<Series, usize>,
}

impl Parents {
    fn add(&mut self, parent: Series, value: &Value) {
        if !self.join(&parent, value) {
            self.places.insert(parent.clone(), self.items.len());
            self.items.push((parent, value.clone()));
        }
    }

    /// Adds to a parent that there is.
    fn join(&mut self, parent: &Series, value: &Value) -> bool {
        let place = self.places.get(parent);
        if let Some(&place) = place {
            self.items[place].1.merge(value);
        }
        place.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Resolution, Unit};
    use std::time::{Duration, UNIX_EPOCH};

    fn metric(name: &str, keys: &[&str]) -> &'static Metric {
        let keys = keys.iter().map(|key| (*key).into()).collect();
        let (kind, unit, resolution) = (Kind::Counter, Unit::Count, Resolution::Standard);
        Metric { name: name.into(), kind, unit, resolution, named: true, keys }.intern()
    }

    /// Dimensions that came late make another metric, which adopts the policy: both meet in one parent.
    #[test]
    fn series_with_more_dimensions_than_their_site_are_rolled_up_with_the_others() {
        let base = metric("RollLate", &["Route", "Tenant"]);
        base.adopt(None, Policy { rollups: &[&["Route"], &["Route", "Tenant"], &["Late"]], ..Policy::NONE });
        let late = base.keyed(&["Route", "Late", "Tenant"]);
        late.adopt(base.function("a\u{1f}t"), base.policy("a\u{1f}t"));
        let item = |metric, values, count| (Series { metric, values: Packed::Kept(values) }, Value::Counter(count));
        let items = vec![
            item(base, "a\u{1f}t", 1),
            item(late, "x\u{1f}a\u{1f}t", 10),
            item(base, "b\u{1f}t", 100),
            item(late, "y\u{1f}b\u{1f}u", 1000),
        ];
        let window = Window::from_parts(UNIX_EPOCH, UNIX_EPOCH, Duration::ZERO, items);
        let mut told: Vec<_> = window.rolled_up().iter().map(|(series, value)| format!("{series} {value:?}")).collect();
        told.sort();
        // What the metric of the site keeps whole is a parent of what came late, and part of it.
        let expected = [
            r#"RollLate{Late="x"} Counter(10)"#,
            r#"RollLate{Late="y"} Counter(1000)"#,
            r#"RollLate{Route="a",Tenant="t"} Counter(11)"#,
            r#"RollLate{Route="a"} Counter(11)"#,
            r#"RollLate{Route="b",Tenant="u"} Counter(1000)"#,
            r#"RollLate{Route="b"} Counter(1100)"#,
        ];
        assert_eq!(told, expected);
    }
}
