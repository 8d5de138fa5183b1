//! The program as it is run: what processes share through a real Redis is scraped.
#![allow(missing_docs)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use meters_core::storage::{Drain, Fate, Storage, Terms, Writer};
use meters_core::{Namespace, Registry, Unit, Window};
use meters_redis::{RedisStorage, RedisStorageBuilder};
use meters_redis_tests::{PATIENCE, Server, until};

const PERIOD: Duration = Duration::from_secs(1);

fn storage(redis: &Server) -> RedisStorageBuilder {
    RedisStorage::builder(&redis.url())
        .lease(Duration::from_millis(100))
        .grace(Duration::from_millis(1))
        .connect_timeout(PATIENCE)
        .response_timeout(PATIENCE)
}

async fn join(redis: &Server, namespace: &str) -> (Box<dyn Writer>, Box<dyn Drain>) {
    let terms = Terms::new(Namespace::new(namespace).unwrap(), PERIOD, true);
    let joined = storage(redis).build().join(terms).await.unwrap();
    (joined.writer, joined.drain.unwrap())
}

/// What a process recorded in the period that ended so many periods ago.
fn window(ago: u32, orders: u64) -> Window {
    let registry = Registry::new();
    let counter = registry.counter("orders").description("Orders that were paid.").dimension("kind", "web");
    counter.register().inc(orders);
    registry.histogram("took").unit(Unit::Milliseconds).register().observe(3.0);
    let items = registry.snapshot().iter().map(|(series, value)| (series.clone(), value.clone())).collect();
    let end = SystemTime::now() - PERIOD * ago;
    Window::from_parts(end - PERIOD, end, PERIOD, items)
}

async fn push(writer: &mut dyn Writer, window: &Window) {
    writer.take(window);
    let pushed = writer.push(Instant::now() + PATIENCE).await;
    assert_eq!(pushed.pending, 0, "{pushed:?}");
}

/// Reports one period, as a process does that sends it to CloudWatch.
async fn report(drain: &mut dyn Drain) {
    let claim = loop {
        match drain.claim(Instant::now() + PATIENCE).await.unwrap() {
            Some(claim) => break claim,
            None => tokio::time::sleep_until(drain.next().into()).await,
        }
    };
    drain.keep(&claim).await.unwrap();
    drain.plan(&claim, 1, 1).await.unwrap();
    assert!(drain.begin(&claim, 0..1, Duration::from_secs(1)).await.unwrap());
    drain.end(&claim, 0..1, Fate::Done).await.unwrap();
    drain.leave(claim).await;
}

/// The program, at work.
struct Program {
    child: Child,
    _stdout: BufReader<ChildStdout>,
    address: String,
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_meters-exposition"));
    let own = std::env::vars().map(|(name, _)| name).filter(|name| name.starts_with("METERS"));
    own.for_each(|name| _ = command.env_remove(name));
    command.args(arguments).stdin(Stdio::null());
    command
}

impl Program {
    fn start(redis: &Server, arguments: &[&str]) -> Self {
        let mut command = command(&["--redis", &redis.url(), "--listen", "127.0.0.1:0", "--timeout=30"]);
        let mut child = command.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let (mut line, mut stdout) = (String::new(), BufReader::new(child.stdout.take().unwrap()));
        stdout.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("serving http://").and_then(|rest| rest.strip_suffix("/metrics"));
        let address = address.unwrap_or_else(|| panic!("it said {line:?}")).to_owned();
        Self { child, _stdout: stdout, address }
    }

    fn page(&self) -> String {
        let (head, page) = self.get("/metrics");
        assert!(head.starts_with("HTTP/1.0 200 OK\r\n"), "{head}");
        page
    }

