//! The AWS SDK: the only file that names it.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_sdk_cloudwatch as sdk;
use aws_sdk_cloudwatch::config::http::HttpResponse;
use aws_sdk_cloudwatch::config::interceptors::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_cloudwatch::config::retry::RetryConfig;
use aws_sdk_cloudwatch::config::timeout::TimeoutConfig;
use aws_sdk_cloudwatch::config::{
    self, ConfigBag, Credentials, Intercept, ProvideCredentials, RuntimeComponents, SharedHttpClient,
};
use aws_sdk_cloudwatch::error::{BoxError, ProvideErrorMetadata, SdkError};
use aws_sdk_cloudwatch::types::{self, MetricDatum, StandardUnit};
use aws_smithy_async::time::StaticTimeSource;
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::connection::CaptureSmithyConnection;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use meters_core::{Error, Namespace, Resolution, Unit};

use super::datum::{Datum, DatumValue};
use super::retry::{Failure, Reached};

mod marks;
mod rehearsal;
#[cfg(test)]
pub(crate) mod scripted;
#[cfg(test)]
mod tests;

pub(crate) use rehearsal::rehearse;

/// How long region and credentials may take to be found.
const CONNECTING: Duration = Duration::from_secs(5);
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(2);
/// How long a connection is kept for the next request: a server ends idle ones, and what is sent at that moment may have
/// arrived or not.
const IDLE: Duration = Duration::from_secs(15);
/// A wait beyond this is not kept, whoever asked for it: a proxy that says a day by mistake must not cost a day.
const MOST_ASKED: Duration = Duration::from_secs(300);
/// Requests are compressed from this size on; the SDK would wait for 10 kB.
const COMPRESSED_FROM: u32 = 1_024;

/// Where to send to, as far as the program says it and not its environment.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClientSettings {
    pub(crate) region: Option<String>,
    pub(crate) endpoint_url: Option<String>,
    /// Access key and secret, for receivers that do not check them.
    pub(crate) credentials: Option<Keys>,
}

/// An access key and its secret, which is never shown.
#[derive(Clone)]
pub(crate) struct Keys {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// A client of CloudWatch; clones share its connections.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    sdk: aws_sdk_cloudwatch::Client,
    /// Made here, so that it tells whether a request had a connection.
    own: bool,
}

