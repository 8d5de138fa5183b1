use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::thread::JoinHandle;

use super::super::datum::arbitrary::{datum, numbered};
use super::super::size;
use super::scripted::{Answer, Server};
use super::*;

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn namespace() -> Namespace {
    Namespace::new("Shop").unwrap()
}

fn settings(endpoint_url: &str) -> ClientSettings {
    let keys = Keys { access_key_id: "key".to_owned(), secret_access_key: "secret".to_owned() };
    ClientSettings {
        region: Some("eu-west-1".to_owned()),
        endpoint_url: Some(endpoint_url.to_owned()),
        credentials: Some(keys),
    }
}

/// One request from the wire: its head, in lower case, and its body.
fn request(stream: &mut TcpStream) -> Request {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4_096]);
    loop {
        let read = stream.read(&mut chunk).unwrap();
        assert!(read > 0, "the request ended early");
        bytes.extend(&chunk[..read]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let body = &bytes[end + 4..];
        match length.map(|length| length.parse::<usize>().unwrap()) {
            Some(length) if body.len() < length => {}
            None if !body.ends_with(b"0\r\n\r\n") => {}
            _ => return (head, body.to_vec()),
        }
    }
}

/// Head and body of a request.
type Request = (String, Vec<u8>);

/// A server on loopback that takes one connection after the other, and answers each with one of these, to the byte.
fn server(answers: Vec<&'static str>) -> (String, JoinHandle<Vec<Request>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serve = move |answer: &str| {
        let (mut stream, _) = listener.accept().unwrap();
        let request = request(&mut stream);
        stream.write_all(answer.as_bytes()).unwrap();
        // Not every client waits to see it.
        _ = stream.shutdown(Shutdown::Both);
        request
    };
    (url, std::thread::spawn(move || answers.into_iter().map(serve).collect()))
}

const OK: &str = "HTTP/1.1 200 OK\r\nsmithy-protocol: rpc-v2-cbor\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn the_wire_is_as_cloudwatch_wants_it() {
    let (url, server) = server(vec![OK, OK]);
    let (small, large) = (numbered(3), numbered(1_000));
    block_on(async {
        let client = Client::connect(settings(&url)).await.unwrap();
        client.put(&namespace(), &small, MINUTE).await.unwrap();
        client.put(&namespace(), &large, MINUTE).await.unwrap();
    });
    let requests = server.join().unwrap();
    for (head, _) in &requests {
        for line in [
            "post /service/graniteserviceversion20100801/operation/putmetricdata http/1.1",
            "content-type: application/cbor",
            "smithy-protocol: rpc-v2-cbor",
            "app/meters",
            "eu-west-1/monitoring/aws4_request",
            "attempt=1; max=1",
        ] {
            assert!(head.contains(line), "{line} in {head}");
        }
    }
    let [(small_head, small_body), (large_head, large_body)] = &requests[..] else { panic!("{}", requests.len()) };
    assert!(!small_head.contains("content-encoding"));
    assert_eq!(small_body.len(), size::request(&namespace(), small.iter()));
    assert!(large_head.contains("content-encoding: gzip"));
    assert!(large_body.len() < size::request(&namespace(), large.iter()) / 3);
}

#[test]
fn how_far_a_request_came_is_known() {
    for (answer, expected) in [
        ("", Reached::Perhaps),
        ("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n", Reached::Answer(503)),
        ("HTTP/1.1 413 Too Large\r\ncontent-length: 5\r\n\r\nlarge", Reached::Answer(413)),
        ("nonsense", Reached::Perhaps),
    ] {
        let (url, server) = server(vec![answer]);
        let failure = block_on(async {
            let client = Client::connect(settings(&url)).await.unwrap();
            client.put(&namespace(), &numbered(1), MINUTE).await.unwrap_err()
        });
        assert_eq!(failure.reached, expected, "{answer:?}: {failure:?}");
        assert_eq!(server.join().unwrap().len(), 1);
    }
    // A port that was just free.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let failure = block_on(async {
        let client = Client::connect(settings(&format!("http://{free}"))).await.unwrap();
        client.put(&namespace(), &numbered(1), MINUTE).await.unwrap_err()
    });
    assert_eq!(failure.reached, Reached::NoConnection, "{failure:?}");
    assert!(failure.message.to_lowercase().contains("refused"), "{failure:?}");
}

