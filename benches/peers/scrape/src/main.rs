//! What a scrape costs: time, and memory beyond that of the metrics themselves.
//!
//! Of ten series four are counters, four gauges and two histograms with the same ten buckets; each has two labels. All tools
//! take turns, and each writes the page of the text format to a `Vec` or `String`; ours is also streamed.

mod count;
mod tools;

use std::time::Instant;

use tools::Tool;

#[global_allocator]
static ALLOCATOR: count::Counting = count::Counting;

fn main() {
    let rounds = std::env::args().nth(1).map_or(15, |rounds| rounds.parse().expect("rounds are a number"));
    for series in [10_000, 100_000] {
        println!("| {series} series | ms: least (median) | first, ms | allocated, MB | at once, MB | page, MB |\n|---|---|---|---|---|---|");
        let mut tools = tools::all(series);
        let mut seen: Vec<Vec<Seen>> = tools.iter().map(|_| Vec::new()).collect();
        for _ in 0..rounds {
            for (tool, seen) in tools.iter_mut().zip(&mut seen) {
                seen.push(scrape(tool));
            }
        }
        for (tool, seen) in tools.iter().zip(&seen) {
            let mut times: Vec<_> = seen[1..].iter().map(|seen| seen.milliseconds).collect();
            times.sort_by(f64::total_cmp);
            let last = seen.last().expect("there are rounds");
            println!(
                "| {} | {:.2} ({:.2}) | {:.2} | {:.2} | {:.2} | {:.2} |",
                tool.name, times[0], times[times.len() / 2], seen[0].milliseconds, last.allocated, last.peak, last.page
            );
        }
        println!();
    }
}

struct Seen {
    milliseconds: f64,
    allocated: f64,
    peak: f64,
    page: f64,
}

fn scrape(tool: &mut Tool) -> Seen {
    let before = count::begin();
    let start = Instant::now();
    let page = (tool.scrape)();
    let milliseconds = start.elapsed().as_secs_f64() * 1e3;
    let (allocated, peak) = count::since(before);
    let mega = |bytes: usize| bytes as f64 / 1e6;
    Seen { milliseconds, allocated: mega(allocated), peak: mega(peak), page: mega(page) }
}
