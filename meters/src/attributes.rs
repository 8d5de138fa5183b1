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
/// a method without a body, or on a closure. On an `impl` block it stands for all of its methods, see below.
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
/// share the value of `Function`; an attribute on the `impl` block, or a name, keeps them apart.
///
/// A call ends in one of four ways: **ok**, **error** (it returned `Err`, or an [`Outcome`](crate::Outcome) that says so, or
/// what `errors(…)` makes one), **panic**, or **cancelled**. `return` and `?` are seen like any other end. A future that is never polled is no call: the
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
/// | `limit = 200` | how many series the metric may have from here; what comes beyond goes to one series of `_other` | that of the registry |
/// | `errors(…)` | rules, see below | by the returned type |
/// | `prefix = "Store"` | on an `impl` block only: what stands in `Function` in place of the type | the type |
/// | `skip` | on a method of an annotated `impl` block only: leave it out | |
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
/// | `Tenant = %order.tenant`, `%user` | what the value displays | a `String` a call |
/// | `Mode = ?order.mode`, `?mode` | what it shows by `Debug` | a `String` a call |
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
/// ## Errors
///
/// | written | an error is |
/// |---|---|
/// | `errors(none)` | `None`, of a function that returns an `Option` |
/// | `errors(ignore(Error::NotFound \| Error::Gone))` | any `Err`, but for those of the pattern |
/// | `errors(if = \|returned\| returned.is_empty())` | whatever the closure says, which gets a reference to the returned value, and decides alone |
/// | `errors()` | what the type says: in a block that has other rules |
///
/// ```
/// use meters::monitored;
///
/// enum Error {
///     NotFound,
///     Io,
/// }
///
/// #[monitored(name = "Find", errors(none))]
/// fn find(key: u32) -> Option<u32> {
///     (key > 0).then_some(key)
/// }
///
/// #[monitored(name = "Get", errors(ignore(Error::NotFound)))]
/// fn get(key: u32) -> Result<u32, Error> {
///     if key == 0 { Err(Error::NotFound) } else { Err(Error::Io) }
/// }
///
/// #[monitored(name = "Render", errors(if = |page| page.is_empty()))]
/// fn render(text: &str) -> String {
///     text.to_owned()
/// }
///
/// let _ = (find(0), find(1), get(0), get(1), render(""));
/// let all = meters::snapshot();
/// assert_eq!(all.metric("Find").calls().errors, 1);
/// assert_eq!(all.metric("Get").calls().errors, 1);
/// assert_eq!(all.metric("Render").calls().errors, 1);
/// ```
///
/// ## Impl blocks
///
/// On `impl Type { … }` or `impl Trait for Type { … }` it stands for each function with a body; `const fn`, constants and
/// types are left alone. A method's own attribute adds to it and wins, argument by argument, and dimension by dimension.
/// `Function` tells the type: `module::Type::method`, in a trait's `impl` `module::<Type as Trait>::method`, both without
/// paths and generics. With `#[async_trait]` the order does not matter. (A method's own attribute is known by its name: one
/// that was imported under another name adds a second metric.)
///
/// ```
/// use meters::monitored;
///
/// struct Store {
///     table: &'static str,
/// }
///
/// #[monitored(dimensions(Table = self.table), errors(none))]
/// impl Store {
///     #[monitored(skip)]
///     fn new(table: &'static str) -> Self {
///         Store { table }
///     }
///
///     fn find(&self, key: u32) -> Option<u32> {
///         (key > 0).then_some(key)
///     }
///
///     #[monitored(dimensions(Kind = "batch"), unit = Milliseconds)]
///     fn load(&self) {}
/// }
///
/// let store = Store::new("orders");
/// store.find(0);
/// store.load();
///
/// let all = meters::snapshot();
/// let orders = all.metric("Duration").with("Table", "orders");
/// let find = concat!(module_path!(), "::Store::find");
/// assert_eq!(orders.with("Function", find).calls().errors, 1);
/// assert_eq!(all.metric("Duration").with("Kind", "batch").calls().count(), 1);
/// ```
///
/// The rules `none` and `ignore` of a block are for the methods that return something called `Option` and `…Result`; `if` is
/// for all that return a value. `name` cannot stand on a block: all methods would share one metric.
///
/// # What it expands to
///
/// ```
/// # struct Call;
/// # impl Call {
/// #     fn finish(self, _: Ended) {}
/// #     fn poll<F: Future>(&self, body: std::pin::Pin<&mut F>, context: &mut std::task::Context<'_>)
/// #         -> std::task::Poll<F::Output> { body.poll(context) }
/// # }
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
/// // async fn fetch(text: &str) -> Result<u32, E> { body }    dropped while it waits: cancelled
/// async fn fetch(text: &str) -> Result<u32, E> {
///     let call = SITE.enter_async();
///     let mut body = std::pin::pin!(async move { /* body */ Ok(text.parse()?) });
///     let result = std::future::poll_fn(|context| call.poll(body.as_mut(), context)).await;
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
/// | `limit`, `prefix`, `skip` | as with `#[monitored]` | |
/// | `crate = path` | where `meters` is, if not at `::meters` | `::meters` |
///
/// It stands on `impl` blocks like `#[monitored]`, and both may stand on one. There is no `unit`: it is always Count/Second.
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

/// Says which variants of an enum are errors; all others are none.
///
/// ```
/// use meters::{Outcome, monitored};
///
/// #[derive(Outcome)]
/// enum Reply {
///     Fine(u32),
///     #[outcome(error)]
///     Broken,
/// }
///
/// #[monitored(name = "Reply")]
/// fn reply(number: u32) -> Reply {
///     if number > 0 { Reply::Fine(number) } else { Reply::Broken }
/// }
///
/// let _ = (reply(0), reply(1));
/// assert_eq!(meters::snapshot().metric("Reply").calls().errors, 1);
/// ```
///
/// `#[outcome(crate = path)]` on the enum says where `meters` is, if not at `::meters`.
pub use meters_macros::Outcome;
