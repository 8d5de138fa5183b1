//! The macros that stand in the body of a function, or at the root of a crate.

macro_rules! wrappers {
    ($d:tt $($(#[$what:meta])* $name:ident => $inner:ident;)*) => {$(
        $(#[$what])*
        #[macro_export]
        macro_rules! $name {
            ($d($d input:tt)*) => { $d crate::__private::$inner! { ($d crate) $d($d input)* } };
        }
    )*};
}

wrappers! { $
    /// A counter's handle where it stands; with literal dimensions it is static, and costs a store.
    ///
    /// `counter!("Name", [unit = Bytes,] [resolution = 1,] [limit = 200,] Key = value, …)`; values as in
    /// `dimensions(…)` of the attributes, `%value` and `?value` among them. A dimension called like an option is written as
    /// text: `"unit" = …`
    ///
    /// Besides, `description = "…"` says what it is, `level = Debug` (`Runtime`, `Disabled`) for whom it is
    /// [recorded](crate::Level), and `internal` that no exporter sends it. Of several places that say so of one metric the first
    /// is heard.
    ///
    /// ```
    /// let kind = "web".to_owned();
    /// meters::counter!("OrdersPlaced", Kind = kind, Tier = "gold").inc(1);
    /// assert_eq!(meters::snapshot().metric("OrdersPlaced").with("Kind", "web").count(), 1);
    /// ```
    counter => counter_impl;
    /// A handle on a counter of amounts that are no whole numbers, where it stands; arguments as for
    /// [`counter!`](crate::counter!). It has one total for all threads, under a lock.
    ///
    /// ```
    /// meters::float_counter!("CpuSeconds", Mode = "user").inc(0.25);
    /// assert_eq!(meters::snapshot().metric("CpuSeconds").amount(), 0.25);
    /// ```
    float_counter => float_counter_impl;
    /// A gauge's handle where it stands; arguments as for [`counter!`](crate::counter!), and `across = Last`, `Sum`, `Min` or
    /// `Max`: what its levels in several processes come to, see [`Across`](crate::Across).
    ///
    /// ```
    /// meters::gauge!("Connections", Pool = "main", across = Sum).set(3.0);
    /// ```
    gauge => gauge_impl;
    /// A histogram's handle where it stands; arguments as for [`counter!`](crate::counter!), and `buckets`: upper bounds of
    /// [its own](crate::Buckets) beside the lattice, numbers that rise, as `[0.1, 0.5, 1.0]`, `linear(start, width, count)` or
    /// `exponential(start, factor, count)`.
    ///
    /// ```
    /// meters::histogram!("BodySize", unit = Bytes).observe(512.0);
    /// meters::histogram!("Wait", unit = Seconds, buckets = [0.1, 0.5, 1.0]).observe(0.3);
    /// meters::histogram!("Rows", buckets = exponential(1, 10, 4)).observe(20.0);
    ///
    /// let all = meters::snapshot();
    /// assert_eq!(all.metric("Wait").distribution().unwrap().explicit(), Some((&[0.1, 0.5, 1.0][..], &[0, 1, 0][..])));
    /// assert_eq!(all.metric("Rows").distribution().unwrap().explicit().unwrap().0, [1.0, 10.0, 100.0, 1000.0]);
    /// ```
    histogram => histogram_impl;
    /// A summary's handle where it stands; arguments as for [`counter!`](crate::counter!), and `quantiles = [0.5, 0.99]`, which
    /// are 0.5, 0.95 and 0.99 unless told, and `maximum = 60`: values above are counted in `Name.Above`, and nowhere else. See
    /// [`Summary`](crate::Summary).
    ///
    /// ```
    /// let wait = meters::summary!("Wait", unit = Seconds, quantiles = [0.5, 0.9], maximum = 60);
    /// wait.observe(0.3);
    /// wait.observe(3600.0);
    /// assert_eq!((meters::snapshot().metric("Wait").count(), meters::snapshot().counter("Wait.Above")), (1, 1));
    /// ```
    summary => summary_impl;
    /// A meter's handle where it stands; arguments as for [`counter!`](crate::counter!).
    ///
    /// ```
    /// meters::meter!("Logins", Method = "password").mark(1);
    /// ```
    meter => meter_impl;
    /// A monitor where it stands: what [`#[monitored]`](macro@crate::monitored) is to a function, for any future or stream.
    /// Arguments as for [`counter!`](crate::counter!); `unit` is `Microseconds` unless told.
    ///
    /// ```
    /// use meters::MonitoredExt;
    /// # async fn load(key: u32) -> Result<u32, String> { Ok(key) }
    ///
    /// async fn both() -> Result<u32, String> {
    ///     let fetch = meters::monitor!("Fetch", Route = "cart"); // Copy: keep it, hand it on
    ///     let first = load(1).monitored(fetch).await?;
    ///     Ok(first + load(2).monitored(fetch).await?)
    /// }
    /// # drop(both());
    /// ```
    monitor => monitor_impl;
    /// Times a block: a histogram of its duration, in `Microseconds` unless told. Its value is that of the block, and `?`,
    /// `return`, `break`, labels and `.await` mean in it what they mean outside. A block that is left early counts, too.
    ///
    /// `timed!("Name", [unit = Milliseconds,] [resolution = 1,] [limit = 200,] Key = value, …, { block })`, and what else
    /// [`histogram!`](crate::histogram!) takes
    ///
    /// ```
    /// fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    ///     let number: u32 = meters::timed!("Parse", Kind = "number", { text.trim().parse()? });
    ///     Ok(number + 1)
    /// }
    ///
    /// assert!(parse("1").is_ok() && parse("x").is_err());
    /// assert_eq!(meters::snapshot().metric("Parse").with("Kind", "number").count(), 2);
    /// ```
    ///
    /// `timed!(metric = latency, { block })` tells a [`Histogram`](crate::Histogram) or a [`Summary`](crate::Summary) that there
    /// is already, in its own unit: any expression that is one, also behind a reference, a `LazyLock` or an `Arc`; or a
    /// [`Family`](crate::Family) of them, `timed!(metric = latency, route = route, { block })`.
    timed => timed_impl;
    /// Sets dimensions that the attribute of the function around left open, `Cache = _`: with whichever value they have
    /// when the call ends, it is counted. A name that the attribute does not have does not compile.
    ///
    /// ```
    /// use meters::monitored;
    ///
    /// #[monitored(name = "Lookup", dimensions(Cache = _ "none", Rows = _))]
    /// fn lookup(key: u32) -> u32 {
    ///     if key == 0 {
    ///         return 0; // Cache is none, Rows is _unset
    ///     }
    ///     meters::set!(Cache = "hit", Rows = key * 2);
    ///     key
    /// }
    ///
    /// lookup(0);
    /// lookup(1);
    /// let all = meters::snapshot();
    /// assert_eq!(all.metric("Lookup").with("Cache", "none").with("Rows", "_unset").calls().count(), 1);
    /// assert_eq!(all.metric("Lookup").with("Cache", "hit").with("Rows", "2").calls().count(), 1);
    /// ```
    ///
    /// Values as in `dimensions(…)`, `%value` and `?value` among them; a literal allocates nothing. The last one wins. In a
    /// closure or task that outlives the function it does not compile: the dimensions are those of this call.
    set => set_impl;
    /// How dimension keys written as identifiers are spelt, in the whole crate. It stands at its root, once.
    ///
    /// `rename_all` is `PascalCase`, `camelCase`, `snake_case`, `SCREAMING_SNAKE_CASE`, `kebab-case`, `lowercase` or
    /// `UPPERCASE`. Keys in quotes stay as they are, and so do `Function` and what [`counter`](fn@crate::counter), its like
    /// and [`dimension`](fn@crate::dimension) are told. A key whose spelling another dimension has already stays as it is
    /// written. In an attribute, `limit` and `rollup` name the key as it is written; snapshots and CloudWatch know it as spelt.
    ///
    /// ```
    /// meters::defaults! { rename_all = "PascalCase" }
    ///
    /// #[meters::monitored(name = "Serve", dimensions(type_of_request))]
    /// fn serve(type_of_request: &str) -> usize {
    ///     type_of_request.len()
    /// }
    ///
    /// # fn main() {
    /// serve("read");
    /// assert_eq!(meters::snapshot().metric("Serve").with("TypeOfRequest", "read").calls().count(), 1);
    /// # }
    /// ```
    defaults => defaults_impl;
}
