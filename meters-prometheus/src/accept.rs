//! What the header `Accept` asks for.

use crate::format::{Escaping, Format, Syntax};

impl Format {
    /// The best of the formats that the value of the header `Accept` names; [`Format::TEXT`] where it names none of them: a page
    /// that is perhaps not understood tells more than none.
    ///
    /// The one with the highest weight is taken, of several the first. A wildcard stands for the text format. `escaping=`
    /// may ask for `allow-utf-8`; all else is answered with `escaping=values`, under which no two names become one.
    ///
    /// The rule is that of
    /// [content negotiation](https://prometheus.io/docs/instrumenting/content_negotiation/).
    ///
    /// ```
    /// use meters_prometheus::Format;
    /// let accept = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,text/plain;q=0.5";
    /// assert_eq!(Format::accepted(accept), Format::PROTOBUF);
    /// let accept = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.2";
    /// assert_eq!(Format::accepted(accept), Format::OPEN_METRICS.with_utf8_names());
    /// ```
    pub fn accepted(accept: &str) -> Self {
        let mut best = (0, Self::TEXT);
        for range in split(accept, ',') {
            if let Some((weight, format)) = asked(range)
                && weight > best.0
            {
                best = (weight, format);
            }
        }
        best.1
    }
}

/// The parts between separators that stand in no quotes.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    text.split(move |character| {
        let skip = std::mem::take(&mut escaped);
        match character {
            '"' if !skip => quoted = !quoted,
            '\\' if quoted && !skip => escaped = true,
            _ => {}
        }
        character == separator && !quoted
    })
}

/// One range: its weight in thousandths, and the format that it names, if it is one of ours.
fn asked(range: &str) -> Option<(u32, Format)> {
    let mut parts = split(range, ';').map(str::trim);
    let media = parts.next()?.to_ascii_lowercase();
    let (mut weight, mut escaping, mut version, mut proto, mut encoding) = (1000, Escaping::Unsaid, "", "", "");
    for parameter in parts {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "q" => weight = thousandths(value)?,
            "escaping" => escaping = if value == "allow-utf-8" { Escaping::Utf8 } else { Escaping::Values },
            "version" => version = value,
            "proto" => proto = value,
            "encoding" => encoding = value,
            _ => {}
        }
    }
    let kind = match (media.as_str(), version) {
        ("text/plain", "1.0.0") => Syntax::Text1,
        ("text/plain", "" | "0.0.4") | ("text/*" | "*/*", _) => Syntax::Text,
        ("application/openmetrics-text", "" | "1.0.0") => Syntax::OpenMetrics { old: false },
        ("application/openmetrics-text", "0.0.1") => Syntax::OpenMetrics { old: true },
        ("application/vnd.google.protobuf", _)
            if proto == "io.prometheus.client.MetricFamily" && encoding == "delimited" =>
        {
            Syntax::Protobuf
        }
        _ => return None,
    };
    let escaping = match (kind, escaping) {
        // Names in quotes are no part of these.
        (Syntax::Text | Syntax::OpenMetrics { old: true }, Escaping::Utf8) => Escaping::Values,
        (_, escaping) => escaping,
    };
    (weight > 0).then_some((weight, Format { kind, escaping }))
}

/// `0`, `0.5`, `1.000`; `None` for what is no weight.
fn thousandths(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    match whole {
        "1" if digits && fraction.bytes().all(|byte| byte == b'0') => Some(1000),
        "0" if digits => format!("{fraction:0<3}").parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PROTO: &str = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

    fn answer(accept: &str) -> &'static str {
        Format::accepted(accept).content_type()
    }

    #[test]
    fn what_scrapers_ask_for() {
        let (text, open) = (Format::TEXT.content_type(), Format::OPEN_METRICS.content_type());
        // Prometheus 3, without and with native histograms.
        let three = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
                     application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,\
                     text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
        assert_eq!(answer(three), "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8");
        assert_eq!(answer(&format!("{PROTO};q=0.6,{three}")), Format::PROTOBUF.content_type());
        assert_eq!(
            answer("application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"),
            "application/openmetrics-text; version=0.0.1; charset=utf-8"
        );
        assert_eq!(
            answer("text/plain;version=1.0.0;escaping=allow-utf-8"),
            Format::TEXT.with_utf8_names().content_type()
        );
        assert_eq!(answer("text/plain;version=0.0.4;escaping=underscores"), format!("{text}; escaping=values"));
        assert_eq!(answer("text/plain;escaping=allow-utf-8"), format!("{text}; escaping=values"));
        for accept in
            ["", "*/*", "text/html,application/xhtml+xml,*/*;q=0.8", "application/json", "text/*", ";;,=", "\""]
        {
            assert_eq!(answer(accept), text, "{accept}");
        }
        assert_eq!(answer("text/plain;q=0.5, Application/OpenMetrics-Text ; Version=\"1.0.0\" ; Q=0.501"), open);
        assert_eq!(answer("application/openmetrics-text;q=0,text/plain;q=0.1"), text);
        assert_eq!(answer("application/openmetrics-text;version=2.0.0,text/plain;q=0.1"), text);
        assert_eq!(answer("application/openmetrics-text;x=\"a,b;c\\\",\";q=0.2,text/plain;q=0.1"), open);
        assert_eq!(answer("application/openmetrics-text;q=1.001,text/plain;q=0.1"), text);
        assert_eq!(answer("application/vnd.google.protobuf;encoding=text,text/plain;q=0.1"), text);
    }

    proptest! {
        #[test]
        fn whatever_is_asked_is_answered(accept in "\\PC*") {
            Format::accepted(&accept);
        }
    }
}
