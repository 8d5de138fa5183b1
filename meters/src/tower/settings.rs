//! What a layer was told.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use http::request::Parts;
use meters_core::{Across, Gauge, Handle, Monitor, Register, Registry, Resolution, UnderWay, Unit, fork};

use super::Answer;
use super::table::{Place, Table, UNMATCHED};
use crate::beside::beside;

type Template = dyn for<'p> Fn(&'p Parts) -> Option<Cow<'p, str>> + Send + Sync;
type Judge = dyn Fn(&Answer) -> bool + Send + Sync;

/// Where the status of a request is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByStatus {
    Counter,
    Calls,
    Off,
}

#[derive(Clone)]
pub(super) struct Settings {
    pub(super) registry: Registry,
    pub(super) name: String,
    pub(super) answers: Option<String>,
    pub(super) in_flight: Option<String>,
    pub(super) unit: Unit,
    pub(super) resolution: Resolution,
    pub(super) dimensions: Vec<(String, String)>,
    pub(super) route: String,
    pub(super) method: Option<String>,
    pub(super) status: String,
    pub(super) by_status: ByStatus,
    pub(super) time_to_first: bool,
    pub(super) rollups: &'static [&'static [&'static str]],
    pub(super) limit: usize,
    pub(super) template: Option<Arc<Template>>,
    pub(super) is_error: Option<Arc<Judge>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            registry: Registry::global().clone(),
            name: "Request".to_owned(),
            answers: None,
            in_flight: None,
            unit: Unit::Microseconds,
            resolution: Resolution::Standard,
            dimensions: Vec::new(),
            route: "Route".to_owned(),
            method: Some("Method".to_owned()),
            status: "Status".to_owned(),
            by_status: ByStatus::Counter,
            time_to_first: false,
            rollups: &[],
            limit: 500,
            template: None,
            is_error: None,
        }
    }
}

impl Settings {
    pub(super) fn calls(&self) -> Register<'_, Monitor> {
        let text = "Requests, from when they come in to the end of the body that answers them";
        self.registry.monitor(&self.name).unit(self.unit).description(text)
    }

    pub(super) fn answers(&self) -> Cow<'_, str> {
        self.answers.as_deref().map_or_else(|| beside(&self.name, "Answers").into(), Cow::Borrowed)
    }

    pub(super) fn first(&self) -> String {
        beside(&self.name, "TimeToFirst")
    }

    fn in_flight(&self) -> Cow<'_, str> {
        self.in_flight.as_deref().map_or_else(|| beside(&self.name, "InFlight").into(), Cow::Borrowed)
    }

    /// With what the user says of all of them.
    pub(super) fn said<'r, H: Handle>(&self, register: Register<'r, H>) -> Register<'r, H> {
        let said = |register: Register<'r, H>, (name, value): &(String, String)| register.dimension(name, value);
        self.dimensions.iter().fold(register.resolution(self.resolution), said)
    }

    /// Whether this answer is an error. A rule that panics must not end the request: then it is as if there was none.
    pub(super) fn is_error(&self, answer: &Answer) -> bool {
        let judged = self.is_error.as_ref().and_then(|rule| catch_unwind(AssertUnwindSafe(|| rule(answer))).ok());
        judged.unwrap_or_else(|| answer.is_error())
    }
}

/// Settings, and what was found so far by all services of the layer.
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) routes: Table,
    in_flight: OnceLock<Gauge>,
    any: OnceLock<Monitor>,
}

impl Shared {
    pub(super) fn new(settings: Settings) -> Self {
        Self { routes: Table::new(settings.limit), settings, in_flight: OnceLock::new(), any: OnceLock::new() }
    }

    /// Whose a request is until it is known: in the end it is never one of these.
    pub(super) fn any(&self) -> Monitor {
        *fork::once(&self.any, || self.settings.said(self.settings.calls()).register())
    }

    pub(super) fn under_way(&self) -> Option<UnderWay> {
        let settings = &self.settings;
        let make = || {
            let gauge = settings.registry.gauge(&settings.in_flight()).unit(Unit::Count).across(Across::Sum);
            settings.said(gauge).description("Requests under way").register()
        };
        fork::once(&self.in_flight, make).under_way()
    }

    /// The place of the template that the user's rule has for a request.
    pub(super) fn told(&self, parts: &Parts) -> Option<Place> {
        let rule = self.settings.template.as_ref()?;
        let template = catch_unwind(AssertUnwindSafe(|| rule(parts))).ok().flatten()?;
        Some(self.routes.place(&template))
    }

    /// The place of the template by which the router found who answers, if it tells.
    #[cfg(feature = "axum")]
    pub(super) fn matched(&self, extensions: &http::Extensions) -> Place {
        let matched = extensions.get::<axum::extract::MatchedPath>();
        matched.map_or(UNMATCHED, |matched| self.routes.place(matched.as_str()))
    }

    #[cfg(not(feature = "axum"))]
    pub(super) fn matched(&self, _: &http::Extensions) -> Place {
        UNMATCHED
    }
}
