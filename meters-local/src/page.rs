//! The pages for people: `/` lists what is stored, `/healthz` says that the server lives.

use crate::body::Answer;
use crate::datum::Series;
use crate::server::Shared;
use crate::statistics::{Statistic, Summary};
use crate::store::Stored;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write;

/// Series on the page; the others are counted.
const MAX_LINES: usize = 1_000;

pub(crate) fn answer(path: &str, shared: &Shared) -> Response<Answer> {
    let (status, text) = match path {
        "/" => (StatusCode::OK, overview(shared)),
        "/healthz" => (StatusCode::OK, "ok\n".to_owned()),
        _ => (StatusCode::NOT_FOUND, "There is nothing here. See / and /healthz.\n".to_owned()),
    };
    let mut response = Response::new(Answer::whole(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

fn overview(shared: &Shared) -> String {
    let state = shared.lock();
    let store = &state.store;
    let mut page = format!(
        "meters-local: {} datums in {} bytes, {} dropped, {} requests\n\n",
        store.len(),
        store.bytes(),
        store.dropped(),
        state.request_count,
    );
    let mut total = 0;
    for (series, datums) in store.series() {
        total += 1;
        if total <= MAX_LINES {
            line(&mut page, series, datums);
        }
    }
    if total > MAX_LINES {
        page.push_str(&format!("and {} more series\n", total - MAX_LINES));
    }
    page
}

fn line(page: &mut String, series: &Series, datums: &VecDeque<Stored>) {
    let mut summary = Summary::new(true);
    datums.iter().for_each(|datum| summary.add(&datum.value));
    let units: BTreeSet<_> = datums.iter().map(|datum| datum.unit).collect();
    let dimensions: Vec<_> = series.dimensions.iter().map(|(name, value)| format!("{name}={value}")).collect();
    // Writing to a String cannot fail.
    let _ = write!(page, "{} {} {{{}}}", series.namespace, series.name, dimensions.join(", "));
    let _ = write!(page, "  unit={}", units.into_iter().collect::<Vec<_>>().join("|"));
    let statistics = [
        ("n", Statistic::SampleCount),
        ("sum", Statistic::Sum),
        ("min", Statistic::Minimum),
        ("max", Statistic::Maximum),
        ("p50", Statistic::Percentile(50.0)),
        ("p99", Statistic::Percentile(99.0)),
    ];
    for (name, statistic) in statistics {
        if let Some(number) = summary.get(statistic) {
            let _ = write!(page, " {name}={number}");
        }
    }
    page.push('\n');
}
