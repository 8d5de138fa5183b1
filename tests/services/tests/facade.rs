//! What is recorded through the facade `metrics`.

use meters::metrics_bridge::{Bridge, install};
use meters::{Registry, Unit, Value};
use metrics::{
    Label, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram, with_local_recorder,
};

fn stage() -> (Registry, Bridge) {
    let registry = Registry::new();
    let bridge = Bridge::new(&registry);
    (registry, bridge)
}

/// Name, dimensions and unit of each series.
fn told(registry: &Registry) -> Vec<String> {
    let snapshot = registry.snapshot();
    let mut told: Vec<String> = snapshot.iter().map(|(series, _)| format!("{series} {}", series.unit())).collect();
    told.sort();
    told
}

#[test]
fn each_kind_is_recorded_with_its_labels() {
    let (registry, bridge) = stage();
    with_local_recorder(&bridge, || {
        counter!("requests", "route" => "/users", "method" => "GET").increment(2);
        counter!("requests", "method" => "GET", "route" => "/users").increment(3);
        let depth = gauge!("depth");
        depth.set(5.0);
        depth.increment(2.5);
        depth.decrement(1);
        let size = histogram!("size", "kind" => "image");
        size.record(10);
        size.record_many(20, 3);
    });
    let seen = registry.snapshot();
    assert_eq!(seen.metric("requests").with("route", "/users").with("method", "GET").count(), 5);
    assert_eq!(seen.metric("depth").gauge(), Some(6.5));
    let size = seen.metric("size").with("kind", "image").distribution().unwrap();
    assert_eq!((size.count(), size.sum(), size.min(), size.max()), (4, 70.0, Some(10.0), Some(20.0)));
    let expected = [r#"depth None"#, r#"requests{method="GET",route="/users"} Count"#, r#"size{kind="image"} None"#];
    assert_eq!(told(&registry), expected);
}

#[test]
fn a_burst_loses_nothing_and_many_threads_share_a_series() {
    let (registry, bridge) = stage();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let bridge = &bridge;
            scope.spawn(move || {
                with_local_recorder(bridge, || {
                    let of = if thread % 2 == 0 { "even" } else { "odd" };
                    for number in 0..25_000 {
                        counter!("burst", "of" => of).increment(1);
                        histogram!("burst_size").record(f64::from(number));
                    }
                });
            });
        }
    });
    let seen = registry.snapshot();
    assert_eq!(seen.metric("burst").with("of", "odd").count(), 50_000);
    assert_eq!((seen.counter("burst"), seen.metric("burst_size").count()), (100_000, 100_000));
}

#[test]
fn absolute_values_count_what_came_since_in_whatever_order() {
    let (registry, bridge) = stage();
    let mut reader = registry.reader();
    with_local_recorder(&bridge, || {
        let kept = counter!("total");
        for value in [100, 110, 105, 120, 120, 0] {
            kept.absolute(value);
            counter!("total").absolute(value);
        }
        assert_eq!(reader.window().counter("total"), 120);
        counter!("total").absolute(150);
        assert_eq!(reader.window().counter("total"), 30);
    });
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let bridge = &bridge;
            scope.spawn(move || {
                with_local_recorder(bridge, || {
                    (0..1000).for_each(|value| counter!("total").absolute(value * 4 + thread))
                });
            });
        }
    });
    assert_eq!(registry.snapshot().counter("total"), 3999);
    // What one series was told says nothing of another.
    with_local_recorder(&bridge, || counter!("total", "shard" => "2").absolute(7));
    assert_eq!(registry.snapshot().metric("total").with("shard", "2").count(), 7);
}

#[test]
fn a_gauge_goes_on_where_it_was() {
    let (registry, bridge) = stage();
    let mut reader = registry.reader();
    let levels: Vec<_> = [5.0, 1.0, -6.0]
        .map(|by| {
            with_local_recorder(&bridge, || gauge!("level").increment(by));
            reader.window().metric("level").gauge()
        })
        .into();
    assert_eq!(levels, [Some(5.0), Some(6.0), Some(0.0)]);
}

#[test]
fn units_become_those_of_cloudwatch_and_values_with_them() {
    use metrics::Unit as Theirs;
    let rows = [
        (Theirs::Count, Unit::Count, 3.0),
        (Theirs::Percent, Unit::Percent, 3.0),
        (Theirs::Seconds, Unit::Seconds, 3.0),
        (Theirs::Milliseconds, Unit::Milliseconds, 3.0),
        (Theirs::Microseconds, Unit::Microseconds, 3.0),
        (Theirs::Nanoseconds, Unit::Microseconds, 0.003),
        (Theirs::Tebibytes, Unit::Bytes, 3_298_534_883_328.0),
        (Theirs::Gibibytes, Unit::Bytes, 3_221_225_472.0),
        (Theirs::Mebibytes, Unit::Bytes, 3_145_728.0),
        (Theirs::Kibibytes, Unit::Bytes, 3072.0),
        (Theirs::Bytes, Unit::Bytes, 3.0),
        (Theirs::TerabitsPerSecond, Unit::TerabitsPerSecond, 3.0),
        (Theirs::GigabitsPerSecond, Unit::GigabitsPerSecond, 3.0),
        (Theirs::MegabitsPerSecond, Unit::MegabitsPerSecond, 3.0),
        (Theirs::KilobitsPerSecond, Unit::KilobitsPerSecond, 3.0),
        (Theirs::BitsPerSecond, Unit::BitsPerSecond, 3.0),
        (Theirs::CountPerSecond, Unit::CountPerSecond, 3.0),
    ];
    let (registry, bridge) = stage();
    with_local_recorder(&bridge, || {
        for (theirs, _, _) in rows {
            let name = theirs.as_str();
            describe_counter!(format!("c_{name}"), theirs, "text");
            describe_gauge!(format!("g_{name}"), theirs, "text");
            describe_histogram!(format!("h_{name}"), theirs, "text");
            // A unit is that of a name, whatever labels come with it.
            counter!(format!("c_{name}"), "of" => "it").increment(3);
            gauge!(format!("g_{name}"), "of" => "it").set(3);
            histogram!(format!("h_{name}"), "of" => "it").record(3);
        }
    });
    let seen = registry.snapshot();
    for (theirs, ours, value) in rows {
        let of = |kind: &str| {
            let name = format!("{kind}_{}", theirs.as_str());
            let (series, value) = seen.metric(&name).series().next().unwrap();
            assert_eq!((series.unit(), series.description()), (ours, Some("text")), "{name}");
            match value {
                Value::Counter(count) => *count as f64,
                Value::FloatCounter(amount) => *amount,
                Value::Gauge(level) => *level,
                Value::Histogram(distribution) => distribution.sum(),
                other => panic!("{name} is {other:?}"),
            }
        };
        assert_eq!(["c", "g", "h"].map(of), [value; 3], "{theirs:?}");
    }
}

