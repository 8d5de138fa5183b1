//! Metrics that stand beside another one: `Request.InFlight`, which Prometheus takes for `Request_in_flight`.

use std::borrow::Cow;

/// What ends the name of a metric that follows from another one, and how that is spelt here.
const ENDS: [(&str, &str); 13] = [
    (".InFlight", "_in_flight"),
    (".Busy", "_busy"),
    (".Polls", "_polls"),
    // Calls have `_errors_total` of all kinds already.
    (".Errors", "_errors_by_kind"),
    (".Items", "_items"),
    (".TimeToFirst", "_time_to_first"),
    (".Above", "_above"),
    (".Answers", "_answers"),
    (".Wait", "_wait"),
    (".Retries", "_retries"),
    (".ConsecutiveFailures", "_consecutive_failures"),
    (".ConsecutiveSuccesses", "_consecutive_successes"),
    (".Status", "_status"),
];

/// A name without the dot before what follows; any other as it is.
pub(super) fn spelt(name: &str) -> Cow<'_, str> {
    let ended = ENDS.iter().find_map(|(end, spelt)| Some((name.strip_suffix(end)?, spelt)));
    match ended.filter(|(base, _)| !base.is_empty()) {
        Some((base, spelt)) => Cow::Owned(format!("{base}{spelt}")),
        None => Cow::Borrowed(name),
    }
}

#[cfg(test)]
mod tests {
    use super::spelt;

    #[test]
    fn what_follows_is_spelt_as_prometheus_likes_it_and_the_rest_as_it_is() {
        for (name, wanted) in [
            ("Request.InFlight", "Request_in_flight"),
            ("shop.request.TimeToFirst", "shop.request_time_to_first"),
            ("Request.Errors", "Request_errors_by_kind"),
            ("Request.Errors.InFlight", "Request.Errors_in_flight"),
            ("Request.Inflight", "Request.Inflight"),
            ("InFlight", "InFlight"),
            (".InFlight", ".InFlight"),
            ("Request.", "Request."),
            ("", ""),
        ] {
            assert_eq!(spelt(name), wanted);
        }
    }
}
