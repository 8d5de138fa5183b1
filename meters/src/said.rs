//! What is said once for every way out, and whom to tell.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use meters_core::{Dimensions, Error, Namespace};

/// Somebody who is told.
pub(crate) type Listener<T> = Arc<dyn Fn(&T) + Send + Sync>;

/// What the user said of all metrics, wherever they go.
#[derive(Clone)]
pub(crate) struct Said {
    pub(crate) namespace: Namespace,
    /// On every metric; they win over a metric's own.
    pub(crate) dimensions: Dimensions,
    /// The name of a dimension that holds the number of the process.
    pub(crate) pid_dimension: Option<String>,
    /// Told of what went wrong, at most once an export.
    pub(crate) on_error: Option<Listener<Error>>,
}

impl Said {
    pub(crate) fn tell_error(&self, error: &Error) {
        event(|| tracing::warn!(target: "meters", error = ?error, "metrics were not sent"));
        tell(&self.on_error, error);
    }
}

impl From<Namespace> for Said {
    fn from(namespace: Namespace) -> Self {
        Self { namespace, dimensions: Dimensions::new(), pid_dimension: None, on_error: None }
    }
}

impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Said").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

/// Calls a callback of the user's, whose panic must not hurt the export.
pub(crate) fn tell<T>(callback: &Option<Listener<T>>, with: &T) {
    let Some(callback) = callback else { return };
    if catch_unwind(AssertUnwindSafe(|| callback(with))).is_err() {
        event(|| tracing::warn!(target: "meters", "a callback panicked"));
    }
}

/// Tells the log, where somebody listens whose panic must not hurt the export either.
pub(crate) fn event(tell: impl FnOnce()) {
    _ = catch_unwind(AssertUnwindSafe(tell));
}
