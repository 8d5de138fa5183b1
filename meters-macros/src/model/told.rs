//! What a metric is, and for whom it is recorded.

use proc_macro2::Ident;
use syn::LitStr;

#[derive(Clone, Default)]
pub(crate) struct Told {
    pub(crate) description: Option<LitStr>,
    /// A variant of `Level`, in the user's token.
    pub(crate) level: Option<Ident>,
    /// No exporter sends it.
    pub(crate) internal: Option<Ident>,
}

impl Told {
    pub(crate) fn is_empty(&self) -> bool {
        self.description.is_none() && self.level.is_none() && self.internal.is_none()
    }

    /// Completed by what the `impl` block around says.
    pub(crate) fn or(self, block: &Self) -> Self {
        Self {
            description: self.description.or_else(|| block.description.clone()),
            level: self.level.or_else(|| block.level.clone()),
            internal: self.internal.or_else(|| block.internal.clone()),
        }
    }
}
