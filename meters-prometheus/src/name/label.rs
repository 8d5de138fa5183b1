//! The names of labels.

/// What stands before the name of a label that is not to be had.
const BEFORE: &str = "exported_";

/// Which names the labels of series have, beside those that stand on every series.
#[derive(Clone, Debug, Default)]
pub(crate) struct Labels {
    /// (name, value) of those that stand on every series.
    pub(crate) standing: Vec<(String, String)>,
}

impl Labels {
    /// The label of a dimension: its own name, with `exported_` before it where that is taken: `le`, `quantile`, what begins
    /// with `__`, what stands on every series, and such a name with `exported_` before it, so that no two become one.
    ///
    /// `exported_` is what Prometheus itself puts before labels that are
    /// [in its way](https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config).
    pub(crate) fn name(&self, dimension: &str) -> String {
        let mut bare = dimension;
        while !self.is_taken(bare) {
            match bare.strip_prefix(BEFORE) {
                Some(rest) => bare = rest,
                None => return dimension.to_owned(),
            }
        }
        format!("{BEFORE}{dimension}")
    }

    fn is_taken(&self, name: &str) -> bool {
        is_reserved(name) || self.standing.iter().any(|(standing, _)| standing == name)
    }
}

/// Whether Prometheus keeps a label's name to itself.
pub(crate) fn is_reserved(name: &str) -> bool {
    name == "le" || name == "quantile" || name.starts_with("__")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn what_is_taken_is_exported() {
        let labels = Labels { standing: vec![("env".into(), "prod".into())] };
        for (dimension, label) in [
            ("Route", "Route"),
            ("exported_Route", "exported_Route"),
            ("le", "exported_le"),
            ("quantile", "exported_quantile"),
            ("__name__", "exported___name__"),
            ("env", "exported_env"),
            ("exported_env", "exported_exported_env"),
            ("exported_exported_le", "exported_exported_exported_le"),
            ("exported_", "exported_"),
        ] {
            assert_eq!(labels.name(dimension), label);
        }
    }

    proptest! {
        #[test]
        fn no_two_become_one(names in prop::collection::hash_set("(exported_){0,3}(le|quantile|__x|env|a|_)?", 1..30)) {
            let labels = Labels { standing: vec![("env".into(), "prod".into())] };
            let made: HashSet<_> = names.iter().map(|name| labels.name(name)).collect();
            prop_assert_eq!(made.len(), names.len());
            prop_assert!(made.iter().all(|name| !labels.is_taken(name)));
        }
    }
}
