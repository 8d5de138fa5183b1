//! What all datums of a window have in common, and what one window says of another.

use super::*;

#[test]
fn local_time_is_not_sent_as_utc() {
    let datum = &datums(vec![(series("N", Kind::Counter, Unit::Count), Value::Counter(1))])[0];
    assert_eq!(datum.timestamp.duration_since(UNIX_EPOCH).unwrap(), Duration::from_secs(1_717_171_200));
}

#[test]
fn a_window_counts_for_the_minute_that_it_covers() {
    let seconds = |seconds: i64| match seconds {
        0.. => noon() + Duration::from_secs(seconds as u64),
        _ => noon() - Duration::from_secs(seconds.unsigned_abs()),
    };
    for (start, end, expected, why) in [
        (0, 60, 0, "a whole minute"),
        (30, 60, 30, "half a minute"),
        (-1, 60, 0, "a little more"),
        (0, 61, 1, "a second more"),
        (0, 3_600, 3_540, "an hour counts for its last minute"),
        (5, 5, 5, "no time at all"),
        (90, 60, 60, "a clock that was set back"),
        (9_000, 60, 60, "a clock that was set far back"),
    ] {
        assert_eq!(timestamp(seconds(start), seconds(end)), seconds(expected), "{why}");
    }
    assert_eq!(timestamp(UNIX_EPOCH, UNIX_EPOCH + Duration::from_secs(5)), UNIX_EPOCH);
}

#[test]
fn cumulative_totals_are_not_sent_again() {
    let one = series("Orders", Kind::Counter, Unit::Count);
    let timed = series("T", Kind::Calls, Unit::Microseconds);
    let snapshot = |age, orders, durations: &[f64]| {
        let items = vec![(one.clone(), Value::Counter(orders)), (timed.clone(), calls(durations, 0, 0, 0))];
        Snapshot::from_parts(noon() + Duration::from_secs(age), Duration::from_secs(age), items)
    };
    let (first, second) = (snapshot(60, 5, &[1e6]), snapshot(120, 7, &[1e6, 8e6]));
    let encoded = encode(&second.since(&first), &Standing::default(), &Busy::default());
    let told: Vec<_> = encoded.datums.iter().map(told).collect();
    assert_eq!(told[0], ("Orders", Unit::Count, &DatumValue::Value(2.0)));
    assert_eq!(told[1], ("T", Unit::Microseconds, &list(&[8_000.0], &[1.0])));
    assert_eq!(told[2], ("T.Errors", Unit::Count, &set(1.0, 0.0, 0.0, 0.0)));
    let nothing = encode(&second.since(&second), &Standing::default(), &Busy::default());
    assert_eq!(nothing.datums, []);
}

#[test]
fn order_of_dimensions_is_no_identity() {
    let one = named("m", Kind::Counter, Unit::None, &[("a", "1"), ("b", "2")]);
    let other = named("m", Kind::Counter, Unit::None, &[("b", "2"), ("a", "1")]);
    assert_eq!(one, other);
    let datums = datums(vec![(one, Value::Counter(1)), (other, Value::Counter(1))]);
    assert_eq!(datums[0], datums[1]);
    assert_eq!(datums[0].dimensions.iter().collect::<Vec<_>>(), [("a", "1"), ("b", "2")]);
}

#[test]
fn standing_dimensions_are_on_every_metric_and_win() {
    let standing = Dimensions::try_from_iter([("Env", "prod"), ("Host", "a")]).unwrap();
    let own = named("m", Kind::Calls, Unit::Seconds, &[("Env", "own"), ("Route", "r")]);
    let encode = |standing| encode(&window(vec![(own.clone(), calls(&[1e9], 0, 0, 1))]), &standing, &Busy::default());
    let datums = encode(Standing::new(&standing, None)).datums;
    assert_eq!(datums.len(), 3);
    for datum in &datums {
        let all: Vec<_> = datum.dimensions.iter().collect();
        assert_eq!(all, [("Env", "prod"), ("Host", "a"), ("Route", "r")]);
        // One set for all datums of a series.
        let value = |datum: &Datum| datum.dimensions.get("Route").map(str::as_ptr);
        assert_eq!(value(datum), value(&datums[0]));
    }
    let pid = std::process::id().to_string();
    for (name, expected) in [("Pid", Some(&*pid)), ("Host", Some(&*pid)), (":Pid", None)] {
        let datums = encode(Standing::new(&standing, Some(name))).datums;
        assert_eq!(datums[0].dimensions.get(name), expected, "{name}");
    }
}

