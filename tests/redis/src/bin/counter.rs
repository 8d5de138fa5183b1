//! Counts in metrics of instrumentor that others count in, too, as `python/count.py` does. Arguments: URL, namespace, how
//! often, and how it transfers: `eager`, `every` or `hand`.

use std::time::Duration;

use meters_redis::instrumentor::CollectorRegistry;
use meters_redis_tests::PATIENCE;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [url, namespace, times, mode] = words.as_slice() else { panic!("counter URL NAMESPACE TIMES MODE") };
    let storage = meters_redis::RedisStorage::builder(url).connect_timeout(PATIENCE).response_timeout(PATIENCE).build();
    let builder = CollectorRegistry::on(&storage, namespace);
    let builder = match mode.as_str() {
        "eager" => builder.eager(),
        "every" => builder.every(Duration::from_millis(5)),
        _ => builder,
    };
    let registry = builder.start().unwrap();
    let hits = registry.counter("hits_total", "All hits.").labels(["path"]).register().unwrap();
    let labelled = hits.labels(&[("path", &"/x")]).unwrap();
    let took = registry.histogram("took", "How long.").buckets([1, 5]).register().unwrap();
    // All begin together.
    std::io::stdin().read_line(&mut String::new()).unwrap();
    for time in 0..times.parse().unwrap() {
        hits.inc(1);
        labelled.inc(2);
        took.observe(time % 8);
        if mode == "hand" && time % 20 == 0 {
            registry.transfer(PATIENCE).unwrap();
        }
    }
    registry.shutdown(PATIENCE).unwrap();
}
