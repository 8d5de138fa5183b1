//! What is needed to begin: whom to connect to, and what the user chose.

use std::time::Duration;

use meters_core::Error;

use super::client::{Client, ClientSettings, rehearse};
use super::{CloudWatch, Settings};

/// The way out to CloudWatch, before it is taken.
#[derive(Clone)]
pub(crate) struct Exit {
    pub(crate) client: Result<Client, ClientSettings>,
    pub(crate) settings: Settings,
}

impl Exit {
    /// After how long requests without an answer are looked up, if they are.
    pub(crate) fn read_back(&self) -> Option<Duration> {
        self.settings.read_back
    }

    /// Looks for region and credentials.
    pub(crate) async fn connect(&self) -> Result<Client, Error> {
        let client = match &self.client {
            Ok(client) => client.clone(),
            Err(settings) => Client::connect(settings.clone()).await?,
        };
        rehearse().await;
        Ok(client)
    }

    /// The same in a child of `fork`: of a client of the user's own, it leaves the connections.
    pub(crate) fn reconnect(&self) -> impl Future<Output = Result<Client, Error>> + use<> {
        let client = self.client.clone();
        async {
            match client {
                Ok(client) => Ok(client.renewed()),
                Err(settings) => Client::connect(settings).await,
            }
        }
    }

    /// Not connected yet.
    pub(crate) fn exporter(&self) -> CloudWatch {
        CloudWatch::new(None, self.settings.clone())
    }
}