impl Client {
    /// Finds region and credentials as all AWS tools do, and makes sure that there are some.
    ///
    /// # Errors
    /// [`Error::is_configuration`], with what to set.
    pub(crate) async fn connect(settings: ClientSettings) -> Result<Self, Error> {
        let region = settings.region.clone();
        let loading =
            async {
                let loader = aws_config::defaults(BehaviorVersion::v2026_01_12()).http_client(http_client());
                let loader = loader.app_name(AppName::new("meters").map_err(|error| setting("the app name", error))?);
                let loader =
                    match &settings.credentials {
                        Some(Keys { access_key_id, secret_access_key }) => loader.credentials_provider(
                            Credentials::new(access_key_id, secret_access_key, None, None, "meters"),
                        ),
                        None => loader,
                    };
                let config = match region {
                    Some(region) => loader.region(Region::new(region)).load().await,
                    None => loader.load().await,
                };
                check(&config, &settings).await.map(|()| config)
            };
        let loaded = tokio::time::timeout(CONNECTING, loading).await;
        let config =
            loaded.unwrap_or_else(|_| Err(no_credentials(format!("nothing was found within {CONNECTING:?}"))))?;
        let mut builder = config::Builder::from(&config)
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT).build())
            .request_min_compression_size_bytes(COMPRESSED_FROM);
        if let Some(url) = settings.endpoint_url {
            builder = builder.endpoint_url(url);
        }
        Ok(Self { sdk: aws_sdk_cloudwatch::Client::from_conf(builder.build()), own: true })
    }

    /// A client that the user made; all but its retries stays as it was configured.
    pub(crate) fn from_sdk(sdk: aws_sdk_cloudwatch::Client) -> Self {
        Self { sdk, own: false }
    }

    /// The same without its connections, which after a fork are the parent's.
    pub(crate) fn renewed(&self) -> Self {
        let config = self.sdk.config().to_builder().http_client(http_client()).build();
        Self { sdk: aws_sdk_cloudwatch::Client::from_conf(config), own: self.own }
    }

    /// Sends one request, once.
    pub(crate) async fn put(&self, namespace: &Namespace, datums: &[Datum], within: Duration) -> Result<(), Failure> {
        self.put_as_of(None, namespace, datums.iter(), within).await
    }

    /// Sends one request, once; as of that moment: CloudWatch refuses it five minutes later, whatever happens on the way.
    pub(crate) async fn put_as_of(
        &self,
        moment: Option<SystemTime>,
        namespace: &Namespace,
        datums: impl Iterator<Item = &Datum>,
        within: Duration,
    ) -> Result<(), Failure> {
        let trace = Trace::default();
        let request = self.sdk.put_metric_data().namespace(namespace.as_str());
        let request = request.set_metric_data(Some(datums.map(metric_datum).collect()));
        let mut request = request.customize().interceptor(trace.clone());
        let mut settings = config::Config::builder();
        if !self.own {
            // Retries are the queue's: those of the SDK end with its quota, and know nothing of halves.
            settings = settings.retry_config(RetryConfig::disabled());
        }
        if let Some(moment) = moment {
            settings = settings.time_source(StaticTimeSource::new(moment));
        }
        if !self.own || moment.is_some() {
            request = request.config_override(settings);
        }
        let failed = |reached, message| Err(Failure { reached, code: None, message, retry_after: None });
        let sent = tokio::time::timeout(within, request.send()).await;
        // The body of an answer says nothing: that it was cut off, or never came, does not matter.
        match (trace.answer(), sent) {
            (Some(Seen { status, page: true }), _) if status.is_success() => {
                failed(Reached::Answer(status.as_u16()), "somebody else answered, with a page".to_owned())
            }
            (Some(Seen { status, .. }), _) if status.is_success() => Ok(()),
            (_, Ok(Ok(_))) => Ok(()),
            (seen, Ok(Err(error))) => match (error.raw_response(), seen) {
                (Some(response), _) => Err(answered(&error, response)),
                (None, Some(Seen { status, .. })) => failed(Reached::Answer(status.as_u16()), chain(&error)),
                (None, None) => failed(trace.reached(self.own, Some(&error)), chain(&error)),
            },
            (seen, Err(_)) => {
                let answer = seen.map(|seen| Reached::Answer(seen.status.as_u16()));
                failed(answer.unwrap_or_else(|| trace.reached(self.own, None)), format!("no answer within {within:?}"))
            }
        }
    }
}

/// HTTP over ring, which needs no more than a C compiler to build.
fn http_client() -> SharedHttpClient {
    let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    aws_smithy_http_client::Builder::new().pool_idle_timeout(IDLE).tls_provider(provider).build_https()
}

/// Whether all is there that a request needs.
async fn check(config: &SdkConfig, settings: &ClientSettings) -> Result<(), Error> {
    let named = |name: &str| std::env::var(name).ok().filter(|url| !url.is_empty());
    let given = settings.endpoint_url.clone();
    let url = given.or_else(|| named("AWS_ENDPOINT_URL_CLOUDWATCH")).or_else(|| named("AWS_ENDPOINT_URL"));
    if let Some(url) = url.filter(|url| !is_http(url)) {
        // What stands before an @ is a password, or may be.
        let shown = url.rsplit('@').next().unwrap_or_default();
        let message = format!("invalid endpoint URL {shown:?}: use \"https://host\" or \"http://host:port\"");
        return Err(Error::configuration(message));
    }
    if config.region().is_none_or(|region| region.as_ref().is_empty()) {
        return Err(Error::configuration("no AWS region: set AWS_REGION or call .region(\"eu-west-1\")"));
    }
    match config.credentials_provider() {
        Some(provider) => provider.provide_credentials().await.map(|_| ()).map_err(no_credentials),
        None => Err(no_credentials("there is no provider of credentials")),
    }
}

fn is_http(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        // The colons of an IPv6 address stand in brackets.
        let port = host.rsplit(']').next().unwrap_or_default().split_once(':');
        !host.is_empty()
            && !host.starts_with(':')
            && port.is_none_or(|(_, port)| port.parse::<u16>().is_ok())
            && rest.chars().all(|c| c.is_ascii_graphic())
    })
}

