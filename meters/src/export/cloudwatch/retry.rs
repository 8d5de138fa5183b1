//! What a failure means, and what to do about it.

use std::time::Duration;

use meters_core::Error;

#[cfg(test)]
mod tests;

/// How far a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reached {
    /// It could not be made: credentials or endpoint are missing.
    Nothing,
    /// Nobody took the connection.
    NoConnection,
    /// It may have arrived, but no answer came: what it held may have been counted.
    Perhaps,
    /// CloudWatch, or something on the way to it, answered with this status.
    Answer(u16),
}

/// One request that did not succeed.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) reached: Reached,
    /// CloudWatch's code, as `Throttling`.
    pub(crate) code: Option<String>,
    /// CloudWatch's message, or what stood in the way.
    pub(crate) message: String,
    /// How long CloudWatch asked to wait.
    pub(crate) retry_after: Option<Duration>,
}

/// What to do with the datums of a request that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// Send the same again after a while.
    Retry,
    /// Send less at once.
    Halve,
    /// Find the datum that is refused, and leave it out.
    Search,
    /// Keep everything, and make no more requests before the next export: they would fail alike.
    Hold,
    /// Keep this batch for the next export, and go on with the one behind it.
    Later,
}

/// Beginnings of the codes in
/// [Common errors](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html), those of
/// [PutMetricData](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html), and those that
/// were seen though no page names them. A beginning, for the same error comes with and without `Exception`.
const CODES: &[(Remedy, &[&str])] = &[
    (
        Remedy::Retry,
        &[
            "Throttl",
            "TooManyRequests",
            "RequestThrottled",
            "RequestLimitExceeded",
            "LimitExceeded",
            "BandwidthLimit",
            "ProvisionedThroughputExceeded",
            "PriorRequestNotComplete",
            "SlowDown",
            "RequestTimeout",
            "Internal",
            "ServiceUnavailable",
            "ServiceFailure",
        ],
    ),
    (Remedy::Halve, &["RequestEntityTooLarge", "RequestTooLarge", "PayloadTooLarge"]),
    (
        Remedy::Hold,
        &[
            "ExpiredToken",
            "RequestExpired",
            "RequestTimeTooSkewed",
            "AccessDenied",
            "UnrecognizedClient",
            "InvalidClientTokenId",
            "InvalidAccessKeyId",
            "InvalidSignature",
            "SignatureDoesNotMatch",
            "IncompleteSignature",
            "MissingAuthenticationToken",
            "NotAuthorized",
            "UnauthorizedOperation",
            "AuthFailure",
            "OptInRequired",
        ],
    ),
    (
        Remedy::Search,
        &[
            "InvalidParameter",
            "MissingParameter",
            "MissingRequiredParameter",
            "Validation",
            "InvalidFormat",
            "Serialization",
        ],
    ),
];

impl Failure {
    /// What to do about it. A code says more than a status; a status says something where a proxy answered.
    pub(crate) fn remedy(&self) -> Remedy {
        let status = match self.reached {
            Reached::Nothing => return Remedy::Hold,
            Reached::NoConnection | Reached::Perhaps => return Remedy::Retry,
            Reached::Answer(status) => status,
        };
        let of_code = |code: &str| {
            let begins = |beginnings: &[&str]| beginnings.iter().any(|beginning| code.starts_with(beginning));
            CODES.iter().find(|(_, beginnings)| begins(beginnings)).map(|(remedy, _)| *remedy)
        };
        match (self.code.as_deref().and_then(of_code), status) {
            // What a server says while it is broken condemns no datum.
            (Some(remedy), status) if remedy != Remedy::Search || status < 500 => remedy,
            (_, 413) => Remedy::Halve,
            (_, 408 | 429 | 500..) => Remedy::Retry,
            (_, 401 | 403 | 407) => Remedy::Hold,
            _ => Remedy::Later,
        }
    }

    /// Whether what was sent may have been counted although the request failed.
    pub(crate) fn is_ambiguous(&self) -> bool {
        self.reached == Reached::Perhaps
    }

    /// Whether it was a request, which AWS bills.
    pub(crate) fn is_request(&self) -> bool {
        matches!(self.reached, Reached::Perhaps | Reached::Answer(_))
    }

    /// What tells one trouble from another: the code, or what stands for it.
    pub(crate) fn kind(&self) -> String {
        match (&self.code, self.reached) {
            (Some(code), _) => code.clone(),
            (None, Reached::Answer(status)) => format!("HTTP status {status}"),
            (None, Reached::Nothing) => "no request".to_owned(),
            (None, Reached::NoConnection) => "no connection".to_owned(),
            (None, Reached::Perhaps) => "no answer".to_owned(),
        }
    }

    /// The error for those who run the program: what became of the datums, and what can be done; `later` where CloudWatch is
    /// there, and busy or broken.
    pub(crate) fn error(&self, became: &str, later: &str) -> Error {
        let advice = match (self.remedy(), self.reached) {
            (_, Reached::Nothing) => {
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or give the host a role"
            }
            (Remedy::Hold, _) => "give valid credentials that allow cloudwatch:PutMetricData, and check the clock",
            (_, Reached::NoConnection | Reached::Perhaps) => "check the network, the region and the endpoint URL",
            (Remedy::Retry, _) => later,
            (Remedy::Search, _) => "check the clock of this host",
            _ => "check the endpoint URL and the answer",
        };
        let message = format!("CloudWatch did not take {became}: {}: {advice}", self.kind());
        let error = if self.is_ambiguous() { Error::timeout(message) } else { Error::export(message) };
        error.with_source(self.message.as_str())
    }
}
