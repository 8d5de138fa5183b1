//! The expansions raise no warning, however much is denied; `tests/ui.rs` shows this file to clippy too.
#![deny(warnings, missing_docs, unused, keyword_idents, let_underscore, rust_2018_idioms)]
#![deny(elided_lifetimes_in_paths, missing_copy_implementations, missing_debug_implementations, redundant_lifetimes)]
#![deny(single_use_lifetimes, tail_expr_drop_order, trivial_casts, trivial_numeric_casts, unit_bindings)]
#![deny(unused_lifetimes, unused_qualifications, unused_results, variant_size_differences)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(clippy::as_conversions, clippy::expect_used, clippy::indexing_slicing, clippy::let_underscore_must_use)]
#![deny(clippy::let_underscore_untyped, clippy::min_ident_chars, clippy::panic, clippy::pattern_type_mismatch)]
#![deny(clippy::redundant_type_annotations, clippy::semicolon_inside_block, clippy::shadow_reuse)]
#![deny(clippy::shadow_same, clippy::shadow_unrelated, clippy::std_instead_of_core, clippy::unreachable)]
#![deny(clippy::absolute_paths, clippy::unused_trait_names, clippy::unwrap_used)]
#![forbid(unsafe_code)]
#![expect(dead_code, reason = "compiled, not called")]

use core::future::ready;
use core::num::ParseIntError;
use core::pin::Pin;
use std::process::abort;
use std::sync::LazyLock;

use meters::{Counter, Dimension, Family, Histogram, Monitor, Outcome, counter, meter, metered, monitored};

/// Documented, as is all here.
#[derive(Clone, Copy, Debug, Dimension)]
pub enum Tier {
    /// Documented.
    Free,
    /// Documented.
    Gold,
}

#[derive(Clone, Copy, Debug, Dimension)]
enum Old {
    #[deprecated]
    Free,
    Gold,
}

#[monitored]
fn unit() {}

#[metered]
fn metered_unit() {}

#[monitored]
fn items_first() -> u32 {
    use core::cmp::max;
    const ONE: u32 = 1;
    max(ONE, 2)
}

#[monitored]
fn items_first_checked(text: &str) -> Result<u32, ParseIntError> {
    use core::cmp::max;
    const ONE: u32 = 1;
    let number: u32 = text.parse()?;
    Ok(max(ONE, number))
}

#[monitored]
async fn items_first_async(text: &str) -> Result<u32, ParseIntError> {
    use core::cmp::max;
    const ONE: u32 = 1;
    leaf().await;
    let number: u32 = text.parse()?;
    Ok(max(ONE, number))
}

#[metered]
fn items_first_metered() -> u32 {
    use core::cmp::max;
    const ONE: u32 = 1;
    max(ONE, 2)
}

#[monitored(dimensions(Tier = tier))]
async fn leaf_of(tier: Tier) {
    ready(()).await;
}

#[monitored]
async fn leaf() {
    ready(()).await;
}

#[monitored(dimensions(tier, Name = name, Next = number.saturating_add(1), Big = number > 2))]
fn dimensions(tier: Tier, name: &str, mut number: u32) -> Result<String, ParseIntError> {
    number = number.saturating_add(name.parse()?);
    Ok([number, 1].iter().map(ToString::to_string).collect())
}

#[monitored]
async fn value() -> u32 {
    ready(1).await
}

#[monitored]
async fn diverges() -> Result<u32, ParseIntError> {
    loop {
        leaf().await;
    }
}

#[monitored]
fn one_expression(text: &str) -> Result<u32, ParseIntError> {
    text.parse()
}

#[monitored]
fn unit_result(early: bool) -> Result<(), ParseIntError> {
    if early {
        return Ok(());
    }
    one_expression("1").map(|_| ())
}

#[monitored]
async fn unit_result_async(early: bool) -> Result<(), ParseIntError> {
    if early {
        return Ok(());
    }
    leaf().await;
    one_expression("1").map(|_| ())
}

#[monitored]
async fn iterator(early: bool) -> Result<impl Iterator<Item = u32>, ParseIntError> {
    leaf().await;
    if early {
        return Ok([1_u32].into_iter());
    }
    Ok([2_u32].into_iter())
}

#[monitored]
fn closure() -> impl Fn(u32) -> u32 {
    |number| number.saturating_add(1)
}

#[monitored]
async fn exclusive(text: &mut String) {
    leaf().await;
    text.push('a');
}

#[monitored]
fn lent(text: &mut String) -> Result<&mut str, ParseIntError> {
    let number: u32 = text.parse()?;
    text.push_str(&number.to_string());
    Ok(text.as_mut_str())
}

#[monitored]
fn boxed(text: &str) -> Pin<Box<dyn Future<Output = Result<u32, ParseIntError>> + Send + '_>> {
    Box::pin(async move {
        leaf().await;
        text.parse()
    })
}

/// Documented.
#[derive(Clone, Copy, Debug, Outcome)]
pub enum Reply {
    /// Documented.
    Fine,
    /// Documented.
    #[outcome(error)]
    Broken(u8),
}

#[derive(Debug, PartialEq, Eq)]
enum Failure {
    NotFound,
    Gone,
}