    fn get(&self, path: &str) -> (String, String) {
        let mut connection = TcpStream::connect(&self.address).unwrap();
        connection.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        let (head, page) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned() + "\r\n", page.to_owned())
    }

    fn until(&self, line: &str) -> String {
        until(&format!("{line:?} on the page"), || Some(self.page()).filter(|page| page.lines().any(|one| one == line)))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

#[tokio::test]
async fn what_was_reported_of_all_processes_is_scraped() {
    let redis = Server::start();
    let (mut one, mut drain) = join(&redis, "Shop").await;
    let (mut other, _) = join(&redis, "Shop").await;
    let program = Program::start(&redis, &["--namespace", "Shop", "--prefix", "shop"]);
    program.until("shop_meters_exposition_up{namespace=\"Shop\"} 1");
    push(&mut *one, &window(90, 2)).await;
    push(&mut *other, &window(90, 3)).await;
    report(&mut *drain).await;
    push(&mut *one, &window(80, 4)).await;
    report(&mut *drain).await;
    let page = program.until("shop_orders_total{kind=\"web\"} 9");
    assert!(page.contains("# TYPE shop_took_seconds histogram"), "{page}");
    assert!(page.contains("shop_took_seconds_count 3"), "{page}");
}

#[tokio::test]
async fn where_nobody_reports_it_takes_the_periods_itself() {
    let redis = Server::start();
    let (mut shop, _) = join(&redis, "Shop").await;
    let (mut bank, _) = join(&redis, "Bank").await;
    let program = Program::start(&redis, &["--namespace", "Shop,Bank", "--take"]);
    program.until("meters_exposition_up{namespace=\"Bank\"} 1");
    push(&mut *shop, &window(90, 2)).await;
    push(&mut *bank, &window(80, 3)).await;
    push(&mut *shop, &window(70, 4)).await;
    let page = program.until("orders_total{kind=\"web\",namespace=\"Shop\"} 6");
    let page = if page.contains("namespace=\"Bank\"} 3") { page } else { program.page() };
    program.until("orders_total{kind=\"web\",namespace=\"Bank\"} 3");
    assert_eq!(page.matches("# TYPE orders_total counter").count(), 1, "{page}");
}

#[tokio::test]
async fn a_redis_that_is_away_is_told_on_the_page_and_the_page_comes_back() {
    let mut redis = Server::start();
    let program = Program::start(&redis, &["--namespace", "Shop", "--timeout=1"]);
    program.until("meters_exposition_up{namespace=\"Shop\"} 1");
    redis.kill();
    program.until("meters_exposition_up{namespace=\"Shop\"} 0");
    redis.restart();
    program.until("meters_exposition_up{namespace=\"Shop\"} 1");
}

#[test]
fn hashes_of_instrumentor_have_pages_of_their_own() {
    let redis = Server::start();
    redis.ask(&["HSET", "web", "hits:t:", "c", "hits:d:", "All hits.", "hits::url=\"http://x:80\"", "7"]);
    let program = Program::start(&redis, &["--instrumentor", "web,jobs"]);
    let (head, page) = program.get("/instrumentor/web");
    assert!(head.starts_with("HTTP/1.0 200 OK\r\n") && head.contains("text/plain; version=0.0.4"), "{head}");
    assert_eq!(page, "# HELP hits All hits.\n# TYPE hits counter\nhits{url=\"http://x:80\"} 7\n");
    assert_eq!(program.get("/instrumentor/jobs").1, "");
    assert!(program.get("/instrumentor/other").0.starts_with("HTTP/1.0 404"));
    assert_eq!(program.page(), "", "no namespace was named");
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it() {
    let redis = Server::start();
    let mut program = Program::start(&redis, &["--namespace", "Shop"]);
    let id = rustix::process::Pid::from_child(&program.child);
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    assert!(program.child.wait().unwrap().success());
}

#[test]
fn what_cannot_be_meant_is_told_with_what_to_write() {
    for (arguments, told) in [
        (&["--redis", "nonsense", "--namespace", "Shop", "--listen", "127.0.0.1:0"][..], "it has no scheme"),
        (&[][..], "say where the Redis is: --redis redis://host or METERS_REDIS_URL"),
        (
            &["--redis", "redis://h"],
            "say whose metrics to serve: --namespace NAME or METERS_NAMESPACE, or --instrumentor NAME",
        ),
        (&["--redis", "redis://h", "--namespace", ","], "--namespace: write a name, or several with commas between"),
        (&["--password", "x"], "a password on the command line can be read by all users of this machine"),
        (&["--lisen", "x"], "there is no option --lisen: see meters-exposition --help"),
        (&["word"], "there is a word too many"),
        (&["--redis", "redis://h", "--namespace", "S", "--timeout", "soon"], "--timeout: write seconds such as 5"),
        (&["--redis", "redis://h", "--namespace", "S", "--listen", "nowhere"], "such as 127.0.0.1:9464"),
    ] {
        let output = command(arguments).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && text.contains(told), "{arguments:?}: {text}");
        assert_eq!(text.lines().count(), 1, "{text}");
    }
    let help = command(&["--help"]).output().unwrap();
    assert!(help.status.success() && String::from_utf8(help.stdout).unwrap().contains("--take"));
}
