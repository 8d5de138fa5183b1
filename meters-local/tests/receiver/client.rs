//! A raw HTTP client that speaks both protocols, with CBOR by an implementation that is not the server's.

use ciborium::Value as Cbor;
use flate2::Compression;
use flate2::write::GzEncoder;
use meters_local::{Protocol, Server};
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, SystemTime};

/// The time that the server of [`start`] believes it is, in seconds: a whole minute.
pub(crate) const NOW: i64 = 1_800_000_000;

/// Longer than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const PROTOCOLS: [Protocol; 2] = [Protocol::Cbor, Protocol::Json];

const AUTHORIZATION: &str = "AWS4-HMAC-SHA256 Credential=test/20270115/us-east-1/monitoring/aws4_request, \
                             SignedHeaders=host, Signature=00";

/// A server whose clock stands still.
pub(crate) fn start() -> Server {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW as u64);
    Server::builder().clock(move || now).start().unwrap()
}

/// A request that can be bent before it is sent.
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// A request without fault.
    pub(crate) fn new(protocol: Protocol, operation: &str, input: &Json) -> Self {
        let common = ("authorization", AUTHORIZATION.to_owned());
        match protocol {
            Protocol::Json => Self {
                path: "/".to_owned(),
                headers: vec![
                    common,
                    ("content-type", "application/x-amz-json-1.0".to_owned()),
                    ("x-amz-target", format!("GraniteServiceVersion20100801.{operation}")),
                ],
                body: input.to_string().into_bytes(),
            },
            _ => Self {
                path: format!("/service/GraniteServiceVersion20100801/operation/{operation}"),
                headers: vec![
                    common,
                    ("content-type", "application/cbor".to_owned()),
                    ("smithy-protocol", "rpc-v2-cbor".to_owned()),
                ],
                body: write_cbor(&to_cbor(input)),
            },
        }
    }

    pub(crate) fn put(protocol: Protocol, input: &Json) -> Self {
        Self::new(protocol, "PutMetricData", input)
    }

    /// With a header more, or another value for one.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    pub(crate) fn gzip(mut self) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&self.body).unwrap();
        self.body = encoder.finish().unwrap();
        self.header("content-encoding", "gzip")
    }

    /// Writes the request to a new connection.
    pub(crate) fn open(&self, cw: &Server) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(cw.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut head = format!("POST {} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n", self.path);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += &format!("content-length: {}\r\n\r\n", self.body.len());
        let mut message = head.into_bytes();
        message.extend_from_slice(&self.body);
        stream.write_all(&message)?;
        Ok(stream)
    }

    pub(crate) fn send(&self, cw: &Server) -> Answer {
        Answer::read(self.open(cw).unwrap()).unwrap()
    }
}

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Reads until the server closes the connection.
    pub(crate) fn read(mut stream: TcpStream) -> io::Result<Self> {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        let _ = stream.shutdown(Shutdown::Both);
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap().parse().unwrap();
        let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(Self { status, headers: lines.filter_map(header).collect(), body: bytes[end + 4..].to_vec() })
    }

    /// The body in either protocol.
    pub(crate) fn json(&self) -> Json {
        match self.header("content-type") {
            "application/cbor" => to_json(&self.cbor()),
            "application/x-amz-json-1.0" => serde_json::from_slice(&self.body).unwrap(),
            other => panic!("{other} is the content type of neither protocol"),
        }
    }

    pub(crate) fn cbor(&self) -> Cbor {
        ciborium::from_reader(self.body.as_slice()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Demands an error, told the same in header and body, and returns its message.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str, shape: &str) -> String {
        let body = self.json();
        assert_eq!(self.status, status, "{body}");
        let party = if status < 500 { "Sender" } else { "Receiver" };
        assert_eq!(self.header("x-amzn-query-error"), format!("{code};{party}"), "{body}");
        assert_eq!(body["__type"], format!("com.amazonaws.cloudwatch#{shape}"));
        assert!(self.header("x-amzn-requestid").len() == 36, "{:?}", self.headers);
        body["message"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn accepted(&self) -> Json {
        assert_eq!(self.status, 200, "{}", self.json());
        self.json()
    }
}

/// Sends a well-formed request.
pub(crate) fn call(cw: &Server, protocol: Protocol, operation: &str, input: &Json) -> Answer {
    Request::new(protocol, operation, input).send(cw)
}

/// Puts datums into the namespace `Shop`.
pub(crate) fn put(cw: &Server, protocol: Protocol, datums: Json) -> Answer {
    call(cw, protocol, "PutMetricData", &json!({"Namespace": "Shop", "MetricData": datums}))
}

pub(crate) fn write_cbor(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

/// JSON as CBOR: what AWS JSON writes as a text or plain number becomes the float or timestamp that it means.
pub(crate) fn to_cbor(json: &Json) -> Cbor {
    match json {
        Json::Null => Cbor::Null,
        Json::Bool(truth) => Cbor::Bool(*truth),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Cbor::Integer(number.into()),
            None => Cbor::Float(number.as_f64().unwrap()),
        },
        Json::String(text) => match text.as_str() {
            "NaN" => Cbor::Float(f64::NAN),
            "Infinity" => Cbor::Float(f64::INFINITY),
            "-Infinity" => Cbor::Float(f64::NEG_INFINITY),
            text => Cbor::Text(text.to_owned()),
        },
        Json::Array(items) => Cbor::Array(items.iter().map(to_cbor).collect()),
        Json::Object(members) => Cbor::Map(members.iter().map(|(key, value)| member(key, value)).collect()),
    }
}

fn member(key: &str, value: &Json) -> (Cbor, Cbor) {
    let time = matches!(key, "Timestamp" | "StartTime" | "EndTime") && value.is_number();
    let value = match value.as_f64() {
        Some(seconds) if time => Cbor::Tag(1, Box::new(Cbor::Float(seconds))),
        _ => to_cbor(value),
    };
    (Cbor::Text(key.to_owned()), value)
}

fn to_json(cbor: &Cbor) -> Json {
    match cbor {
        Cbor::Bool(truth) => json!(truth),
        Cbor::Integer(number) => json!(i64::try_from(*number).unwrap()),
        Cbor::Float(number) => json!(number),
        Cbor::Text(text) => json!(text),
        Cbor::Tag(1, seconds) => to_json(seconds),
        Cbor::Array(items) => items.iter().map(to_json).collect(),
        Cbor::Map(members) => {
            let read = |(key, value): &(Cbor, Cbor)| (key.as_text().unwrap().to_owned(), to_json(value));
            Json::Object(members.iter().map(read).collect())
        }
        other => panic!("{other:?} has no place in an answer"),
    }
}
