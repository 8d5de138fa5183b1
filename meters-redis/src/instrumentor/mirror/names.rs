//! Names of CloudWatch, as Prometheus takes them.

use meters_core::Series;

use crate::instrumentor::label::{self, Labels};

/// What Prometheus does not take becomes `_`.
pub(super) fn legal(name: &str) -> String {
    let mut legal: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if legal.starts_with(|c: char| c.is_ascii_digit()) {
        legal.insert(0, '_');
    }
    match legal.trim_start_matches('_') {
        rest if legal.starts_with("__") => format!("_{rest}"),
        _ => legal,
    }
}

/// Its dimensions.
pub(super) fn labels(series: &Series) -> Labels {
    let mut labels = Labels::new();
    for (name, value) in series.dimensions() {
        let mut name = legal(name);
        if !label::is_free(&name) {
            name = format!("exported_{name}");
        }
        // Two names of CloudWatch may be one here.
        while labels.iter().any(|(known, _)| **known == *name) {
            name.push('_');
        }
        labels.push((name.into(), label::escaped(value)));
    }
    labels.sort_unstable();
    labels
}

#[cfg(test)]
mod tests {
    use meters_core::Registry;

    use super::*;

    #[test]
    fn each_name_is_one_that_prometheus_takes() {
        let cases =
            [("a", "a"), ("http.hits/s", "http_hits_s"), ("9 a", "_9_a"), ("__a", "_a"), ("é", "_"), ("_a", "_a")];
        for (name, wanted) in cases {
            assert_eq!(legal(name), wanted);
            assert!(label::is_name(&legal(name)));
        }
    }

    #[test]
    fn labels_are_free_and_differ() {
        let registry = Registry::new();
        let counter = registry.counter("c").dimension("a.b", "1").dimension("a-b", "2").dimension("le", "\"");
        counter.dimension("quantile", "4").register().inc(1);
        let snapshot = registry.snapshot();
        let labels = labels(snapshot.iter().next().unwrap().0);
        assert!(labels.is_sorted());
        let labels: Vec<_> = labels.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(labels, [("a_b", "2"), ("a_b_", "1"), ("exported_le", "\\\""), ("exported_quantile", "4")]);
    }
}
