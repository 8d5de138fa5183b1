//! What call sites say of a metric reaches processes that have none.

use meters_core::{Across, CallSite, CounterSite, Ended, Identity, Level, Registry, Said, Shape};

use super::*;

/// As another process wrote it, of metrics that this one does not know: a name of the same length takes a name's place.
fn of_others(mut entry: Vec<u8>, ours: &str, theirs: &str) -> Vec<u8> {
    assert_eq!(ours.len(), theirs.len());
    let mut from = 0;
    while let Some(at) = entry[from..].windows(ours.len()).position(|bytes| bytes == ours.as_bytes()) {
        entry[from + at..from + at + ours.len()].copy_from_slice(theirs.as_bytes());
        from += at + ours.len();
    }
    assert!(from > 0);
    sealed(entry)
}

fn parents(items: Vec<(Series, Value)>) -> Vec<String> {
    let window = window(0, items);
    window.rolled_up().iter().map(|(series, value)| format!("{series}: {value}")).collect()
}

#[test]
fn a_process_without_the_call_sites_rolls_up_right() {
    static SOLD: CounterSite =
        CounterSite::new("SoldHere", &[("Kind", None), ("Tier", None)]).rollups(&[&[], &["Kind"], &["Missing"]]);
    static PLACED: CallSite =
        CallSite::new("Placed", &[("Function", Some("place")), ("Route", None)]).rollups(&[&["Route"]]);
    static PRICED: CallSite = CallSite::new("Placed", &[("Function", Some("price")), ("Route", None)]);
    let mut reader = Registry::global().reader();
    SOLD.at_with(("web", ("gold", ()))).inc(2);
    SOLD.at_with(("web", ("blue", ()))).inc(3);
    PLACED.enter_with(("a", ())).finish(Ended::Ok);
    PRICED.enter_with(("a", ())).finish(Ended::Ok);
    let window = reader.window();
    let named = |name: &str| {
        let items = window.metric(name).series().map(|(series, value)| (series.clone(), value.clone()));
        encode(&super::window(0, items.collect()))
    };
    let entry = of_others(named("SoldHere"), "SoldHere", "SoldElse");
    let expected = ["SoldElse: 10", "SoldElse{Kind=\"web\"}: 10"];
    for _ in 0..3 {
        assert_eq!(parents(merged([&entry, &entry])), expected);
    }
    // Of one function only, as it was said.
    let entry = of_others(named("Placed"), "Placed", "Lost__");
    let parents = parents(merged([&entry]));
    assert_eq!(parents.len(), 1);
    assert!(parents[0].starts_with("Lost__{Route=\"a\"}: 1 call,"), "{parents:?}");
}

/// A process in which no call site has run yet says nothing.
#[test]
fn what_is_said_later_is_heard() {
    let sold = series("SaidLater", Kind::Counter, Unit::Count, &[("A", "1")]);
    let encoded = || of_others(encode(&window(0, vec![(sold.clone(), Value::Counter(1))])), "SaidLater", "SaidThere");
    let before = encoded();
    assert!(Identity::of(&sold).hear("", &Said { rollups: &[&[]], ..Said::NOTHING }));
    assert_eq!(parents(merged([&before, &before])).len(), 0);
    assert_eq!(parents(merged([&before, &encoded()])), ["SaidThere: 2"]);
}

/// What one process's gauge of this mode is pushed as, as of another process.
fn level(registry: &Registry, name: &str, across: Option<Across>, end: u64, level: f64) -> Vec<u8> {
    let mut reader = registry.reader();
    let gauge = registry.gauge(name);
    let gauge = if let Some(across) = across { gauge.across(across) } else { gauge };
    gauge.register().set(level);
    let read = reader.window();
    let items = read.metric(name).series().map(|(series, value)| (series.clone(), value.clone()));
    encode(&window(end, items.collect()))
}

#[test]
fn levels_come_to_what_was_said_of_their_gauge() {
    let registry = Registry::new();
    for (name, across, expected) in [
        ("OpenUnsaid", None, 5.0),
        ("OpenLast", Some(Across::Last), 5.0),
        ("OpenSum", Some(Across::Sum), 14.5),
        ("OpenMin", Some(Across::Min), 1.5),
        ("OpenMax", Some(Across::Max), 8.0),
    ] {
        let entries = [(10, 8.0), (30, 5.0), (20, 1.5)].map(|(end, set)| level(&registry, name, across, end, set));
        assert_eq!(merged(&entries)[0].1, Value::Gauge(expected), "{name}");
    }
}

/// What one process's metrics are pushed as, as of another process that spells them otherwise.
fn told_elsewhere(registry: &Registry, ours: &str, theirs: &str) -> Vec<u8> {
    of_others(encode(&registry.reader().window()), ours, theirs)
}

