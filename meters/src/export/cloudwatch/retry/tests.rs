use super::*;

fn failure(reached: Reached, code: Option<&str>) -> Failure {
    Failure { reached, code: code.map(str::to_owned), message: "as CloudWatch says".to_owned(), retry_after: None }
}

#[test]
fn every_failure_has_its_remedy() {
    use Reached::{Answer, NoConnection, Nothing, Perhaps};
    for (reached, code, remedy) in [
        (Nothing, None, Remedy::Hold),
        (NoConnection, None, Remedy::Retry),
        (Perhaps, None, Remedy::Retry),
        (Answer(400), Some("Throttling"), Remedy::Retry),
        (Answer(400), Some("ThrottlingException"), Remedy::Retry),
        (Answer(400), Some("LimitExceeded"), Remedy::Retry),
        (Answer(400), Some("RequestLimitExceeded"), Remedy::Retry),
        (Answer(400), Some("RequestTimeout"), Remedy::Retry),
        (Answer(429), Some("TooManyRequestsException"), Remedy::Retry),
        (Answer(429), None, Remedy::Retry),
        (Answer(408), None, Remedy::Retry),
        (Answer(500), Some("InternalServiceError"), Remedy::Retry),
        (Answer(500), Some("InternalServiceFault"), Remedy::Retry),
        (Answer(500), None, Remedy::Retry),
        (Answer(502), None, Remedy::Retry),
        (Answer(503), Some("ServiceUnavailable"), Remedy::Retry),
        (Answer(504), Some("Unknown"), Remedy::Retry),
        (Answer(500), Some("InvalidParameterValue"), Remedy::Retry),
        (Answer(413), Some("RequestEntityTooLarge"), Remedy::Halve),
        (Answer(413), None, Remedy::Halve),
        (Answer(400), Some("InvalidParameterValue"), Remedy::Search),
        (Answer(400), Some("InvalidParameterValueException"), Remedy::Search),
        (Answer(400), Some("InvalidParameterCombination"), Remedy::Search),
        (Answer(400), Some("MissingParameter"), Remedy::Search),
        (Answer(400), Some("MissingRequiredParameterException"), Remedy::Search),
        (Answer(400), Some("ValidationError"), Remedy::Search),
        (Answer(400), Some("SerializationException"), Remedy::Search),
        (Answer(400), Some("ExpiredToken"), Remedy::Hold),
        (Answer(403), Some("ExpiredTokenException"), Remedy::Hold),
        (Answer(403), Some("RequestExpired"), Remedy::Hold),
        (Answer(403), Some("RequestTimeTooSkewed"), Remedy::Hold),
        (Answer(403), Some("AccessDenied"), Remedy::Hold),
        (Answer(400), Some("AccessDeniedException"), Remedy::Hold),
        (Answer(400), Some("UnrecognizedClientException"), Remedy::Hold),
        (Answer(403), Some("InvalidClientTokenId"), Remedy::Hold),
        (Answer(403), Some("SignatureDoesNotMatch"), Remedy::Hold),
        (Answer(403), Some("InvalidSignatureException"), Remedy::Hold),
        (Answer(400), Some("MissingAuthenticationToken"), Remedy::Hold),
        (Answer(400), Some("OptInRequired"), Remedy::Hold),
        (Answer(401), None, Remedy::Hold),
        (Answer(403), Some("NeverHeardOf"), Remedy::Hold),
        (Answer(400), None, Remedy::Later),
        (Answer(400), Some("NeverHeardOf"), Remedy::Later),
        (Answer(404), None, Remedy::Later),
        (Answer(301), None, Remedy::Later),
    ] {
        assert_eq!(failure(reached, code).remedy(), remedy, "{reached:?} {code:?}");
    }
}

#[test]
fn only_a_request_without_an_answer_is_ambiguous() {
    let all = [Reached::Nothing, Reached::NoConnection, Reached::Perhaps, Reached::Answer(500)];
    assert_eq!(all.map(|reached| failure(reached, None).is_ambiguous()), [false, false, true, false]);
    assert_eq!(all.map(|reached| failure(reached, None).is_request()), [false, false, true, true]);
}

#[test]
fn the_error_says_what_to_do() {
    let error = failure(Reached::Answer(403), Some("AccessDenied")).error("the metrics", "wait");
    assert!(error.is_export());
    assert_eq!(
        format!("{error:?}"),
        "CloudWatch did not take the metrics: AccessDenied: give valid credentials that allow \
         cloudwatch:PutMetricData, and check the clock\n  because: as CloudWatch says"
    );
    let busy = failure(Reached::Answer(503), None).error("the metrics", "wait");
    assert_eq!(busy.to_string(), "CloudWatch did not take the metrics: HTTP status 503: wait");
    assert!(failure(Reached::Perhaps, None).error("it", "wait").is_timeout());
    assert_eq!(failure(Reached::Answer(404), None).kind(), "HTTP status 404");
}
