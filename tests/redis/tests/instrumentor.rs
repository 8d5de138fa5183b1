//! instrumentor 0.0.1 itself and the parser of Prometheus, beside ours.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use meters_redis::RedisStorage;
use meters_redis::instrumentor::{CollectorRegistry, Exposition, LabelValue, Page};
use meters_redis_tests::{PATIENCE, Python, Server};
use serde_json::Value;

const NS: &str = "shop";

fn storage(server: &Server) -> RedisStorage {
    RedisStorage::builder(&server.url()).connect_timeout(PATIENCE).response_timeout(PATIENCE).build()
}

fn registry(server: &Server) -> CollectorRegistry {
    CollectorRegistry::on(&storage(server), NS).start().unwrap()
}

fn page(server: &Server) -> Page {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let shop = Exposition::on(&storage(server), NS).unwrap();
    runtime.block_on(shop.page(Instant::now() + PATIENCE)).unwrap()
}

/// What instrumentor's client makes of it.
fn theirs(server: &Server) -> String {
    Python::ready().run("expose.py", &[&server.port().to_string(), NS], "")
}

/// By the official parser, `[type, help, samples]` of each metric by its name, of each page.
fn parsed(pages: &[String]) -> Vec<BTreeMap<String, Value>> {
    let answer = Python::ready().run("parse.py", &[], &serde_json::to_string(pages).unwrap());
    serde_json::from_str(&answer).unwrap()
}

/// `[name, labels, value]`, sorted.
fn samples(page: &BTreeMap<String, Value>) -> Vec<String> {
    let all = page.values().flat_map(|family| family[2].as_array().unwrap());
    let mut all: Vec<_> = all.map(Value::to_string).collect();
    all.sort_unstable();
    all
}

/// All that the format has, and what must be escaped.
fn write(server: &Server) {
    let registry = registry(server);
    let labels = ["code", "path", "text"];
    let hits = registry.counter("hits_total", "All \"hits\" \\ of\nall.").labels(labels).register().unwrap();
    hits.inc(1);
    hits.labels(&[("path", &"/x"), ("code", &200)]).unwrap().inc(2.5);
    hits.labels(&[("text", &"q\"u\\o\nt,e=\"}")]).unwrap().inc(1);
    registry.counter("untouched_total", "Nothing yet.").register().unwrap();
    registry.counter("untouched_labelled_total", "Nothing yet.").labels(["a"]).register().unwrap();
    let level = registry.gauge("level", "").labels(["place"]).register().unwrap();
    level.set(1e-7);
    level.labels(&[("place", &"Malmö")]).unwrap().dec(3);
    let took = registry.histogram("took_seconds", "How long.").labels(labels).register().unwrap();
    for (path, code) in [("/x", 200), ("/x", 500), ("/y", 200)] {
        let took = took.labels(&[("path", &path), ("code", &code)]).unwrap();
        [0.001, 0.3, 7.0, 70.0].into_iter().for_each(|value| took.observe(value));
    }
    let ours = meters_core::Registry::new();
    registry.mirror(&ours);
    ours.put("size", 2.5);
    ours.counter("orders.made").dimension("Tier", "gold").register().inc(3);
    registry.shutdown(PATIENCE).unwrap();
}

#[test]
fn python_reads_what_we_wrote_and_so_do_we_and_prometheus() {
    let server = Server::start();
    write(&server);
    let (page, theirs) = (page(&server), theirs(&server));
    // Also of what has no description: they say `None`, and so does this.
    assert_eq!(page.as_python(), theirs);
    assert_eq!(page.skipped(), 0);
    let [by_them, by_us] = parsed(&[theirs, page.to_string()]).try_into().unwrap();
    assert_eq!(samples(&by_us), samples(&by_them));
    assert_eq!(by_us.len(), 7, "{by_us:?}");
    assert_eq!((&by_us["hits"][0], &by_us["hits"][1]), (&"counter".into(), &"All \"hits\" \\ of\nall.".into()));
    let text = samples(&by_us).into_iter().find(|sample| sample.contains("\"text\"")).unwrap();
    let text: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(text[1]["text"], "q\"u\\o\nt,e=\"}");
    assert_eq!(by_us["took_seconds"][2].as_array().unwrap().len(), 3 * (12 + 2));
    assert_eq!(by_us["size"][0], "summary");
}

#[test]
fn we_read_what_python_wrote_and_say_it_as_python_does() {
    let server = Server::start();
    Python::ready().run("write.py", &[&server.port().to_string(), NS], "");
    let (page, theirs) = (page(&server), theirs(&server));
    assert_eq!(page.as_python(), theirs);
    assert!(theirs.contains("hits_total{code=\"200\",ok=\"True\",path=\"/x\"} 2.5\n"), "{theirs}");
    let [by_them, by_us] = parsed(&[theirs, page.to_string()]).try_into().unwrap();
    assert_eq!(samples(&by_us), samples(&by_them));
    // Ours is in the order of the bounds.
    let bounds: Vec<_> = page
        .to_string()
        .lines()
        .filter_map(|line| Some(line.split_once("le=\"")?.1.split_once('"')?.0.to_owned()))
        .collect();
    assert_eq!(bounds, ["0.1", "1", "2.5", "10", "+Inf"]);
}