#[test]
fn too_many_dimensions_refuse_a_metric_alone() {
    let names: Vec<_> = (0..30).map(|number| format!("d{number}")).collect();
    for (own, standing, total) in [(28, 1, 29), (29, 1, 30), (30, 1, 31), (0, 30, 30), (1, 30, 31)] {
        let pairs: Vec<_> = names[..own].iter().map(|name| (name.as_str(), "v")).collect();
        let standing = names[..standing].iter().map(|name| (format!("s{name}"), "v"));
        let standing = Standing::new(&Dimensions::try_from_iter(standing).unwrap(), None);
        let wide = named("wide", Kind::Calls, Unit::Seconds, &pairs);
        let items =
            vec![(wide, calls(&[1e9], 0, 0, 0)), (series("slim", Kind::Counter, Unit::None), Value::Counter(1))];
        let encoded = encode(&window(items), &standing, &Busy::default());
        let refused: Vec<_> = encoded.refused.iter().map(Refused::metric).collect();
        if total <= 30 {
            assert_eq!((encoded.datums.len(), refused.len()), (3, 0), "{total}");
        } else {
            assert_eq!((encoded.datums.len(), refused), (1, vec!["wide", "wide.Errors"]), "{total}");
            assert!(encoded.refused[0].reason().starts_with("31 dimensions are too many"));
            assert_eq!(encoded.refused[0].dimensions().len(), own);
        }
    }
}

#[test]
fn what_falls_silent_is_told_as_zero_once() {
    let counter = series("Orders", Kind::Counter, Unit::Count);
    let meter = series("Logins", Kind::Meter, Unit::CountPerSecond);
    let timed = series("T", Kind::Calls, Unit::Seconds);
    let gauge = series("Level", Kind::Gauge, Unit::None);
    let put = series("Put", Kind::Values, Unit::None);
    let standing = Standing::default();
    let busy = encode(
        &window(vec![
            (counter.clone(), Value::Counter(1)),
            (meter.clone(), Value::Meter(2)),
            (timed.clone(), calls(&[1e9, 1e9], 1, 0, 1)),
            (gauge, Value::Gauge(1.0)),
            (put, values(&[1.0])),
        ]),
        &standing,
        &Busy::default(),
    );
    assert_eq!(busy.datums.len(), 7);
    let still = encode(&window(vec![(counter.clone(), Value::Counter(1))]), &standing, &busy.busy);
    assert_eq!(
        still.datums.iter().map(told).collect::<Vec<_>>(),
        [
            ("Orders", Unit::Count, &DatumValue::Value(1.0)),
            ("Logins", Unit::CountPerSecond, &set(60.0, 0.0, 0.0, 0.0)),
            ("T.Cancelled", Unit::Count, &DatumValue::Value(0.0)),
        ]
    );
    let silent = encode(&window(Vec::new()), &standing, &still.busy);
    assert_eq!(silent.datums.iter().map(told).collect::<Vec<_>>(), [("Orders", Unit::Count, &DatumValue::Value(0.0))]);
    assert_eq!(encode(&window(Vec::new()), &standing, &silent.busy).datums, []);
    // Calls go on while none is cancelled any more.
    let uncancelled = encode(&window(vec![(timed, calls(&[1e9], 0, 0, 0))]), &standing, &busy.busy);
    let names: Vec<_> = uncancelled.datums.iter().map(|datum| &*datum.name).collect();
    assert_eq!(names, ["T", "T.Errors", "Orders", "Logins", "T.Cancelled"]);
    // A total of nothing, as storage may hand it out, is silence, too.
    let nothing =
        encode(&window(vec![(counter, Value::Counter(0)), (meter, Value::Meter(0))]), &standing, &silent.busy);
    assert_eq!(nothing.datums, []);
}