#[test]
fn what_is_described_late_is_described_and_keeps_its_unit() {
    let (registry, bridge) = stage();
    with_local_recorder(&bridge, || {
        histogram!("late").record(1);
        describe_histogram!("late", metrics::Unit::Seconds, "What it is");
        describe_histogram!("late", metrics::Unit::Bytes, "What it is not");
        histogram!("late").record(1);
        histogram!("late", "of" => "it").record(1);
        // Of another kind, it is something else.
        describe_counter!("late", "A counter");
        counter!("early").increment(1);
    });
    assert_eq!(told(&registry), ["early Count", "late None", r#"late{of="it"} None"#]);
    let seen = registry.snapshot();
    let descriptions: Vec<_> = seen.metric("late").series().map(|(series, _)| series.description()).collect();
    assert_eq!(descriptions, [Some("What it is"); 2]);
}

#[test]
fn whatever_labels_say_makes_no_more_series_than_the_limit() {
    let (registry, bridge) = stage();
    registry.set_limit(10);
    with_local_recorder(&bridge, || {
        for number in 0..12_000u32 {
            counter!("hostile", "user" => number.to_string()).increment(1);
            counter!("absolute", "user" => number.to_string()).absolute(1);
            histogram!("long", "user" => "x".repeat(2000) + &number.to_string()).record(1);
        }
        counter!("hostile", "user" => "11999").increment(1);
    });
    let seen = registry.snapshot();
    assert_eq!((seen.metric("hostile").series().count(), seen.counter("hostile")), (11, 12_001));
    assert_eq!(seen.metric("long").count(), 12_000);
    // Nobody can remember what each of them said before: further ones are ignored, and never counted twice.
    assert_eq!(seen.counter("absolute"), 10_000);
}

#[test]
fn what_a_histogram_cannot_take_is_counted_as_refused() {
    let (registry, bridge) = stage();
    let before = meters::refused();
    with_local_recorder(&bridge, || [-1.0, f64::NAN, f64::INFINITY].map(|value| histogram!("odd").record(value)));
    assert_eq!((registry.snapshot().metric("odd").count(), meters::refused() - before), (0, 3));
}

#[test]
fn odd_names_and_labels_are_mended() {
    let (registry, bridge) = stage();
    with_local_recorder(&bridge, || {
        let labels: Vec<Label> = (0..40).map(|number| Label::new(format!("l{number:02}"), "v")).collect();
        counter!("many", labels).increment(1);
        counter!("", ":a" => "", "b\n" => "\u{7f}").increment(1);
        counter!("twice", "a" => "1", "a" => "2").increment(1);
    });
    let seen = registry.snapshot();
    assert_eq!((seen.iter().count(), seen.counter("many"), seen.counter("twice")), (3, 1, 1));
    assert_eq!(seen.metric("many").series().next().unwrap().0.dimensions().count(), 30);
    assert_eq!(seen.metric("twice").with("a", "2").count(), 1);
}

#[test]
fn a_bridge_that_is_gone_is_not_taken_for_a_new_one() {
    for _ in 0..100 {
        let (registry, bridge) = stage();
        with_local_recorder(&bridge, || counter!("one").increment(1));
        assert_eq!(registry.snapshot().counter("one"), 1);
    }
}

#[test]
fn one_line_brings_all_of_it_to_the_process() {
    install().unwrap();
    counter!("by_the_process").increment(1);
    std::thread::spawn(|| counter!("by_the_process").increment(1)).join().unwrap();
    assert_eq!(meters::snapshot().counter("by_the_process"), 2);
    let error = install().unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("Bridge::new"), "{error}");
}

#[test]
fn what_is_told_for_those_who_seek_is_recorded_where_somebody_does() {
    let (registry, bridge) = stage();
    with_local_recorder(&bridge, || {
        let count = || {
            counter!(level: metrics::Level::DEBUG, "quiet").increment(1);
            counter!(level: metrics::Level::INFO, "loud").increment(1);
        };
        count();
        let seen = registry.snapshot();
        assert_eq!((seen.counter("quiet"), seen.counter("loud")), (0, 1));
        registry.set_level(meters::Level::Debug);
        count();
        let seen = registry.snapshot();
        assert_eq!((seen.counter("quiet"), seen.counter("loud")), (1, 2));
    });
}
