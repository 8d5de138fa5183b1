//! What is written is what Python writes.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::*;

#[tokio::test]
async fn fields_are_those_of_python() {
    let server = Server::start();
    let meters = meters(&server.url());
    let golden: serde_json::Value = serde_json::from_str(include_str!("../../../tests/golden/ss_keys.json")).unwrap();
    let golden = golden.as_array().unwrap();
    assert_eq!(golden.len(), 5);
    for (case, count) in golden.iter().zip(1..) {
        let dimensions: Vec<(&str, &str)> = case["dims"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
            .collect();
        meters.mark(case["name"].as_str().unwrap(), &dimensions, count);
        // Python has counted it before.
        python(&server, case["field"].as_str().unwrap());
    }
    meters.push(deadline()).await.unwrap();
    for (case, count) in golden.iter().zip(1..) {
        let field = case["field"].as_str().unwrap();
        assert_eq!(server.text(&["HGET", COUNTS, field]), (count + 1).to_string(), "{field}");
    }
    assert_eq!(server.text(&["HLEN", COUNTS]), "5");
    // What CloudWatch would refuse is told, and spoils nothing.
    let drained = drained(&meters).await;
    assert_eq!(events(&drained), of([("event_name", 2), ("foo", 3)]));
    let refused: Vec<_> = drained.refused.iter().map(|(field, count)| (field.as_str(), count.as_str())).collect();
    let mut wanted: Vec<_> =
        golden[2..].iter().zip(["4", "5", "6"]).map(|(case, count)| (case["field"].as_str().unwrap(), count)).collect();
    wanted.sort_unstable();
    assert_eq!(refused, wanted);
    let foo = drained.window.iter().find(|(series, _)| series.name() == "foo").unwrap().0;
    assert_eq!(foo.dimensions().collect::<Vec<_>>(), [("is_bar", "yes")]);
    assert!(meters.acknowledge(drained, deadline()).await.unwrap());
    assert_eq!(server.text(&["EXISTS", COUNTS]), "0");
}

fn seconds(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("{text}"))
}

fn since_1970(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

#[tokio::test]
async fn a_window_is_as_long_as_the_period_was() {
    let server = Server::start();
    let meters = meters(&server.url());
    let began = since_1970(SystemTime::now()) - 30.0;
    server.ask(&["SET", START, &format!("{began:?}")]);
    meters.mark("e", &[], 60);
    meters.push(deadline()).await.unwrap();
    // A period that has begun goes on.
    assert_eq!(server.text(&["GET", START]), format!("{began:?}"));
    let drained = drained(&meters).await;
    let window = &drained.window;
    assert!((since_1970(window.start()) - began).abs() < 2e-6);
    assert_eq!(window.end().duration_since(window.start()).unwrap(), window.elapsed());
    assert!(window.elapsed() >= Duration::from_secs(29), "{:?}", window.elapsed());
    // The next begins where this one ended, to the microsecond, as Python's constructor and flush read it.
    assert!((seconds(&server.text(&["GET", START])) - since_1970(window.end())).abs() < 2e-6);
    assert_eq!(server.text(&["TTL", START]), "-1");
}

#[tokio::test]
async fn the_first_mark_begins_a_period_and_an_empty_one_ends() {
    let server = Server::start();
    let meters = meters(&server.url());
    meters.mark("e", &[], 0);
    meters.push(deadline()).await.unwrap();
    assert_eq!(server.text(&["DBSIZE"]), "0");
    nothing(&meters).await;
    let empty = seconds(&server.text(&["GET", START]));
    server.ask(&["SET", START, "1.5"]);
    nothing(&meters).await;
    assert!(seconds(&server.text(&["GET", START])) >= empty);
    server.ask(&["DEL", START]);
    meters.mark("e", &[], 1);
    meters.push(deadline()).await.unwrap();
    assert!(seconds(&server.text(&["GET", START])) >= empty);
}

#[tokio::test]
async fn a_start_that_is_missing_or_no_time_is_healed() {
    let server = Server::start();
    let meters = meters(&server.url());
    let mut last = None;
    for odd in [None, Some("nan"), Some("x"), Some("9000000000.5"), Some("-1"), Some("inf"), Some("")] {
        python(&server, r#"["e", []]"#);
        _ = odd.map_or_else(|| server.ask(&["DEL", START]), |text| server.ask(&["SET", START, text]));
        let drained = drained(&meters).await;
        // As long as since the last drain, or, where nothing tells, as ss-instrumentation's flusher waits.
        match last {
            None => assert_eq!(drained.window.elapsed(), Duration::from_secs(60)),
            Some(last) => assert_eq!(drained.window.start(), last, "{odd:?}"),
        }
        last = Some(drained.window.end());
        assert!(meters.acknowledge(drained, deadline()).await.unwrap());
        assert!((seconds(&server.text(&["GET", START])) - since_1970(last.unwrap())).abs() < 2e-6);
    }
}

#[test]
fn a_cluster_is_refused_at_once() {
    let error = Meters::new("redis://a:6379,b:6379").unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("several slots"), "{error}");
}
