//! In which format a page is written, and what a scraper asks for.

/// A format of pages.
///
/// | | content type |
/// |---|---|
/// | [`Format::TEXT`] | `text/plain; version=0.0.4; charset=utf-8` |
/// | [`Format::OPEN_METRICS`] | `application/openmetrics-text; version=1.0.0; charset=utf-8` |
/// | [`Format::PROTOBUF`] | `application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited` |
///
/// Names that need it are escaped as Prometheus does it with `escaping=values`; [`with_utf8_names`](Self::with_utf8_names)
/// writes them as they are, in quotes.
///
/// ```
/// use meters_prometheus::Format;
/// // What Prometheus 2 asks for:
/// let accept = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
///               text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
/// assert_eq!(Format::accepted(accept), Format::OPEN_METRICS);
/// assert_eq!(Format::accepted(""), Format::TEXT);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Format {
    pub(crate) kind: Syntax,
    pub(crate) escaping: Escaping,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Syntax {
    /// `text/plain` of version 0.0.4.
    Text,
    /// The same with quoted names allowed: version 1.0.0.
    Text1,
    /// OpenMetrics of this version: those two differ in nothing else.
    OpenMetrics {
        old: bool,
    },
    Protobuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Escaping {
    /// Nobody asked.
    Unsaid,
    Values,
    Utf8,
}

impl Format {
    /// [The text format](https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format), which everything reads.
    pub const TEXT: Self = Self::new(Syntax::Text);
    /// [OpenMetrics 1.0](https://prometheus.io/docs/specs/om/open_metrics_spec/): text with units, the times at which counters
    /// began, and an end.
    pub const OPEN_METRICS: Self = Self::new(Syntax::OpenMetrics { old: false });
    /// Messages of
    /// [`MetricFamily`](https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto), each after
    /// its length: the format that has native histograms.
    pub const PROTOBUF: Self = Self::new(Syntax::Protobuf);

    const fn new(kind: Syntax) -> Self {
        Self { kind, escaping: Escaping::Unsaid }
    }

    /// With names as they are, in quotes where they need them: for Prometheus 3, as `escaping=allow-utf-8` asks for it. The text
    /// format is then that of version 1.0.0.
    #[must_use]
    pub const fn with_utf8_names(self) -> Self {
        let kind = if matches!(self.kind, Syntax::Text) { Syntax::Text1 } else { self.kind };
        Self { kind, escaping: Escaping::Utf8 }
    }

    /// The value of `Content-Type`.
    ///
    /// ```
    /// use meters_prometheus::Format;
    /// assert_eq!(Format::TEXT.content_type(), "text/plain; version=0.0.4; charset=utf-8");
    /// ```
    pub const fn content_type(self) -> &'static str {
        macro_rules! types {
            ($($pattern:pat => $text:literal)*) => {
                match (self.kind, self.escaping) {
                    $(
                        ($pattern, Escaping::Unsaid) => $text,
                        ($pattern, Escaping::Values) => concat!($text, "; escaping=values"),
                        ($pattern, Escaping::Utf8) => concat!($text, "; escaping=allow-utf-8"),
                    )*
                }
            };
        }
        types! {
            Syntax::Text => "text/plain; version=0.0.4; charset=utf-8"
            Syntax::Text1 => "text/plain; version=1.0.0; charset=utf-8"
            Syntax::OpenMetrics { old: false } => "application/openmetrics-text; version=1.0.0; charset=utf-8"
            Syntax::OpenMetrics { old: true } => "application/openmetrics-text; version=0.0.1; charset=utf-8"
            Syntax::Protobuf =>
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
        }
    }

    pub(crate) const fn has_utf8_names(self) -> bool {
        matches!(self.escaping, Escaping::Utf8)
    }
}
