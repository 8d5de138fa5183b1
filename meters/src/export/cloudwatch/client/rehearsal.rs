//! A request that nobody is sent, before the first one.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use meters_core::Namespace;

use super::sdk::config::http::{HttpRequest, HttpResponse};
use super::sdk::config::{BehaviorVersion, Builder, Credentials, Region};
use super::{CONNECT, Client, sdk};

/// Says yes without a network.
#[derive(Debug)]
struct Nobody;

impl HttpConnector for Nobody {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let yes = StatusCode::try_from(200).map(|status| HttpResponse::new(status, SdkBody::empty()));
        HttpConnectorFuture::ready(yes.map_err(|error| ConnectorError::other(error.into(), None)))
    }
}

/// Has the SDK make what it makes once a process. A child that is forked in the middle of that would wait for it for ever.
pub(crate) async fn rehearse() {
    static DONE: AtomicBool = AtomicBool::new(false);
    if DONE.swap(true, Relaxed) {
        return;
    }
    let Ok(namespace) = Namespace::new("Rehearsal") else { return };
    let config = Builder::new()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("rehearsal", "rehearsal", None, None, "meters"))
        .http_client(http_client_fn(|_, _| SharedHttpConnector::new(Nobody)));
    let client = Client { sdk: sdk::Client::from_conf(config.build()), own: true };
    _ = client.put(&namespace, &[], CONNECT).await;
}