/// The body of a 200 says nothing, and what is not needed cannot be missing.
#[test]
fn an_answer_that_is_cut_off_behind_its_200_is_one() {
    let (url, server) = server(vec!["HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhalf"]);
    block_on(async {
        let client = Client::connect(settings(&url)).await.unwrap();
        client.put(&namespace(), &numbered(1), MINUTE).await.unwrap();
    });
    assert_eq!(server.join().unwrap().len(), 1);
}

#[test]
fn an_answer_is_read_in_full() {
    let server = Server::new([
        Answer::Error(400, Some("InvalidParameterValue"), "The value is invalid"),
        Answer::Error(400, Some("Throttling"), "Rate exceeded"),
        Answer::RetryAfter(700),
        Answer::Error(503, None, ""),
        Answer::Hang,
    ]);
    let client = server.client();
    let put = |within| block_on(client.put(&namespace(), &[datum("a", 1.0)], within)).unwrap_err();
    let invalid = put(MINUTE);
    assert_eq!((invalid.reached, invalid.code.as_deref()), (Reached::Answer(400), Some("InvalidParameterValue")));
    assert_eq!((&*invalid.message, invalid.retry_after), ("The value is invalid", None));
    assert_eq!(put(MINUTE).code.as_deref(), Some("Throttling"));
    assert_eq!(put(MINUTE).retry_after, Some(Duration::from_millis(700)));
    let html = put(MINUTE);
    assert_eq!((html.reached, html.code), (Reached::Answer(503), None));
    let hang = put(Duration::from_millis(1));
    assert_eq!((hang.reached, &*hang.message), (Reached::Perhaps, "no answer within 1ms"));
}

#[test]
fn the_retries_of_a_client_of_the_users_are_off() {
    let server = Server::new([Answer::Error(503, Some("ServiceUnavailable"), "")]);
    let config = server.config().retry_config(RetryConfig::standard().with_max_attempts(7));
    let client = Client::from_sdk(sdk::Client::from_conf(config.build()));
    assert!(block_on(client.put(&namespace(), &numbered(1), MINUTE)).is_err());
    assert_eq!(server.count(), 1);
}

#[test]
fn a_request_that_cannot_be_signed_never_leaves() {
    let server = Server::new([]);
    let failing = aws_config::credential_process::CredentialProcessProvider::new("exit 7".to_owned());
    let config = server.config().credentials_provider(failing);
    let client = Client::from_sdk(sdk::Client::from_conf(config.build()));
    let failure = block_on(client.put(&namespace(), &numbered(1), MINUTE)).unwrap_err();
    assert_eq!((failure.reached, server.count()), (Reached::Nothing, 0));
    assert!(failure.message.contains("credentials"), "{failure:?}");
}

#[test]
fn endpoints_are_checked() {
    for (url, good) in [
        ("http://127.0.0.1:4566", true),
        ("https://monitoring.eu-west-1.amazonaws.com", true),
        ("http://[::1]:80/path", true),
        ("localhost:4566", false),
        ("", false),
        ("http://", false),
        ("http:///path", false),
        ("http://a b", false),
        ("ftp://host", false),
        ("http://host:99999", false),
        ("http://host:port/path", false),
        ("http://user:4@[::1]/a:b", true),
        ("http://[::1]", true),
        ("http://host:80?a:b", true),
    ] {
        assert_eq!(is_http(url), good, "{url:?}");
    }
    let error = block_on(Client::connect(settings("user:password@host:1"))).unwrap_err();
    assert!(error.is_configuration());
    assert_eq!(error.to_string(), "invalid endpoint URL \"host:1\": use \"https://host\" or \"http://host:port\"");
}

/// Runs [`connects_with_its_environment`] in a process whose environment is this one.
fn in_environment(variables: &[(&str, &str)], expected: &str) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "export::cloudwatch::client::tests::connects_with_its_environment"]);
    command.env_clear().envs(variables.iter().copied()).env("EXPECTED", expected);
    for file in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] {
        command.env(file, "/dev/null");
    }
    let output = command.env("AWS_EC2_METADATA_DISABLED", "true").output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{variables:?}: {told}");
}

