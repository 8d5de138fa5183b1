//! An observation that leads to where it was made.

use std::time::SystemTime;

/// How many characters the labels of an exemplar may have, names and values together.
const MOST: usize = 128;

/// One observation with labels of its own, such as the number of a trace: from a bucket of a histogram it leads to a request that
/// fell into it.
///
/// The rule is that of [exemplars](https://prometheus.io/docs/specs/om/open_metrics_spec/#exemplars): names and values of the
/// labels have at most 128 characters together. A name begins with a letter or `_`, in which letters, digits and `_` follow, and
/// stands once. A value has no `"` in it: there are parsers that would refuse the whole page for it.
///
/// ```
/// use meters_core::Exemplar;
/// use std::time::UNIX_EPOCH;
/// let exemplar = Exemplar::new(0.25, UNIX_EPOCH, &[("trace_id", "4bf92f")]).unwrap();
/// assert_eq!(exemplar.labels().collect::<Vec<_>>(), [("trace_id", "4bf92f")]);
/// assert!(Exemplar::new(0.25, UNIX_EPOCH, &[("trace id", "4bf92f")]).is_none());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Exemplar {
    labels: Box<[(Box<str>, Box<str>)]>,
    value: f64,
    at: SystemTime,
}

impl Exemplar {
    /// `None` where the labels are not as the rule wants them.
    pub fn new(value: f64, at: SystemTime, labels: &[(&str, &str)]) -> Option<Self> {
        let length: usize = labels.iter().map(|(name, value)| name.chars().count() + value.chars().count()).sum();
        let twice =
            labels.iter().enumerate().any(|(at, (name, _))| labels[..at].iter().any(|(other, _)| other == name));
        if length > MOST || twice || !labels.iter().all(|(name, value)| is_name(name) && !value.contains('"')) {
            return None;
        }
        let labels = labels.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Some(Self { labels, value, at })
    }

    /// (name, value) of each label, as they were given.
    pub fn labels(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.labels.iter().map(|(name, value)| (&**name, &**value))
    }

    /// What was observed, in the unit of the series.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// When it was observed.
    pub fn at(&self) -> SystemTime {
        self.at
    }
}

fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !name.is_empty() && !name.as_bytes()[0].is_ascii_digit() && name.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_at_their_limits() {
        let long = "é".repeat(MOST - 1);
        for (labels, valid) in [
            (&[][..], true),
            (&[("a", &*long)], true),
            (&[("ab", &*long)], false),
            (&[("a", "1"), ("b", "")], true),
            (&[("a", "1"), ("a", "2")], false),
            (&[("", "1")], false),
            (&[("9", "1")], false),
            (&[("a:b", "1")], false),
            (&[("_9", "\n\\}#")], true),
            (&[("a", "\"")], false),
        ] {
            assert_eq!(Exemplar::new(1.0, SystemTime::now(), labels).is_some(), valid, "{labels:?}");
        }
    }
}