fn no_credentials(source: impl Into<BoxError>) -> Error {
    setting(
        "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give the host a role",
        source,
    )
}

fn setting(message: &str, source: impl Into<BoxError>) -> Error {
    Error::configuration(message).with_source(source)
}

fn metric_datum(datum: &Datum) -> MetricDatum {
    let dimension = |(name, value)| types::Dimension::builder().name(name).value(value).build();
    let dimensions: Vec<_> = datum.dimensions.iter().map(dimension).collect();
    let builder = MetricDatum::builder()
        .metric_name(&datum.name)
        .set_dimensions(Some(dimensions).filter(|dimensions| !dimensions.is_empty()))
        .timestamp(datum.timestamp.into())
        // Neither `None` nor 60 need be said: they are what CloudWatch assumes.
        .set_unit((datum.unit != Unit::None).then(|| StandardUnit::from(datum.unit.as_str())))
        .set_storage_resolution((datum.resolution == Resolution::High).then_some(1));
    match &datum.value {
        DatumValue::Value(value) => builder.value(*value),
        DatumValue::Values { values, counts } => {
            builder.set_values(Some(values.clone())).set_counts(Some(counts.clone()))
        }
        DatumValue::Statistics(set) => {
            let set = types::StatisticSet::builder()
                .sample_count(set.sample_count())
                .sum(set.sum())
                .minimum(set.minimum())
                .maximum(set.maximum());
            builder.statistic_values(set.build())
        }
    }
    .build()
}

/// How long an answer asks to wait: AWS says it in milliseconds, what stands before it in seconds or as a date.
fn retry_after(response: &HttpResponse, now: SystemTime) -> Option<Duration> {
    let header = |name| response.headers().get(name).map(str::trim);
    let amazon = || header("x-amz-retry-after")?.parse().ok().map(Duration::from_millis);
    let seconds = || header("retry-after")?.parse().ok().map(Duration::from_secs);
    let date = || {
        let date = DateTime::from_str(header("retry-after")?, Format::HttpDate).ok()?;
        Some(SystemTime::try_from(date).ok()?.duration_since(now).unwrap_or_default())
    };
    amazon().or_else(seconds).or_else(date).map(|asked| asked.min(MOST_ASKED))
}

fn answered<E>(error: &SdkError<E, HttpResponse>, response: &HttpResponse) -> Failure
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    Failure {
        reached: Reached::Answer(response.status().as_u16()),
        code: error.code().map(str::to_owned),
        message: error.message().map_or_else(|| chain(error), str::to_owned),
        retry_after: retry_after(response, SystemTime::now()),
    }
}

/// An error with all its causes: the SDK's own words are "dispatch failure" and no more.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    for cause in causes(error).skip(1) {
        text.push_str(": ");
        text.push_str(&cause.to_string());
    }
    text
}

fn causes<'e>(error: &'e (dyn StdError + 'static)) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// How far one request came, noted by the SDK as it goes: its connection, and the head of its answer.
#[derive(Clone, Default)]
struct Trace(Arc<OnceLock<Option<CaptureSmithyConnection>>>, Arc<OnceLock<Seen>>);

/// The head of an answer.
#[derive(Clone, Copy)]
struct Seen {
    status: StatusCode,
    /// It is text: of a proxy, a portal, or another server at that URL.
    page: bool,
}

impl Trace {
    fn answer(&self) -> Option<Seen> {
        self.1.get().copied()
    }

    fn reached(&self, told: bool, error: Option<&(dyn StdError + 'static)>) -> Reached {
        let Some(capture) = self.0.get() else {
            return Reached::Nothing;
        };
        let connected = match capture {
            Some(capture) if told => capture.get().is_some(),
            _ => !error.is_some_and(|error| causes(error).any(is_refusal)),
        };
        if connected { Reached::Perhaps } else { Reached::NoConnection }
    }
}

fn is_refusal(error: &(dyn StdError + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

impl Intercept for Trace {
    fn name(&self) -> &'static str {
        "meters"
    }

    /// All that a request needs was found, and it goes out now.
    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.get_or_init(|| bag.load::<CaptureSmithyConnection>().cloned());
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let page = response.headers().get("content-type").is_some_and(|kind| kind.starts_with("text/"));
        self.1.get_or_init(|| Seen { status: response.status(), page });
        Ok(())
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trace")
    }
}
