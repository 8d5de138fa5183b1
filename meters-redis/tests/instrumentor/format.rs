//! What is written is what Python writes, and where it is not, what Python can read.

use meters_redis::instrumentor::{LabelValue, Number};

use super::*;

#[test]
fn the_hash_is_the_one_that_the_real_library_wrote() {
    let server = Server::start();
    let registry = registry(&server.url()).start().unwrap();
    let requests = registry.counter("api_http_requests_total", "Total HTTP requests");
    let requests = requests.labels(["code", "handler", "method"]).register().unwrap();
    requests.inc(1);
    requests.inc(5);
    requests.labels(&[("code", &200)]).unwrap().inc(2.5);
    requests.labels(&[("method", &"POST"), ("handler", &"/messages")]).unwrap().inc(1);
    let temperature = registry.gauge("temperature_celsius", "Temperature").labels(["location"]).register().unwrap();
    temperature.set(21.5);
    temperature.labels(&[("location", &"Malmö")]).unwrap().dec(3);
    let buckets: [Number; 5] = [0.05.into(), 0.1.into(), 1.into(), 2.5.into(), 10.into()];
    let seconds = registry.histogram("request_seconds", "Duration").buckets(buckets).register().unwrap();
    [0.06, 0.12, 3.64].into_iter().for_each(|value| seconds.observe(value));
    registry.transfer(PATIENCE).unwrap();
    // Redis adds with more digits than it shows, and than Python does.
    seconds.observe(0.01);
    registry.transfer(PATIENCE).unwrap();
    let golden = include_str!("../../../tests/golden/instrumentor_hash.json");
    let golden: serde_json::Value = serde_json::from_str(golden).unwrap();
    let fields: BTreeMap<String, String> = serde_json::from_value(golden["fields"].clone()).unwrap();
    assert_eq!(hash(&server), fields);
    assert_eq!(page(&server).as_python(), golden["exposition"].as_str().unwrap());
    assert_eq!(server.text(&["TTL", NS]), "-1");
    // Python fails at a field that it does not know: what is noted is noted elsewhere, and not for ever.
    let keys: Vec<String> = redis::from_redis_value(server.ask(&["KEYS", "*"])).unwrap();
    let noted: Vec<_> = keys.iter().filter(|key| *key != NS).collect();
    assert!(noted.len() == 1 && noted[0].starts_with("meters:{shop}:writer:"), "{keys:?}");
    assert!((86_300..=86_400).contains(&server.text(&["TTL", noted[0]]).parse().unwrap()));
}

