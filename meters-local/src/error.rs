//! Errors in the words of AWS.

use std::fmt::Display;

/// What AWS fixes for a kind of error.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// The code of the query protocol, as `x-amzn-query-error` carries it.
    pub(crate) code: &'static str,
    /// The name of the shape, as `__type` carries it.
    pub(crate) shape: &'static str,
    /// The HTTP status.
    pub(crate) status: u16,
}

macro_rules! kinds {
    ($($name:ident = $code:literal, $shape:literal, $status:literal;)*) => {
        $(pub(crate) const $name: Kind = Kind { code: $code, shape: $shape, status: $status };)*
    };
}

// The first six are in the service model; the others are common to AWS services or were observed.
kinds! {
    INVALID_VALUE = "InvalidParameterValue", "InvalidParameterValueException", 400;
    MISSING = "MissingParameter", "MissingRequiredParameterException", 400;
    COMBINATION = "InvalidParameterCombination", "InvalidParameterCombinationException", 400;
    INTERNAL = "InternalServiceError", "InternalServiceFault", 500;
    INVALID_TOKEN = "InvalidNextToken", "InvalidNextToken", 400;
    VALIDATION = "ValidationError", "ValidationException", 400;
    THROTTLING = "Throttling", "ThrottlingException", 400;
    TOO_MANY_REQUESTS = "TooManyRequestsException", "TooManyRequestsException", 429;
    LIMIT_EXCEEDED = "LimitExceeded", "LimitExceededFault", 400;
    REQUEST_TIMEOUT = "RequestTimeout", "RequestTimeoutException", 400;
    UNAVAILABLE = "ServiceUnavailable", "ServiceUnavailableException", 503;
    TOO_LARGE = "RequestEntityTooLarge", "RequestEntityTooLargeException", 413;
    SERIALIZATION = "SerializationException", "SerializationException", 400;
    MEDIA_TYPE = "UnsupportedMediaType", "UnsupportedMediaTypeException", 415;
    UNKNOWN_OPERATION = "UnknownOperation", "UnknownOperationException", 404;
    MISSING_AUTHENTICATION = "MissingAuthenticationToken", "MissingAuthenticationTokenException", 403;
    EXPIRED_TOKEN = "ExpiredToken", "ExpiredTokenException", 403;
    ACCESS_DENIED = "AccessDenied", "AccessDeniedException", 403;
    INVALID_CLIENT_TOKEN = "InvalidClientTokenId", "InvalidClientTokenIdException", 403;
    INVALID_SIGNATURE = "SignatureDoesNotMatch", "InvalidSignatureException", 403;
    INCOMPLETE_SIGNATURE = "IncompleteSignature", "IncompleteSignatureException", 400;
    UNRECOGNIZED_CLIENT = "UnrecognizedClient", "UnrecognizedClientException", 400;
}

impl Kind {
    /// Whose fault the error is, as the query protocol says it.
    pub(crate) fn party(&self) -> &'static str {
        if self.status < 500 { "Sender" } else { "Receiver" }
    }
}

/// An error with its message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AwsError {
    pub(crate) kind: &'static Kind,
    pub(crate) message: String,
}

impl AwsError {
    pub(crate) fn new(kind: &'static Kind, message: impl Display) -> Self {
        Self { kind, message: message.to_string() }
    }

    /// InvalidParameterValue.
    pub(crate) fn value(message: impl Display) -> Self {
        Self::new(&INVALID_VALUE, message)
    }

    /// InvalidParameterCombination.
    pub(crate) fn combination(message: impl Display) -> Self {
        Self::new(&COMBINATION, message)
    }

    /// MissingParameter, for the member at `path`.
    pub(crate) fn missing(path: impl Display) -> Self {
        Self::new(&MISSING, format_args!("The parameter {path} is required."))
    }

    /// A body that cannot be read as the shape that it should have.
    pub(crate) fn malformed(message: impl Display) -> Self {
        Self::new(&SERIALIZATION, message)
    }
}
