//! A real Prometheus scrapes it, and answers what was recorded.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use meters_core::{Registry, Unit};
use meters_prometheus::{Exposition, listener};
use serde_json::Value;

use crate::client::ask;

/// Longer than anything here takes, on a busy machine.
const HANGS: Duration = Duration::from_secs(120);

struct Prometheus {
    child: Child,
    folder: std::path::PathBuf,
    address: std::net::SocketAddr,
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
        _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Prometheus {
    fn start(target: std::net::SocketAddr) -> Self {
        // Free at this moment; it cannot tell which one it chose.
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("prometheus-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let config = folder.join("prometheus.yml");
        let text = format!(
            "global: {{scrape_interval: 200ms}}\nscrape_configs:\n- job_name: shop\n  static_configs: [{{targets: [\"{target}\"]}}]\n"
        );
        std::fs::write(&config, text).unwrap();
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .args(["--enable-feature=native-histograms", "--log.level=error"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("prometheus was not found, install it: {error}"));
        Self { child, folder, address }
    }

    /// The (labels, value) that it has for a query, once it has any.
    fn query(&self, query: &str) -> (Value, f64) {
        let deadline = Instant::now() + HANGS;
        let encoded: String = query.bytes().map(|byte| format!("%{byte:02x}")).collect();
        while Instant::now() < deadline {
            // It may not listen yet.
            if std::net::TcpStream::connect(self.address).is_ok() {
                let answer = ask(self.address, "GET", &format!("/api/v1/query?query={encoded}"), &[]);
                let answer: Option<Value> = serde_json::from_slice(&answer.body).ok();
                if let Some(found) = answer.as_ref().and_then(|answer| answer["data"]["result"].get(0)) {
                    let value = found["value"][1].as_str().unwrap().parse().unwrap();
                    return (found["metric"].clone(), value);
                }
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("{query} has no answer");
    }
}

#[test]
fn a_real_prometheus_reads_native_histograms_and_all_else() {
    let registry = Registry::new();
    registry.counter("orders").dimension("kind", "a\"\\b").register().inc(7);
    registry.gauge("a.b").unit(Unit::Percent).dimension("le", "x").register().set(12.5);
    let took = registry.histogram("took").unit(Unit::Milliseconds).register();
    (1..=1000).for_each(|nth| took.observe(f64::from(nth)));
    let endpoint = listener("127.0.0.1:0").serve(Exposition::new(), registry).unwrap();
    let prometheus = Prometheus::start(endpoint.local_addr());
    let (labels, orders) = prometheus.query("orders_total");
    assert_eq!((labels["kind"].as_str(), orders), (Some("a\"\\b"), 7.0));
    let (labels, ratio) = prometheus.query("{__name__=~\"U__a.*\"}");
    assert_eq!((labels["__name__"].as_str(), labels["exported_le"].as_str()), (Some("U__a_2e_b__ratio"), Some("x")));
    assert_eq!(ratio, 0.125);
    // Without `le`: of the native histogram.
    assert_eq!(prometheus.query("histogram_count(took_seconds)").1, 1000.0);
    assert_eq!(prometheus.query("histogram_sum(took_seconds)").1, 500.5);
    let p99 = prometheus.query("histogram_quantile(0.99, took_seconds)").1;
    assert!((p99 / 0.99 - 1.0).abs() < 0.025, "{p99}");
}