#[test]
fn fields_are_those_of_python() {
    let server = Server::start();
    let registry = registry(&server.url()).start().unwrap();
    let m = registry.counter("m", "").labels(["a", "b", "B", "_", "path"]).register().unwrap();
    let golden = include_str!("../../../tests/golden/instrumentor_fields.json");
    let golden: serde_json::Value = serde_json::from_str(golden).unwrap();
    let mut fields = vec!["m:t:".to_owned()];
    for case in golden.as_array().unwrap() {
        let owned: Vec<(&str, Box<dyn LabelValue>)> = case["labels"]
            .as_object()
            .unwrap()
            .iter()
            // A name that is no ASCII makes no page.
            .filter(|(name, _)| name.is_ascii())
            .map(|(name, value)| (name.as_str(), value_of(value)))
            .collect();
        let labels: Vec<(&str, &dyn LabelValue)> = owned.iter().map(|(name, value)| (*name, &**value)).collect();
        m.labels(&labels).unwrap().inc(1);
        // What needs it is escaped, as Python ought to.
        let field = case["field"].as_str().unwrap();
        fields.push(field.replace(",é=\"w\"", "").replace("q\"u\\o\nte", r#"q\"u\\o\nte"#));
    }
    assert_eq!(fields.len(), 12);
    registry.transfer(PATIENCE).unwrap();
    fields.sort_unstable();
    fields.dedup();
    assert_eq!(hash(&server).into_keys().collect::<Vec<_>>(), fields);
}

fn value_of(value: &serde_json::Value) -> Box<dyn LabelValue> {
    match value {
        serde_json::Value::String(text) => Box::new(text.clone()),
        serde_json::Value::Bool(is) => Box::new(*is),
        serde_json::Value::Null => Box::new(None::<String>),
        number => number
            .as_i64()
            .map_or_else(|| Box::new(number.as_f64().unwrap()) as Box<dyn LabelValue>, |int| Box::new(int)),
    }
}

#[test]
fn defect_labelled_sum_count_and_bucket_of_all_have_no_labels() {
    let server = Server::start();
    let registry = registry(&server.url()).start().unwrap();
    let took = registry.histogram("took", "").buckets([0.4]).labels(["code", "path"]).register().unwrap();
    let one = took.labels(&[("path", &"/x")]).unwrap();
    one.observe(0.25);
    one.observe(7);
    took.labels(&[("code", &200)]).unwrap().observe(0.5);
    registry.transfer(PATIENCE).unwrap();
    let wanted = of([
        ("took:t:", "h"),
        ("took:b:le=\"0.4\",path=\"/x\"", "1"),
        ("took:b:le=\"+Inf\",path=\"/x\"", "2"),
        ("took:s:path=\"/x\"", "7.25"),
        ("took:c:path=\"/x\"", "2"),
        ("took:b:code=\"200\",le=\"0.4\"", "0"),
        ("took:b:code=\"200\",le=\"+Inf\"", "1"),
        ("took:s:code=\"200\"", "0.5"),
        ("took:c:code=\"200\"", "1"),
    ]);
    assert_eq!(hash(&server), wanted);
}

#[test]
fn defect_a_whole_number_after_a_float_fails_for_ever_and_adds_the_others_again() {
    let server = Server::start();
    let registry = registry(&server.url()).start().unwrap();
    let took = registry.histogram("took", "").buckets([1]).register().unwrap();
    let other = registry.counter("other", "").register().unwrap();
    for value in [Number::from(0.5), Number::from(3)] {
        took.observe(value);
        other.inc(1);
        registry.transfer(PATIENCE).unwrap();
    }
    assert_eq!(get(&server, "took:s:").unwrap(), "3.5");
    assert_eq!((get(&server, "took:c:").unwrap(), get(&server, "other::").unwrap()), ("2".into(), "2".into()));
    // A total beyond what a whole number of Redis is goes on, too.
    server.ask(&["HSET", NS, "other::", &i64::MAX.to_string()]);
    other.inc(1);
    registry.transfer(PATIENCE).unwrap();
    assert_eq!(get(&server, "other::").unwrap(), "9223372036854775808");
    assert_eq!(registry.refused().fields, 0);
}

#[test]
fn what_is_whole_stays_so_that_python_can_add_to_it() {
    let server = Server::start();
    let registry = registry(&server.url()).start().unwrap();
    let (hits, level) =
        (registry.counter("hits", "").register().unwrap(), registry.gauge("level", "").register().unwrap());
    let took = registry.histogram("took", "").buckets([1]).register().unwrap();
    for round in 1..=3 {
        hits.inc(round);
        level.inc(round);
        took.observe(2.0 * f64::from(round));
        registry.transfer(PATIENCE).unwrap();
        // As Python does.
        for field in ["hits::", "level::", "took:s:", "took:c:"] {
            server.ask(&["HINCRBY", NS, field, "1"]);
        }
    }
    let all: Vec<_> = ["hits::", "level::", "took:s:", "took:c:"].map(|field| get(&server, field).unwrap()).into();
    assert_eq!(all, ["9", "9", "15", "6"]);
}

#[test]
fn defect_values_and_descriptions_are_not_escaped() {
    let server = Server::start();
    let registry = registry(&server.url()).start().unwrap();
    let hits = registry.counter("hits", "a \"b\" \\ c\nd").labels(["a"]).register().unwrap();
    hits.labels(&[("a", &"x\"} 1\nevil{a=\"\\")]).unwrap().inc(1);
    registry.transfer(PATIENCE).unwrap();
    let page = page(&server);
    let wanted = "# HELP hits a \"b\" \\\\ c\\nd\n# TYPE hits counter\nhits{a=\"x\\\"} 1\\nevil{a=\\\"\\\\\"} 1\n";
    assert_eq!((page.to_string().as_str(), page.skipped()), (wanted, 0));
    assert_eq!(page.as_python(), format!("{wanted}\n"));
    assert_eq!(get(&server, "hits:d:").unwrap(), r#"a "b" \\ c\nd"#);
}

#[test]
fn defect_colons_cut_a_page_short() {
    let server = Server::start();
    let registry = registry(&server.url()).start().unwrap();
    let error = registry.counter("a:b", "").register().unwrap_err();
    assert!(error.is_invalid_input() && error.to_string().contains("instrumentor cannot read colons"), "{error}");
    let hits = registry.counter("hits", "").labels(["url"]).register().unwrap();
    hits.labels(&[("url", &"http://h:80/x")]).unwrap().inc(1);
    registry.transfer(PATIENCE).unwrap();
    // Strangers may have colons in names.
    server.ask(&["HSET", NS, "a:b:t:", "g", "a:b::x=\"y:z\"", "2"]);
    let wanted = "# TYPE a:b gauge\na:b{x=\"y:z\"} 2\n# TYPE hits counter\nhits{url=\"http://h:80/x\"} 1\n";
    assert_eq!((page(&server).to_string().as_str(), page(&server).skipped()), (wanted, 0));
}

#[test]
fn defect_a_label_le_overrides_the_bucket() {
    let server = Server::start();
    let registry = registry(&server.url()).start().unwrap();
    for name in ["le", "quantile", "__", "__name__"] {
        assert!(registry.histogram("h", "").labels([name]).register().unwrap_err().is_invalid_input(), "{name}");
    }
    let took = registry.histogram("took", "").labels(["path"]).register().unwrap();
    let refused: [&[(&str, &dyn LabelValue)]; 3] = [&[("le", &"1")], &[("other", &1)], &[("path", &1), ("path", &2)]];
    for labels in refused {
        assert!(took.labels(labels).unwrap_err().is_invalid_input());
    }
}

#[test]
fn a_name_is_one_metric() {
    let server = Server::start();
    let registry = registry(&server.url()).start().unwrap();
    let register = || registry.counter("hits", "All.").labels(["a"]).register();
    register().unwrap().inc(1);
    register().unwrap().inc(2);
    registry.transfer(PATIENCE).unwrap();
    assert_eq!(get(&server, "hits::").unwrap(), "3");
    for error in [
        registry.counter("hits", "Others.").labels(["a"]).register().unwrap_err(),
        registry.counter("hits", "All.").register().unwrap_err(),
        registry.gauge("hits", "All.").labels(["a"]).register().unwrap_err(),
        registry.histogram("9", "").register().unwrap_err(),
        registry.histogram("h", "").buckets([f64::NAN]).register().unwrap_err(),
        registry.gauge("g", "").initial(f64::NAN).register().unwrap_err(),
    ] {
        assert!(error.is_invalid_input() && error.to_string().contains(": use "), "{error}");
    }
}

#[test]
fn more_label_sets_than_the_limit_are_counted_together() {
    let server = Server::start();
    let registry = registry(&server.url()).limit(3).start().unwrap();
    let hits = registry.counter("hits", "").labels(["a"]).register().unwrap();
    (0..10).for_each(|a| hits.labels(&[("a", &a)]).unwrap().inc(1));
    registry.transfer(PATIENCE).unwrap();
    let wanted = [("hits::a=\"0\"", "1"), ("hits::a=\"1\"", "1"), ("hits::a=\"_other\"", "8"), ("hits:t:", "c")];
    assert_eq!(hash(&server), of(wanted));
}
