//! The attributes, with their documentation.

/// Times a function and counts how its calls end.
///
/// ```
/// use meters::monitored;
///
/// #[monitored]
/// fn checkout(cart: &str) -> Result<u32, std::num::ParseIntError> {
///     let total: u32 = cart.parse()?;
///     Ok(total)
/// }
///
/// let _ = (checkout("12"), checkout("twelve"));
///
/// let function = concat!(module_path!(), "::checkout");
/// let calls = meters::snapshot().metric("Duration").with("Function", function).calls();
/// assert_eq!((calls.count(), calls.errors), (2, 1));
/// ```
///
/// It stands on functions and methods that have a body, `async` or not: with generics, any receiver, destructured
/// arguments, `impl Trait`, `unsafe`, `extern`. It also stands on functions that return a future and end in
/// `async move { … }` or `Box::pin(async move { … })`, as `#[async_trait]` makes them. It cannot stand on a `const fn`, on
/// a method without a body, on a closure, or on a whole `impl` block: annotate each method.
///
/// # What is reported
///
/// | metric | unit | what |
/// |---|---|---|
/// | `Duration` | Microseconds, or `unit` | how long each call took: count, sum, minimum and maximum exactly, percentiles within 2.3 % |
/// | `Errors` | Count | Sum is the number of errors and panics, Average the error rate |
/// | `Cancelled` | Count | futures dropped before they finished; exists once there is one |
///
/// All carry the dimension `Function`, the path of the function (`shop::cart::checkout`), and those of `dimensions(…)`.
///
/// With `name = "Checkout"` the metrics are `Checkout`, `Checkout.Errors` and `Checkout.Cancelled`, and there is **no**
/// `Function` dimension: a metric that you name carries exactly what you list. Methods of the same name in one module
/// share the value of `Function`; a name keeps them apart.
///
/// A call ends in one of four ways: **ok**, **error** (it returned `Err`, or an [`Outcome`](crate::Outcome) that says so),
/// **panic**, or **cancelled**. `return` and `?` are seen like any other end. A future that is never polled is no call: the
/// time runs from the first poll.
///
/// # Arguments
///
/// | argument | value | default |
/// |---|---|---|
/// | `name = "Checkout"` | 1 to 245 printable ASCII characters | `Duration`, with the dimension `Function` |
/// | `dimensions(…)` | a list, see below; at most 30, `Function` included | none |
/// | `unit = Milliseconds` | `Microseconds`, `Milliseconds` or `Seconds` | `Microseconds` |
/// | `resolution = 1` | 1 (second) or 60 (seconds) | 60 |
/// | `crate = path` | where `meters` is, if not at `::meters` | `::meters` |
///
/// An argument that is unknown, given twice or out of range is a compile error at that argument.
///
/// ## Dimensions
///
/// | written | dimension | cost |
/// |---|---|---|
/// | `Route = "checkout"` | a literal: string, number, `bool` or `char` | none |
/// | `tier` | the argument `tier`, under the name `tier` | by its type |
/// | `Tier = tier` | any expression of the arguments | by its type |
/// | `"any key" = self.shard` | a key that is no identifier | by its type |
///
/// A value's type implements [`DimensionValue`](crate::DimensionValue). Enums with `#[derive(Dimension)]` and `bool` find
/// their series by an array index; texts and numbers by a hash, in a table of the thread's own. Values are read once, by
/// reference, before the body runs: the body may move its arguments. Nothing is captured that is not listed.
///
/// ```
/// use meters::{Dimension, monitored};
///
/// #[derive(Dimension, Clone, Copy)]
/// enum Tier {
///     Free,
///     Gold,
/// }
///
/// struct Shop {
///     shard: u32,
/// }
///
/// impl Shop {
///     #[monitored(name = "Pay", dimensions(Method = "card", tier, Shard = self.shard), unit = Milliseconds)]
///     fn pay(&self, tier: Tier, cents: u64) -> Result<u64, String> {
///         if cents == 0 {
///             return Err("nothing to pay".into());
///         }
///         Ok(cents)
///     }
/// }
///
/// let _ = Shop { shard: 7 }.pay(Tier::Gold, 0);
/// let calls = meters::snapshot().metric("Pay").with("tier", "Gold").with("Shard", "7").calls();
/// assert_eq!((calls.count(), calls.errors), (1, 1));
/// ```
///
/// # What it expands to
///
/// ```
/// # struct Call;
/// # impl Call { fn finish(self, _: Ended) {} }
/// # enum Ended { Ok }
/// # struct Site;
/// # static SITE: Site = Site;
/// # impl Site { fn enter(&self) -> Call { Call } fn enter_async(&self) -> Call { Call } }
/// # macro_rules! ended { ($result:expr) => { { let _ = $result; Ended::Ok } } }
/// # type E = std::num::ParseIntError;
/// // fn items() -> usize { body }            the value cannot be an error: a guard, the body untouched
/// fn items() -> usize {
///     let call = SITE.enter();
///     { /* body */ 3 }
/// }
///
/// // fn total(text: &str) -> Result<u32, E> { body }      `?` and `return` leave the closure only
/// fn total(text: &str) -> Result<u32, E> {
///     let call = SITE.enter();
///     let result = (move || -> Result<u32, E> { /* body */ Ok(text.parse()?) })();
///     call.finish(ended!(&result));
///     result
/// }
///
/// // async fn fetch(text: &str) -> Result<u32, E> { body }    dropped inside the block: cancelled
/// async fn fetch(text: &str) -> Result<u32, E> {
///     let call = SITE.enter_async();
///     let result = async move { /* body */ Ok(text.parse()?) }.await;
///     call.finish(ended!(&result));
///     result
/// }
/// # let _ = (items(), total("1"), fetch("1"));
/// ```
///
/// `SITE` is a static of this function, one for all instantiations of a generic one. The names above are hygienic: they
/// cannot meet yours. A future stays `Send` if it was, and grows by some 30 bytes. Your own lints stay; the expansion adds
/// none under `#![deny(warnings)]`, and needs no `unsafe`.
pub use meters_macros::monitored;

