//! The series of one route, each registered when it is wanted first.

use std::sync::OnceLock;

use meters_core::{Counter, Handle, Histogram, Monitor, Register, fork};

use super::answer::STATUSES;
use super::method::NAMES;
use super::settings::{ByStatus, Settings};

/// What is known of a route.
pub(super) struct Route {
    template: Box<str>,
    methods: [OnceLock<Box<Method>>; NAMES.len()],
}

/// The series of one method of a route.
struct Method {
    calls: OnceLock<Monitor>,
    first: OnceLock<Histogram>,
    statuses: [OnceLock<Status>; STATUSES.len()],
}

#[derive(Clone, Copy)]
enum Status {
    Calls(Monitor),
    Answers(Counter),
}

/// Where one request is recorded.
pub(super) struct Recorded {
    pub(super) calls: Monitor,
    pub(super) answers: Option<Counter>,
}

impl Route {
    pub(super) fn new(template: &str) -> Self {
        Self { template: template.into(), methods: [const { OnceLock::new() }; NAMES.len()] }
    }

    pub(super) fn is(&self, template: &str) -> bool {
        *self.template == *template
    }

    /// Where a request of this method is recorded that was answered with this status.
    pub(super) fn recorded(&self, settings: &Settings, method: u8, status: usize) -> Recorded {
        let known = self.method(settings, method);
        let of_status = || {
            *fork::once(&known.statuses[status], || {
                let registry = &settings.registry;
                match settings.by_status {
                    ByStatus::Calls => Status::Calls(
                        self.said(settings, method, settings.calls())
                            .dimension(&settings.status, STATUSES[status])
                            .register(),
                    ),
                    _ => Status::Answers(
                        self.said(settings, method, registry.counter(&settings.answers()))
                            .dimension(&settings.status, STATUSES[status])
                            .description("Requests by how they were answered")
                            .register(),
                    ),
                }
            })
        };
        let calls = || *fork::once(&known.calls, || self.said(settings, method, settings.calls()).register());
        match settings.by_status {
            ByStatus::Off => Recorded { calls: calls(), answers: None },
            ByStatus::Calls | ByStatus::Counter => match of_status() {
                Status::Calls(calls) => Recorded { calls, answers: None },
                Status::Answers(answers) => Recorded { calls: calls(), answers: Some(answers) },
            },
        }
    }

    /// The time to the headers.
    pub(super) fn first(&self, settings: &Settings, method: u8) -> Histogram {
        let make = || {
            let histogram = settings.registry.histogram(&settings.first()).unit(settings.unit);
            self.said(settings, method, histogram).description("Time until the headers of the answer").register()
        };
        *fork::once(&self.method(settings, method).first, make)
    }

    fn method(&self, settings: &Settings, method: u8) -> &Method {
        let place = if settings.method.is_some() { usize::from(method) } else { 0 };
        fork::once::<Box<_>>(&self.methods[place], || {
            let statuses = [const { OnceLock::new() }; STATUSES.len()];
            Box::new(Method { calls: OnceLock::new(), first: OnceLock::new(), statuses })
        })
    }

    /// With the dimensions that all of its metrics carry.
    fn said<'r, H: Handle>(&self, settings: &Settings, method: u8, register: Register<'r, H>) -> Register<'r, H> {
        let register = settings.said(register).rollups(settings.rollups).dimension(&settings.route, &*self.template);
        match &settings.method {
            Some(key) => register.dimension(key, NAMES[usize::from(method)]),
            None => register,
        }
    }
}