#[test]
fn what_python_wrote_goes_on_where_we_count_too() {
    let server = Server::start();
    let python = || Python::ready().run("write.py", &[&server.port().to_string(), NS], "");
    python();
    let registry = registry(&server);
    let hits = registry.counter("hits_total", "All hits.").labels(["code", "path", "ok"]).register().unwrap();
    hits.inc(1);
    hits.labels(&[("path", &"/x"), ("code", &200), ("ok", &true)]).unwrap().inc(2.5);
    registry.transfer(PATIENCE).unwrap();
    python();
    let text = page(&server).to_string();
    assert!(text.contains("\nhits_total 3\nhits_total{code=\"200\",ok=\"True\",path=\"/x\"} 7.5\n"), "{text}");
}

/// With a program of its own at the other end of a pipe, which begins at a line.
fn rust(server: &Server, times: &str, mode: &str) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_counter"));
    command.args([&server.url(), NS, times, mode]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[test]
fn totals_of_two_processes_of_python_and_three_of_ours_are_exact() {
    const TIMES: u64 = 4_000;
    let server = Server::start();
    let (port, times) = (server.port().to_string(), TIMES.to_string());
    let python = || Python::ready().start("count.py", &[&port, NS, &times]);
    let mut all = vec![python(), python()];
    all.extend(["eager", "every", "hand"].map(|mode| rust(&server, &times, mode)));
    all.iter_mut().for_each(|child| child.stdin.as_mut().unwrap().write_all(b"go\n").unwrap());
    for child in all.drain(..) {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let all = 5 * TIMES;
    // 0 to 7 in turns.
    let wanted = [
        ("hits_total::", all),
        ("hits_total::path=\"/x\"", 2 * all),
        ("took:b:le=\"1\"", all / 4),
        ("took:b:le=\"5\"", all / 4 * 3),
        ("took:b:le=\"+Inf\"", all),
        ("took:c:", all),
        ("took:s:", all / 8 * 28),
    ];
    for (field, wanted) in wanted {
        assert_eq!(server.text(&["HGET", NS, field]), wanted.to_string(), "{field}");
    }
    assert_eq!(theirs(&server), page(&server).as_python());
}

/// Texts of what is special somewhere.
fn odd(dice: &mut fastrand::Rng) -> String {
    let parts = [
        "a", "\"", "\\", "\n", ":", ",", "=", "{", "}", "le=\"", "é", " ", "#", "\r", "\t", "\u{85}", "\u{2028}", "1",
        "\0",
    ];
    (0..dice.usize(..7)).map(|_| parts[dice.usize(..parts.len())]).collect()
}

#[test]
fn every_label_and_description_comes_out_of_the_parser_as_it_went_in() {
    let server = Server::start();
    let mut dice = fastrand::Rng::with_seed(4711);
    let (mut pages, mut values) = (Vec::new(), Vec::new());
    for _ in 0..60 {
        server.ask(&["DEL", NS]);
        let registry = registry(&server);
        let (text, description) = (odd(&mut dice), odd(&mut dice));
        let hits = registry.counter("hits_total", &description).labels(["a", "b"]).register().unwrap();
        let labels: [(&str, &dyn LabelValue); 2] = [("a", &text), ("b", &"x")];
        hits.labels(&labels).unwrap().inc(1);
        registry.shutdown(PATIENCE).unwrap();
        let page = page(&server);
        assert_eq!(page.skipped(), 0, "{text:?} {description:?}");
        pages.push(page.to_string());
        values.push((text, description));
    }
    for (families, (text, description)) in parsed(&pages).iter().zip(&values) {
        let samples = families["hits"][2].as_array().unwrap();
        assert_eq!(samples[0][1]["a"], text.as_str(), "{description:?}");
        // The parser takes blanks off both ends.
        assert_eq!(families["hits"][1].as_str().unwrap().trim(), description.trim(), "{text:?}");
    }
}

#[test]
fn whatever_strangers_write_the_parser_takes_the_page() {
    let mut dice = fastrand::Rng::with_seed(11);
    let names = ["a", "a_bucket", "a_count", "b", "a:b", "9", "", "é"];
    let parts = ["", "t", "d", "b", "c", "s", "z", "", "b"];
    let values = ["1", "2.5", "nan", "inf", "x", "c", "g", "h", "s", "", "1e999", "-1", "\n", "\\"];
    let mut skipped = 0;
    let pages: Vec<_> = (0..400)
        .map(|_| {
            let field = |dice: &mut fastrand::Rng| {
                let labels = match dice.usize(..5) {
                    0 => String::new(),
                    1 => format!("le=\"{}\"", ["1", "+Inf", "1.0", "x"][dice.usize(..4)]),
                    2 => format!("quantile=\"{}\"", ["0.5", "2", "x"][dice.usize(..3)]),
                    3 => odd(dice),
                    _ => format!("k=\"{}\",le=\"1\"", odd(dice)),
                };
                let colon = [":", "::", ""][[0, 0, 0, 0, 1, 2][dice.usize(..6)]];
                let (name, part) = (names[dice.usize(..names.len())], parts[dice.usize(..parts.len())]);
                (format!("{name}:{part}{colon}{labels}"), values[dice.usize(..values.len())])
            };
            let page = Page::read((0..dice.usize(1..25)).map(|_| field(&mut dice)).collect::<BTreeMap<_, _>>());
            skipped += page.skipped();
            page
        })
        .collect();
    assert!(skipped > 500);
    let texts: Vec<_> = pages.iter().map(Page::to_string).collect();
    let lines = |text: &String| text.lines().filter(|line| !line.starts_with('#')).count();
    for (families, text) in parsed(&texts).iter().zip(&texts) {
        assert_eq!(samples(families).len(), lines(text), "{text}");
    }
    // As Python orders it, too.
    let texts: Vec<_> = pages.iter().map(Page::as_python).collect();
    assert_eq!(parsed(&texts).len(), 400);
}
