//! Roll-ups: parents are told beside their children, and never twice.

use meters_core::{CallSite, CounterSite, Ended, MeterSite};

use super::*;

const KEYS: &[(&str, Option<&str>)] = &[("A", None), ("B", None)];

static ORDERS: CounterSite = CounterSite::new("RolledOrders", KEYS).rollups(&[&[], &["A"]]);
static LOGINS: MeterSite = MeterSite::new("RolledLogins", KEYS).rollups(&[&[]]);
static TIMED: CallSite = CallSite::new("RolledCalls", KEYS).named().rollups(&[&["B"]]);

/// Makes known what the sites ask for.
fn asked() {
    ORDERS.at_with(("0", ("0", ()))).inc(1);
    LOGINS.mark_with(("0", ("0", ())));
    TIMED.enter_with(("0", ("0", ()))).finish(Ended::Ok);
}

fn of(name: &str, a: &str, b: &str) -> Series {
    let (kind, unit) = match name {
        "RolledOrders" => (Kind::Counter, Unit::Count),
        "RolledLogins" => (Kind::Meter, Unit::CountPerSecond),
        _ => (Kind::Calls, Unit::Microseconds),
    };
    named(name, kind, unit, &[("A", a), ("B", b)])
}

fn identified(datums: &[Datum]) -> Vec<(String, &DatumValue)> {
    datums.iter().map(|datum| (format!("{} {}", datum.name, datum.dimensions), &datum.value)).collect()
}

#[test]
fn parents_are_told_beside_their_children() {
    asked();
    let datums = datums(vec![
        (of("RolledOrders", "1", "x"), Value::Counter(2)),
        (of("RolledOrders", "1", "y"), Value::Counter(3)),
        (of("RolledLogins", "1", "x"), Value::Meter(60)),
        (of("RolledLogins", "2", "x"), Value::Meter(120)),
        (of("RolledCalls", "1", "x"), calls(&[1e3, 2e3], 1, 0, 1)),
        (of("RolledCalls", "2", "x"), calls(&[1e3], 0, 1, 0)),
    ]);
    let told = identified(&datums);
    let value = |identity: &str| {
        let mut found = told.iter().filter(|(other, _)| other == identity);
        let value = found.next().map(|(_, value)| *value);
        assert!(found.next().is_none(), "{identity} is told twice");
        value.unwrap_or_else(|| panic!("{identity} is missing in {told:?}")).clone()
    };
    assert_eq!(value("RolledOrders "), DatumValue::Value(5.0));
    assert_eq!(value("RolledOrders A=1"), DatumValue::Value(5.0));
    assert_eq!(value("RolledOrders A=1, B=y"), DatumValue::Value(3.0));
    assert_eq!(value("RolledLogins "), set(60.0, 180.0, 3.0, 3.0));
    assert_eq!(value("RolledCalls B=x"), list(&[1.0, 2.0], &[2.0, 1.0]));
    assert_eq!(value("RolledCalls.Errors B=x"), set(3.0, 2.0, 0.0, 1.0));
    assert_eq!(value("RolledCalls.Cancelled B=x"), DatumValue::Value(1.0));
    assert_eq!(datums.len(), 2 + 2 + 2 + 1 + 5 + 3);
}

#[test]
fn a_parent_that_falls_silent_is_told_as_zero_once() {
    asked();
    let standing = Standing::default();
    let items =
        vec![(of("RolledOrders", "1", "x"), Value::Counter(2)), (of("RolledOrders", "2", "x"), Value::Counter(2))];
    let busy = encode(&window(items), &standing, &Busy::default()).busy;
    let still = encode(&window(vec![(of("RolledOrders", "2", "y"), Value::Counter(1))]), &standing, &busy);
    let (zero, one) = (DatumValue::Value(0.0), DatumValue::Value(1.0));
    let expected = [
        ("RolledOrders A=2, B=y", &one),
        ("RolledOrders ", &one),
        ("RolledOrders A=2", &one),
        ("RolledOrders A=1, B=x", &zero),
        ("RolledOrders A=2, B=x", &zero),
        ("RolledOrders A=1", &zero),
    ];
    assert_eq!(identified(&still.datums), expected.map(|(identity, value)| (identity.to_owned(), value)));
    let silent = encode(&window(Vec::new()), &standing, &still.busy);
    assert_eq!(silent.datums.len(), 3);
    assert_eq!(encode(&window(Vec::new()), &standing, &silent.busy).datums, []);
}

#[test]
fn what_was_recorded_as_its_parent_is_one_datum_with_it() {
    asked();
    let bare = named("RolledOrders", Kind::Counter, Unit::Count, &[]);
    let datums = datums(vec![(bare, Value::Counter(10)), (of("RolledOrders", "1", "x"), Value::Counter(2))]);
    let (all, own) = (DatumValue::Value(12.0), DatumValue::Value(2.0));
    let expected = [("RolledOrders A=1, B=x", &own), ("RolledOrders ", &all), ("RolledOrders A=1", &own)];
    assert_eq!(identified(&datums), expected.map(|(identity, value)| (identity.to_owned(), value)));
}
