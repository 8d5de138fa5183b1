//! The layer, and what it can be told.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use http::request::Parts;
use meters_core::{DimensionValue, Registry, Resolution, Unit};
use tower_layer::Layer;

use super::settings::{ByStatus, Settings, Shared};
use super::{Answer, MonitorService};

/// Records the requests of the services that it is put around; see the [module](super) for what.
///
/// Cheap to clone; clones and all services made by them are one.
#[derive(Clone)]
#[must_use = "a layer does nothing until a service is put into it"]
pub struct MonitorLayer(Arc<Shared>);

impl MonitorLayer {
    /// Requests are called `Request`, and recorded in the registry of this process.
    pub fn new() -> Self {
        Self(Arc::new(Shared::new(Settings::default())))
    }

    fn with(self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = self.0.settings.clone();
        change(&mut settings);
        Self(Arc::new(Shared::new(settings)))
    }

    /// Records there.
    pub fn registry(self, registry: &Registry) -> Self {
        self.with(|settings| settings.registry = registry.clone())
    }

    /// What requests are called, in the place of `Request`; the other metrics follow: `Name.Answers`, `Name.InFlight`.
    ///
    /// Whoever reads them in Prometheus will like a name without capitals and dots, which the others follow as well:
    /// `http_server_request` becomes `http_server_request_seconds`, `http_server_request_answers_total`,
    /// `http_server_request_in_flight` there.
    pub fn name(self, name: &str) -> Self {
        self.with(|settings| settings.name = name.to_owned())
    }

    /// What the gauge of requests under way is called, in the place of `Request.InFlight`.
    pub fn in_flight_name(self, name: &str) -> Self {
        self.with(|settings| settings.in_flight = Some(name.to_owned()))
    }

    /// What the counter of requests by status is called, in the place of `Request.Answers`.
    pub fn answers_name(self, name: &str) -> Self {
        self.with(|settings| settings.answers = Some(name.to_owned()))
    }

    /// The unit of their durations, one of time; Microseconds unless told.
    pub fn unit(self, unit: Unit) -> Self {
        self.with(|settings| settings.unit = unit)
    }

    /// How finely CloudWatch keeps them; by the minute unless told.
    pub fn resolution(self, resolution: Resolution) -> Self {
        self.with(|settings| settings.resolution = resolution)
    }

    /// One more dimension, the same for all requests.
    pub fn dimension(self, name: &str, value: impl DimensionValue) -> Self {
        let value = value.with_str(str::to_owned);
        self.with(|settings| settings.dimensions.push((name.to_owned(), value)))
    }

    /// The names of the dimensions `Route`, `Method` and `Status`.
    ///
    /// ```
    /// let layer = meters::tower::MonitorLayer::new()
    ///     .name("http_server_request_duration")
    ///     .dimension_names("http_route", "http_request_method", "http_response_status_class");
    /// # let _ = layer;
    /// ```
    pub fn dimension_names(self, route: &str, method: &str, status: &str) -> Self {
        self.with(|settings| {
            route.clone_into(&mut settings.route);
            status.clone_into(&mut settings.status);
            settings.method = settings.method.as_ref().map(|_| method.to_owned());
        })
    }

    /// No dimension tells the method: fewer metrics, where each route has one anyway.
    pub fn without_method(self) -> Self {
        self.with(|settings| settings.method = None)
    }

    /// The status is told of the requests themselves, durations and all, and there is no counter `Request.Answers`.
    ///
    /// It is how OpenTelemetry has it, and costs more in CloudWatch: three metrics for each status that occurs. And as `Errors` are
    /// told apart by status, too, its average is no longer the error rate of the route.
    pub fn split_by_status(self) -> Self {
        self.with(|settings| settings.by_status = ByStatus::Calls)
    }

    /// Nothing tells the status: requests and their errors, no more.
    pub fn without_status(self) -> Self {
        self.with(|settings| settings.by_status = ByStatus::Off)
    }

    /// The time until the headers of the answer is recorded as well, as `Request.TimeToFirst`.
    pub fn time_to_first(self) -> Self {
        self.with(|settings| settings.time_to_first = true)
    }

    /// Sums over the dimensions that are not named, for CloudWatch: once for each set that is wanted, none for all requests.
    /// Metrics that have not all of them say nothing of it. Each sum is a metric of its own, and costs as one.
    ///
    /// ```
    /// // Percentiles and error rates of each route, and of the whole service.
    /// let layer = meters::tower::MonitorLayer::new().rollup(["Route"]).rollup([]);
    /// # let _ = layer;
    /// ```
    pub fn rollup<const N: usize>(self, kept: [&str; N]) -> Self {
        // Kept for the life of the process, as what is said of a metric is: a layer is made once.
        let kept: &'static [&'static str] = kept.map(|name| &*name.to_owned().leak()).to_vec().leak();
        self.with(|settings| settings.rollups = [settings.rollups, &[kept]].concat().leak())
    }

    /// How many routes are told apart, 500 unless told and a million at the most; requests of further ones have the route
    /// `_other`. (The [limit of the registry](Registry::set_limit) counts each combination of route and method.)
    pub fn limit(self, routes: usize) -> Self {
        self.with(|settings| settings.limit = routes)
    }

    /// Says which route a request takes, before all else that knows it; `None` leaves it to what comes after.
    ///
    /// It must be a template, `/users/{id}`: were it the path, there would be as many as clients like, and soon all requests
    /// were `_other`. A rule that panics has said `None`.
    ///
    /// ```
    /// struct Page(&'static str); // put there by a router of one's own
    /// let layer = meters::tower::MonitorLayer::new()
    ///     .route(|request| request.extensions.get::<Page>().map(|page| page.0.into()));
    /// # let _ = layer;
    /// ```
    pub fn route<F>(self, template: F) -> Self
    where
        F: for<'p> Fn(&'p Parts) -> Option<Cow<'p, str>> + Send + Sync + 'static,
    {
        self.with(|settings| settings.template = Some(Arc::new(template)))
    }

    /// Says which answers are errors, in the place of [`Answer::is_error`]: once, when the answer has ended.
    ///
    /// A body that fails is an error in any case. A rule that panics has said nothing.
    ///
    /// ```
    /// let layer = meters::tower::MonitorLayer::new()
    ///     .error_if(|answer| answer.is_error() && answer.status() != http::StatusCode::NOT_IMPLEMENTED);
    /// # let _ = layer;
    /// ```
    pub fn error_if(self, rule: impl Fn(&Answer) -> bool + Send + Sync + 'static) -> Self {
        self.with(|settings| settings.is_error = Some(Arc::new(rule)))
    }
}

impl Default for MonitorLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MonitorLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MonitorLayer").field("name", &self.0.settings.name).finish_non_exhaustive()
    }
}

impl<S> Layer<S> for MonitorLayer {
    type Service = MonitorService<S>;

    fn layer(&self, inner: S) -> MonitorService<S> {
        MonitorService { inner, shared: self.0.clone() }
    }
}
