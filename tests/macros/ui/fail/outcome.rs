//! A future whose output does not say whether it is an error.

use meters::MonitoredExt;

struct Reply;

fn main() {
    let fetch = meters::monitor!("Fetch");
    drop(std::future::ready(Reply).monitored(fetch));
}
