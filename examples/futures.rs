//! Futures and streams of other people's crates, monitored where they are used: a request, and the rows of a query.
#![allow(clippy::print_stdout)]

use std::time::Duration;

use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use meters::{MonitoredExt as _, Unit};

#[derive(Debug)]
enum Failed {
    Unreachable,
    Truncated,
}

/// As an HTTP client has it: nothing here can be annotated.
async fn get(url: &str, attempt: u64) -> Result<u16, Failed> {
    tokio::time::sleep(Duration::from_millis(url.len() as u64 / 5)).await;
    match attempt % 5 {
        0 => Err(Failed::Unreachable),
        1 => std::future::pending().await,
        2 => Ok(503),
        _ => Ok(200),
    }
}

/// As a database's client has it.
fn rows(query: &str, many: u64) -> impl Stream<Item = Result<u64, Failed>> {
    let broken = query.is_empty();
    stream::iter(0..many).then(move |row| async move {
        tokio::time::sleep(Duration::from_millis(1)).await;
        if broken && row == 3 { Err(Failed::Truncated) } else { Ok(row) }
    })
}

#[tokio::main]
async fn main() {
    // A monitor is cheap to copy: make it once, use it for every call.
    let fetch = meters::monitor("Fetch").dimension("Host", "example.com").register();
    let scan = meters::monitor("Scan").unit(Unit::Milliseconds).register();

    for attempt in 0..20 {
        let page = get("https://example.com/", attempt);
        // An answer may be an error too; and who loses patience cancels the call.
        let page = page.monitored_if(fetch, |answer| !matches!(answer, Ok(status) if *status < 500));
        _ = tokio::time::timeout(Duration::from_millis(50), page).await;
    }

    let all: Vec<u64> = rows("SELECT 1", 10).monitored(scan).try_collect().await.unwrap_or_default();
    let some = rows("SELECT 1", 10).monitored(scan).take(2).count().await; // dropped before its end: cancelled
    let none: Result<Vec<u64>, Failed> = rows("", 10).monitored(scan).try_collect().await; // ends at its first error
    println!("rows: {} of one scan, {some} of the next, and the third says {none:?}\n", all.len());

    print!("{}", meters::snapshot());
}
