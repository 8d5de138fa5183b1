//! Naming the labels of a family.

use std::marker::PhantomData;

use super::family::Family;
use super::register::{Draft, Handle, Register};
use crate::error::Error;
use crate::model::Dimensions;

/// A metric and the names of its labels, about to become a [`Family`].
#[derive(Debug)]
#[must_use = "nothing is registered until `family()`"]
pub struct Labels<'r, H> {
    draft: Draft<'r>,
    labels: Vec<String>,
    handle: PhantomData<fn() -> H>,
}

impl<'r, H: Handle> Register<'r, H> {
    /// The names of labels whose values come later, beside the dimensions that were said with their values.
    ///
    /// ```
    /// # use meters_core as meters;
    /// let registry = meters::Registry::new();
    /// let bytes = registry.histogram("Sent").unit(meters::Unit::Bytes).labels(["route"]).family()?;
    /// bytes.with(["home"]).observe(512.0);
    /// assert!(registry.counter("Sent").labels(["le"]).family().is_err()); // Prometheus' own
    /// # Ok::<(), meters::Error>(())
    /// ```
    pub fn labels<L: AsRef<str>>(self, labels: impl IntoIterator<Item = L>) -> Labels<'r, H> {
        let labels = labels.into_iter().map(|label| label.as_ref().to_owned()).collect();
        Labels { draft: self.draft, labels, handle: PhantomData }
    }
}

impl<H: Handle> Labels<'_, H> {
    /// The family. It has no series until a handle is asked for.
    ///
    /// # Errors
    /// [`Error::is_invalid_input`] where there is no label, one is given twice or also as a dimension, or is no name of a
    /// dimension, or is `le`, `quantile` or begins with `__`, which are
    /// [Prometheus' own](https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels); and as with
    /// [`try_register`](Register::try_register).
    pub fn family(self) -> Result<Family<H>, Error> {
        let Self { draft, labels, .. } = self;
        let refused = |why: String| Error::invalid_input(format!("the labels of {}: {why}", draft.name));
        if labels.is_empty() {
            return Err(refused("there is none: name one, or use `register()`".to_owned()));
        }
        if let Some(own) = labels.iter().find(|label| reserved(label)) {
            return Err(refused(format!(
                "{own:?} is Prometheus' own, as are le, quantile and what begins with __: use another name"
            )));
        }
        let name = draft.named()?;
        let mut before = labels.iter().enumerate();
        if let Some((_, twice)) = before.find(|(place, label)| labels[..*place].contains(label)) {
            return Err(refused(format!("{twice:?} is given twice: keep one of them")));
        }
        if let Some((said, value)) = draft.dimensions.iter().find(|(name, _)| labels.contains(name)) {
            return Err(refused(format!(
                "{said:?} is a dimension already, which is {value:?} always: keep one of them"
            )));
        }
        let fixed = draft.dimensions.iter().map(|(name, value)| (&**name, &**value));
        let all = fixed.clone().chain(labels.iter().map(|label| (&**label, "_")));
        let all = Dimensions::try_from_iter(all).map_err(|error| refused(error.to_string()))?;
        let keys: Vec<&str> = all.iter().map(|(key, _)| key).collect();
        let metric = draft.metric(name.as_str(), &keys).intern();
        draft.adopt(metric);
        Ok(Family::new(draft.registry, metric, &Dimensions::try_from_iter(fixed)?, labels))
    }
}

/// Whether this is Prometheus' own.
fn reserved(label: &str) -> bool {
    label == "le" || label == "quantile" || label.starts_with("__")
}