#[test]
#[ignore = "needs an environment, which other tests give it"]
fn connects_with_its_environment() {
    let Ok(expected) = std::env::var("EXPECTED") else { return };
    let told = match block_on(Client::connect(ClientSettings::default())) {
        Err(error) => format!("{} {error}", error.is_configuration()),
        Ok(_) if expected == "connected" => expected.clone(),
        Ok(client) => format!("sent: {:?}", block_on(client.put(&namespace(), &numbered(1), MINUTE))),
    };
    assert_eq!(told, expected);
}

#[test]
fn what_the_environment_lacks_is_named() {
    let region = ("AWS_REGION", "eu-west-1");
    let keys = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")];
    let no_region = "true no AWS region: set AWS_REGION or call .region(\"eu-west-1\")";
    let no_credentials = "true no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, \
                          or give the host a role";
    in_environment(&[keys[0], keys[1]], no_region);
    in_environment(&[("AWS_REGION", ""), keys[0], keys[1]], no_region);
    in_environment(&[region], no_credentials);
    in_environment(&[region, keys[0], keys[1]], "connected");
    let bad = "true invalid endpoint URL \"nowhere\": use \"https://host\" or \"http://host:port\"";
    in_environment(&[region, keys[0], keys[1], ("AWS_ENDPOINT_URL_CLOUDWATCH", "nowhere")], bad);
    in_environment(&[region, keys[0], keys[1], ("AWS_ENDPOINT_URL", "nowhere")], bad);
    for variables in
        [["AWS_ENDPOINT_URL_CLOUDWATCH", "AWS_NOTHING"], ["AWS_ENDPOINT_URL_CLOUDWATCH", "AWS_ENDPOINT_URL"]]
    {
        let (url, server) = server(vec![OK]);
        let (first, second) = ((variables[0], &*url), (variables[1], "nowhere"));
        in_environment(&[region, keys[0], keys[1], first, second], "sent: Ok(())");
        assert!(server.join().unwrap()[0].0.contains("host: 127.0.0.1"));
    }
    let (url, server) = server(vec![OK]);
    in_environment(&[region, keys[0], keys[1], ("AWS_ENDPOINT_URL", &*url)], "sent: Ok(())");
    assert_eq!(server.join().unwrap().len(), 1);
}

#[test]
fn secrets_are_not_shown() {
    assert!(!format!("{:?}", settings("http://host")).contains("secret\""));
}

#[test]
fn the_wait_that_is_asked_for_is_understood_in_each_of_its_forms() {
    let now = std::time::UNIX_EPOCH + Duration::from_secs(784_111_777);
    for (name, text, expected) in [
        ("x-amz-retry-after", "700", Some(Duration::from_millis(700))),
        ("retry-after", "12", Some(Duration::from_secs(12))),
        ("Retry-After", " 12 ", Some(Duration::from_secs(12))),
        ("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT", Some(Duration::from_secs(30))),
        ("retry-after", "Sun, 06 Nov 1994 08:49:07 GMT", Some(Duration::ZERO)),
        ("retry-after", "Tue, 06 Nov 2094 08:49:07 GMT", Some(MOST_ASKED)),
        ("retry-after", "86400", Some(MOST_ASKED)),
        ("x-amz-retry-after", "18446744073709551615", Some(MOST_ASKED)),
        ("retry-after", "-1", None),
        ("retry-after", "soon", None),
        ("retry-after", "", None),
        ("date", "12", None),
    ] {
        let mut response = HttpResponse::new(503.try_into().unwrap(), "".into());
        response.headers_mut().insert(name.to_lowercase(), text.to_owned());
        assert_eq!(retry_after(&response, now), expected, "{name}: {text}");
    }
}

#[test]
fn a_request_is_signed_as_of_the_moment_that_is_given() {
    let (server, moment) = (Server::new([]), SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000));
    let one = [datum("a", 1.0)];
    block_on(server.client().put_as_of(Some(moment), &namespace(), one.iter(), MINUTE)).unwrap();
    assert_eq!(server.header(0, "x-amz-date").as_deref(), Some("20270115T080000Z"));
}