#[test]
fn what_is_said_of_a_metric_reaches_a_process_that_never_heard_of_it() {
    let registry = Registry::new();
    registry.set_level(Level::Debug);
    let buckets = Buckets::linear(1.0, 1.0, 3).unwrap();
    let wait =
        registry.histogram("SaidHereWait").description("How long \"it\" waits").buckets(buckets).level(Level::Debug);
    wait.register().observe(2.0);
    registry.summary("SaidHereSize").quantiles([0.25, 0.75]).register().observe(2.0);
    // No window of ours holds what is internal: an earlier version's may.
    let paid = series("SaidHerePaid", Kind::FloatCounter, Unit::Count, &[]);
    assert!(Identity::of(&paid).hear("", &Said { internal: true, ..Said::NOTHING }));
    let read = registry.reader().window();
    let items = read.iter().map(|(series, value)| (series.clone(), value.clone()));
    let items = items.chain([(paid, Value::FloatCounter(0.5))]).collect();
    let entry = of_others(encode(&window(0, items)), "SaidHere", "SaidOver");
    for _ in 0..2 {
        let all = merged([&entry, &entry]);
        let of = |name: &str| all.iter().find(|(series, _)| series.name() == name).unwrap();
        let (wait, value) = of("SaidOverWait");
        assert_eq!(wait.description(), Some("How long \"it\" waits"));
        assert_eq!((wait.level(), wait.is_internal()), (Level::Debug, false));
        assert_eq!(wait.shape(), Some(&Shape::Buckets([1.0, 2.0, 3.0].into())));
        let Value::Histogram(value) = value else { panic!("{value}") };
        assert_eq!(value.explicit(), Some((&[1.0, 2.0, 3.0][..], &[0, 2, 0][..])));
        let (size, _) = of("SaidOverSize");
        assert_eq!((size.shape(), size.description()), (Some(&Shape::Quantiles([0.25, 0.75].into())), None));
        let (paid, value) = of("SaidOverPaid");
        assert!(paid.is_internal() && *value == Value::FloatCounter(1.0));
    }
    // Said otherwise by a third: who says it first is heard, here as there.
    let other = Registry::new();
    other.histogram("SaidElseWait").description("Else").register().observe(1.0);
    let all = merged([&entry, &told_elsewhere(&other, "SaidElse", "SaidOver")]);
    let wait = all.iter().find(|(series, _)| series.name() == "SaidOverWait").unwrap();
    assert_eq!(wait.0.description(), Some("How long \"it\" waits"));
}

#[test]
fn a_description_is_cut_between_letters() {
    let registry = Registry::new();
    registry.counter("CutHere").description(&"é".repeat(5000)).register().inc(1);
    let all = merged([&told_elsewhere(&registry, "CutHere", "CutOver")]);
    assert_eq!(all[0].0.description(), Some(&*"é".repeat(2048)));
}

/// The byte behind which they stand says which parts there are.
#[test]
fn parts_that_none_are_are_damage() {
    let registry = Registry::new();
    registry.set_level(Level::Debug);
    registry.summary("PartsHere").quantiles([0.5]).level(Level::Debug).register().observe(1.0);
    let entry = told_elsewhere(&registry, "PartsHere", "PartsOver");
    // One function, all; level and quantiles; the level; one quantile.
    let said = [1, 0, 4 | 32, 2, 1, 0];
    let at = entry.windows(said.len()).position(|bytes| bytes == said).unwrap();
    for (place, byte) in [(2, 64), (2, 128), (2, 4 | 16), (2, 4 | 16 | 32), (3, 3), (4, 0), (4, 2), (5, 1), (0, 2)] {
        let mut other = entry.clone();
        other[at + place] = byte;
        assert!(Merge::default().add(b"a", 1, &sealed(other)).is_err(), "{place} {byte}");
    }
    let mut other = entry.clone();
    other[at + 6..at + 14].copy_from_slice(&1.5f64.to_le_bytes());
    let why = Merge::default().add(b"a", 1, &sealed(other)).unwrap_err().to_string();
    assert!(why.contains("quantiles that are none"), "{why}");
    let other = merged([&entry]);
    assert_eq!(other[0].0.level(), Level::Debug);
}

#[test]
fn calls_in_flight_add_up() {
    static BUSY: CallSite = CallSite::new("Served", &[]).named().in_flight();
    let mut reader = Registry::global().reader();
    let call = BUSY.enter_full((), &[]);
    let read = reader.window();
    let items = read.metric("Served.InFlight").series().map(|(series, value)| (series.clone(), value.clone()));
    let entry = encode(&window(0, items.collect()));
    assert_eq!(merged([&entry, &entry, &entry])[0].1, Value::Gauge(3.0));
    call.finish(Ended::Ok);
}
