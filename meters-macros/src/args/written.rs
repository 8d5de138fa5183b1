//! What an attribute says, before it is known for which function.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Error, LitStr, Result};

use crate::model::{
    Arguments, Dimension, Errors, Late, Limit, Own, Preset, Record, Resolution, Rollup, Sample, Told, Value, When,
};
use crate::validate::{self, Text};

/// The arguments as given; what is not is left to the block around, or to the defaults.
#[derive(Clone, Default)]
pub(crate) struct Written {
    pub(crate) krate: Option<TokenStream>,
    pub(crate) name: Option<LitStr>,
    pub(crate) metric: Option<Own>,
    /// The word, and what stands in place of the type.
    pub(crate) prefix: Option<(Ident, LitStr)>,
    pub(crate) skip: Option<Ident>,
    pub(crate) dimensions: Option<Vec<Dimension>>,
    pub(crate) unit: Option<Ident>,
    pub(crate) resolution: Option<Resolution>,
    pub(crate) limit: Option<usize>,
    pub(crate) limits: Option<Vec<Limit>>,
    pub(crate) rollup: Option<Rollup>,
    pub(crate) told: Told,
    pub(crate) errors: Option<Errors>,
    pub(crate) on_ok: Option<Late>,
    pub(crate) on_err: Option<Late>,
    pub(crate) record: Option<Record>,
    pub(crate) sample: Option<Sample>,
    pub(crate) when: Option<When>,
    pub(crate) future: Option<(Ident, bool)>,
    pub(crate) doc: Option<bool>,
}

impl Written {
    /// Whether it says anything beside `skip` and `prefix`.
    pub(super) fn says_more(&self) -> bool {
        let given = [
            self.krate.is_some(),
            self.name.is_some(),
            self.metric.is_some(),
            self.dimensions.is_some(),
            self.unit.is_some(),
            self.resolution.is_some(),
            self.limit.is_some(),
            self.limits.is_some(),
            self.rollup.is_some(),
            !self.told.is_empty(),
            self.errors.is_some(),
            self.on_ok.is_some(),
            self.on_err.is_some(),
            self.record.is_some(),
            self.sample.is_some(),
            self.when.is_some(),
            self.future.is_some(),
            self.doc.is_some(),
        ];
        given.contains(&true)
    }

    /// The dimensions from what is returned.
    pub(super) fn at_the_end(&self) -> impl Iterator<Item = &Dimension> {
        [&self.on_ok, &self.on_err].into_iter().flatten().flat_map(|late| &late.dimensions)
    }

    /// Completed by what the `impl` block around says: the own argument wins, the own dimension by its key.
    pub(crate) fn under(self, block: &Self) -> Self {
        if self.metric.is_some() {
            let block = block.for_any_metric();
            return Self { metric: None, ..self.clone() }.under(&block).with_metric(self.metric);
        }
        let own = self.dimensions.unwrap_or_default();
        let inherited = block.dimensions.iter().flatten().filter(|d| own.iter().all(|o| o.key != d.key));
        let inherited = inherited.map(|dimension| Dimension { own: false, ..dimension.clone() });
        let dimensions = inherited.chain(own.iter().cloned()).collect();
        let own = self.limits.unwrap_or_default();
        let inherited = block.limits.iter().flatten().filter(|l| own.iter().all(|o| o.key != l.key));
        let limits = inherited.cloned().chain(own.iter().cloned()).collect();
        let late = |late: &Option<Late>| late.clone().map(|late| Late { own: false, ..late });
        Self {
            krate: self.krate.or_else(|| block.krate.clone()),
            name: self.name,
            metric: None,
            prefix: self.prefix,
            skip: self.skip,
            dimensions: Some(dimensions),
            unit: self.unit.or_else(|| block.unit.clone()),
            resolution: self.resolution.or(block.resolution),
            limit: self.limit.or(block.limit),
            limits: Some(limits),
            rollup: self.rollup.or_else(|| block.rollup.clone().map(|rollup| Rollup { own: false, ..rollup })),
            told: self.told.or(&block.told),
            errors: self.errors.or_else(|| block.errors.clone().map(|errors| Errors { own: false, ..errors })),
            on_ok: self.on_ok.or_else(|| late(&block.on_ok)),
            on_err: self.on_err.or_else(|| late(&block.on_err)),
            record: self.record.or_else(|| block.record.clone().map(|record| Record { own: false, ..record })),
            sample: self.sample.or_else(|| block.sample.clone()),
            when: self.when.or_else(|| block.when.clone()),
            future: self.future,
            doc: self.doc.or(block.doc),
        }
    }

    fn with_metric(self, metric: Option<Own>) -> Self {
        Self { metric, ..self }
    }

    /// What a block says that is not of the metrics that it makes, nor of how they are told apart.
    fn for_any_metric(&self) -> Self {
        let errors = self.errors.clone().map(|errors| Errors { kind: None, ..errors });
        let (krate, when, doc) = (self.krate.clone(), self.when.clone(), self.doc);
        Self { krate, errors, when, doc, ..Self::default() }
    }

    /// Checked by CloudWatch's rules.
    pub(crate) fn complete(self, preset: Preset) -> Result<Arguments> {
        let text = match preset {
            Preset::Monitored => Text::CallName,
            Preset::Metered => Text::MetricName,
        };
        if let Some(name) = &self.name {
            validate::text(text, &name.value(), name.span())?;
        }
        let mut arguments = Arguments {
            krate: self.krate.unwrap_or_else(|| quote!(::meters)),
            name: self.name,
            metric: self.metric,
            dimensions: self.dimensions.unwrap_or_default(),
            unit: self.unit,
            resolution: self.resolution,
            limit: self.limit,
            limits: self.limits.unwrap_or_default(),
            rollup: self.rollup,
            told: self.told,
            across: None,
            buckets: None,
            quantiles: None,
            maximum: None,
            errors: self.errors,
            on_ok: self.on_ok,
            on_err: self.on_err,
            record: self.record.unwrap_or_default(),
            sample: self.sample,
            when: self.when,
            future: self.future,
            doc: self.doc,
        };
        if preset == Preset::Metered {
            no_slots(&arguments.dimensions)?;
        }
        validate::dimensions(&arguments)?;
        let keys = arguments.keys();
        validate::limits(arguments.limits.iter(), &keys)?;
        arguments.rollup = arguments.rollup.map(|rollup| validate::rollup(rollup, &keys)).transpose()?;
        Ok(arguments)
    }
}

fn no_slots(dimensions: &[Dimension]) -> Result<()> {
    dimensions.iter().try_for_each(|dimension| match &dimension.value {
        Value::Late(key, _) => Err(Error::new(
            key.span(),
            format!("`#[metered]` counts a call when it begins, before `{key} = _` is set: write `#[monitored]`"),
        )),
        _ => Ok(()),
    })
}
