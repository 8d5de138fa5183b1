//! What an attribute says, before it is known for which function.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{LitStr, Result};

use crate::model::{Arguments, Dimension, Errors, Preset, Resolution};
use crate::validate::{self, Text};

/// The arguments as given; what is not is left to the block around, or to the defaults.
#[derive(Clone, Default)]
pub(crate) struct Written {
    pub(crate) krate: Option<TokenStream>,
    pub(crate) name: Option<LitStr>,
    /// The word, and what stands in place of the type.
    pub(crate) prefix: Option<(Ident, LitStr)>,
    pub(crate) skip: Option<Ident>,
    pub(crate) dimensions: Option<Vec<Dimension>>,
    pub(crate) unit: Option<Ident>,
    pub(crate) resolution: Option<Resolution>,
    pub(crate) limit: Option<usize>,
    pub(crate) errors: Option<Errors>,
}

impl Written {
    /// Completed by what the `impl` block around says: the own argument wins, the own dimension by its key.
    pub(crate) fn under(self, block: &Self) -> Self {
        let own = self.dimensions.unwrap_or_default();
        let inherited = block.dimensions.iter().flatten().filter(|d| own.iter().all(|o| o.key != d.key));
        let dimensions = inherited.cloned().chain(own.iter().cloned()).collect();
        let errors = block.errors.clone().map(|errors| Errors { own: false, ..errors });
        Self {
            krate: self.krate.or_else(|| block.krate.clone()),
            name: self.name,
            prefix: self.prefix,
            skip: self.skip,
            dimensions: Some(dimensions),
            unit: self.unit.or_else(|| block.unit.clone()),
            resolution: self.resolution.or(block.resolution),
            limit: self.limit.or(block.limit),
            errors: self.errors.or(errors),
        }
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
        let dimensions = self.dimensions.unwrap_or_default();
        validate::dimensions(&dimensions, self.name.is_none())?;
        Ok(Arguments {
            krate: self.krate.unwrap_or_else(|| quote!(::meters)),
            name: self.name,
            dimensions,
            unit: self.unit,
            resolution: self.resolution,
            limit: self.limit,
            errors: self.errors,
        })
    }
}
