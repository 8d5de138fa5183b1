//! A CloudWatch that answers as a test tells it to, within the process; beneath it all of the SDK is real.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

use super::Client;
use super::sdk::config::http::{HttpRequest, HttpResponse};
use super::sdk::config::{BehaviorVersion, Builder, Config, Credentials, Region};

/// What a request meets.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Ok,
    /// Status, code, message; without a code, a body that is no CBOR.
    Error(u16, Option<&'static str>, &'static str),
    /// 503, with a wait that is asked for.
    RetryAfter(u64),
    /// Nobody listens.
    NoConnection,
    /// The connection ends while the answer is awaited.
    Cut,
    /// No answer, ever.
    Hang,
}

/// Looks at a request's raw body.
type Judge = Box<dyn FnMut(&[u8]) -> Answer + Send>;

/// The server's side: what is asked of it, and what it answers.
#[derive(Clone)]
pub(crate) struct Server(Arc<Mutex<State>>);

struct State {
    answers: VecDeque<Answer>,
    judge: Judge,
    requests: Vec<HttpRequest>,
}

impl Server {
    /// Gives these answers, one after the other, and then says yes to all.
    pub(crate) fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        let (answers, judge) = (answers.into_iter().collect(), Box::new(|_: &[u8]| Answer::Ok) as Judge);
        Self(Arc::new(Mutex::new(State { answers, judge, requests: Vec::new() })))
    }

    /// Answers each request by what it holds.
    pub(crate) fn judging(judge: impl FnMut(&[u8]) -> Answer + Send + 'static) -> Self {
        let server = Self::new([]);
        server.0.lock().unwrap().judge = Box::new(judge);
        server
    }

    /// More answers, before all else is judged again.
    pub(crate) fn push(&self, answer: Answer) {
        self.0.lock().unwrap().answers.push_back(answer);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap().requests.len()
    }

    /// The body of each request, as it came.
    pub(crate) fn bodies(&self) -> Vec<Vec<u8>> {
        self.0.lock().unwrap().requests.iter().map(|request| request.body().bytes().unwrap().to_vec()).collect()
    }

    pub(crate) fn header(&self, request: usize, name: &str) -> Option<String> {
        self.0.lock().unwrap().requests[request].headers().get(name).map(str::to_owned)
    }

    /// A client of this server, which sends uncompressed.
    pub(crate) fn client(&self) -> Client {
        Client::from_sdk(super::sdk::Client::from_conf(self.config().disable_request_compression(true).build()))
    }

    pub(crate) fn config(&self) -> Builder {
        let connector = SharedHttpConnector::new(self.clone());
        Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
            .http_client(http_client_fn(move |_, _| connector.clone()))
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Server")
    }
}

impl HttpConnector for Server {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut state = self.0.lock().unwrap();
        let body = request.body().bytes().map(<[u8]>::to_vec).unwrap_or_default();
        state.requests.push(request);
        let answer = match state.answers.pop_front() {
            Some(answer) => answer,
            None => (state.judge)(&body),
        };
        let failed = |kind| HttpConnectorFuture::ready(Err(ConnectorError::io(io::Error::from(kind).into())));
        match answer {
            Answer::Ok => HttpConnectorFuture::ready(Ok(response(200, vec![0xa0]))),
            Answer::Error(status, code, message) => {
                let mut made = response(status, code.map_or_else(|| b"<html>".to_vec(), |code| fault(code, message)));
                if let Some(code) = code {
                    made.headers_mut().insert("x-amzn-query-error", format!("{code};Sender"));
                }
                HttpConnectorFuture::ready(Ok(made))
            }
            Answer::RetryAfter(milliseconds) => {
                let mut made = response(503, fault("ServiceUnavailable", "slow down"));
                made.headers_mut().insert("x-amz-retry-after", milliseconds.to_string());
                HttpConnectorFuture::ready(Ok(made))
            }
            Answer::NoConnection => failed(io::ErrorKind::ConnectionRefused),
            Answer::Cut => failed(io::ErrorKind::ConnectionReset),
            Answer::Hang => HttpConnectorFuture::new(std::future::pending()),
        }
    }
}

fn response(status: u16, body: Vec<u8>) -> HttpResponse {
    let mut response = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body));
    response.headers_mut().insert("smithy-protocol", "rpc-v2-cbor");
    response.headers_mut().insert("content-type", "application/cbor");
    response
}

/// `{"__type": …, "message": …}` in CBOR; no text here is longer than 255 bytes.
fn fault(code: &str, message: &str) -> Vec<u8> {
    let mut bytes = vec![0xa2];
    for text in ["__type", &format!("com.amazonaws.cloudwatch#{code}"), "message", message] {
        bytes.extend([0x78, text.len() as u8]);
        bytes.extend(text.as_bytes());
    }
    bytes
}