/// Counts the calls of a function, per second. It never reads the clock, and does not ask how the calls end.
///
/// ```
/// use meters::metered;
///
/// #[metered(dimensions(Method = "password"))]
/// fn login(user: &str) -> bool {
///     user == "root"
/// }
///
/// login("root");
/// login("mallory");
///
/// let function = concat!(module_path!(), "::login");
/// let logins = meters::snapshot().metric("Calls").with("Function", function).with("Method", "password").count();
/// assert_eq!(logins, 2);
/// ```
///
/// # What is reported
///
/// `Calls` in Count/Second: Average is the rate, Sum the exact number of calls. Dimensions as with
/// [`#[monitored]`](macro@crate::monitored): `Function` and those listed; with `name = "Logins"` the metric is `Logins` and
/// carries only those listed. (This is Dropwizard's meter; OpenTelemetry's word means a factory of instruments.)
///
/// An `async fn` counts when it is polled for the first time, a function that returns a future when it is called.
///
/// # Arguments
///
/// | argument | value | default |
/// |---|---|---|
/// | `name = "Logins"` | 1 to 255 printable ASCII characters | `Calls`, with the dimension `Function` |
/// | `dimensions(…)` | as with `#[monitored]` | none |
/// | `resolution = 1` | 1 (second) or 60 (seconds) | 60 |
/// | `crate = path` | where `meters` is, if not at `::meters` | `::meters` |
///
/// There is no `unit`: it is always Count/Second.
///
/// # What it expands to
///
/// ```
/// # struct Site;
/// # static SITE: Site = Site;
/// # impl Site { fn mark(&self) {} }
/// // fn login(user: &str) -> bool { body }
/// fn login(user: &str) -> bool {
///     SITE.mark();
///     { /* body */ user == "root" }
/// }
/// # login("");
/// ```
pub use meters_macros::metered;

/// Makes an enum without fields the closed set of a dimension's values: a site whose dimensions are all of such types finds
/// its series by an array index, without hashing.
///
/// ```
/// use meters::{Dimension, DimensionValue, counter};
///
/// #[derive(Dimension, Clone, Copy)]
/// #[dimension(rename_all = "snake_case")]
/// enum Channel {
///     WebShop,
///     #[dimension(rename = "call-centre")]
///     Phone,
/// }
///
/// assert_eq!(Channel::VALUES, ["web_shop", "call-centre"]);
///
/// counter!("Sold", Channel = Channel::Phone).inc(2);
/// assert_eq!(meters::snapshot().metric("Sold").with("Channel", "call-centre").count(), 2);
/// ```
///
/// # Arguments
///
/// | on | argument | value |
/// |---|---|---|
/// | the enum | `rename_all = "…"` | `PascalCase`, `camelCase`, `snake_case`, `SCREAMING_SNAKE_CASE`, `kebab-case`, `lowercase` or `UPPERCASE`, spelt as `serde` spells them |
/// | the enum | `crate = path` | where `meters` is, if not at `::meters` |
/// | a variant | `rename = "…"` | its text, whatever `rename_all` says |
///
/// Without arguments a variant's text is its name. Texts are 1 to 1024 printable ASCII characters, and no two are the same.
///
/// # What it expands to
///
/// ```
/// # enum Channel { WebShop, Phone }
/// impl meters::DimensionValue for Channel {
///     const VALUES: &'static [&'static str] = &["web_shop", "call-centre"];
///
///     fn index(&self) -> usize {
///         match *self {
///             Self::WebShop => 0,
///             Self::Phone => 1,
///         }
///     }
///
///     fn with_str<R>(&self, f: impl FnOnce(&str) -> R) -> R {
///         f(Self::VALUES[self.index()])
///     }
/// }
/// ```
pub use meters_macros::Dimension;