#[monitored(errors(ignore(Failure::NotFound)), limit = 5)]
async fn ignoring(tier: Tier) -> Result<u32, Failure> {
    leaf_of(tier).await;
    Err(Failure::Gone)
}

#[monitored(errors(none), dimensions(%name, Tier = ?tier, Whole = %name.len().saturating_add(1)))]
fn named(name: &str, tier: Tier) -> Option<usize> {
    name.find('a').filter(|_| matches!(tier, Tier::Free))
}

#[monitored(errors(if = |returned: &String| returned.is_empty()))]
fn emptied(text: &str) -> String {
    text.to_owned()
}

struct Block {
    shard: u32,
}

#[monitored(dimensions(Shard = self.shard, Name = %self.shard), errors(none, ignore(Failure::Gone)))]
#[metered(prefix = "Block")]
impl Block {
    fn get(&self) -> Result<u32, Failure> {
        if self.shard == 0 { Err(Failure::Gone) } else { Ok(self.shard) }
    }

    fn find(&self) -> Option<u32> {
        self.shard.checked_add(1)
    }

    #[monitored(dimensions(number))]
    async fn wait(&self, number: u32) {
        leaf().await;
    }

    #[monitored(skip)]
    #[metered(skip)]
    fn skipped() -> String {
        1.to_string()
    }
}

struct Shop {
    shard: u32,
}

impl Shop {
    #[monitored(name = "Shop", dimensions(Shard = self.shard))]
    fn itself(self) -> Self {
        self
    }
}

#[monitored(dimensions(Cache = _, Step = _ "begin", tier), when = number > 0, sample = 1/8, record(in_flight))]
fn slots(number: u32, tier: Tier) -> Result<u32, ParseIntError> {
    meters::set!(Cache = "hit", Step = number);
    let read: u32 = meters::timed!("Timed", Step = number, { "1".parse()? });
    Ok(read)
}

#[monitored(
    on_ok(|read| Read = *read, Large = read > &3),
    on_err(|error| Reason = ?error.kind()),
    errors(kind = |error| format!("{error}")),
    record(busy, polls)
)]
async fn returned(text: &str) -> Result<u32, ParseIntError> {
    ready(text).await.parse()
}

#[monitored(on_ok(|read| Read = read.is_some()), rollup([], [Function]), limit(Read = 3))]
fn option(text: &str) -> Option<u32> {
    text.parse().ok()
}

/// Documented.
///
/// # Errors
///
/// Those of the future.
#[monitored(dimensions(text), errors(ignore(_)))]
pub fn passed_on(text: &'static str) -> impl Future<Output = Result<u32, ParseIntError>> + Send {
    ready(text.parse())
}

#[monitored(future = true)]
fn told() -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(ready(1))
}

#[metered(when = flag, dimensions(flag), rollup([]))]
fn marked(flag: bool) -> bool {
    flag
}

static REQUESTS: LazyLock<Counter> = LazyLock::new(|| counter("Requests").register());
static LATENCY: LazyLock<Histogram> = LazyLock::new(|| meters::histogram("Latency").register());
static CALLS: LazyLock<Monitor> = LazyLock::new(|| meters::monitor("Calls").register());

#[metered(metric = REQUESTS)]
#[monitored(metric = LATENCY)]
fn own_unit() {}

#[metered(metric = &*REQUESTS, when = flag)]
#[monitored(metric = &LATENCY, when = flag)]
fn own_sometimes(flag: bool) -> bool {
    flag
}

static FAMILY: LazyLock<Family<Counter>> =
    LazyLock::new(|| counter("Family").labels(["code", "tier"]).family().unwrap_or_else(|_| abort()));

#[metered(metric = FAMILY, dimensions(code, tier = Tier::Gold), when = code > 0)]
fn own_family(code: u16) -> u16 {
    code
}

struct Own {
    requests: Counter,
    calls: Monitor,
    latency: Histogram,
}

impl Own {
    #[metered(metric = self.requests)]
    #[monitored(metric = self.calls, dimensions(Cache = _), on_ok(|read| Read = *read), record(in_flight))]
    fn own_checked(&self, text: &str) -> Result<u32, ParseIntError> {
        meters::set!(Cache = "hit");
        let read: u32 = meters::timed!(metric = self.latency, { text.parse()? });
        Ok(read)
    }

    #[monitored(metric = self.calls, sample = 1/8, errors(ignore(_)))]
    async fn own_async(&self, text: &str) -> Result<u32, ParseIntError> {
        ready(text).await.parse()
    }
}

#[monitored(metric = CALLS)]
fn own_passed_on() -> impl Future<Output = u32> + Send {
    ready(1)
}

/// Documented.
#[monitored(name = "Told", description = "What it is", level = Debug, internal)]
pub fn told_what() {}

fn main() {
    counter!("Orders", Kind = "a").inc(1);
    counter!("Orders", Kind = Tier::Gold).inc(1);
    let tier = Tier::Free;
    counter!("Orders", ?tier, Name = %1_u8.saturating_add(1), limit = 5).inc(1);
    meter!("Uploads", unit = BytesPerSecond).mark(1);
}
