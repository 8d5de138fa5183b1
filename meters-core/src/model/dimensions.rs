//! The dimensions of a series: a set, of which the order never matters.

use std::fmt;
use std::sync::Arc;

use super::dimension::Dimension;
use crate::error::Error;

/// Up to 30 dimensions with different names, kept sorted by name.
///
/// Two sets of the same dimensions are equal, and hash alike, in whatever order they were given. A clone shares
/// the set.
///
/// The rule is that of `Dimensions` in
/// [MetricDatum](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html).
///
/// ```
/// use meters_core::Dimensions;
///
/// let set = Dimensions::try_from_iter([("Route", "checkout"), ("Env", "prod")])?;
/// assert_eq!(set.iter().collect::<Vec<_>>(), [("Env", "prod"), ("Route", "checkout")]);
/// assert_eq!(set.get("Route"), Some("checkout"));
/// # Ok::<(), meters_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dimensions(Arc<[Dimension]>);

impl Dimensions {
    /// The most dimensions that a metric may have.
    ///
    /// ```
    /// assert_eq!(meters_core::Dimensions::MAX, 30);
    /// ```
    pub const MAX: usize = 30;

    /// No dimensions.
    ///
    /// ```
    /// assert!(meters_core::Dimensions::new().is_empty());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// The set of `dimensions`: of [`Dimension`]s, or of pairs of name and value.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] where a pair makes no dimension, a name comes twice, or there are more than
    /// [`Dimensions::MAX`].
    ///
    /// ```
    /// use meters_core::{Dimension, Dimensions};
    ///
    /// assert_eq!(Dimensions::try_from_iter([Dimension::new("Env", "prod")?])?, Dimensions::try_from_iter([("Env", "prod")])?);
    /// let twice = Dimensions::try_from_iter([("Env", "prod"), ("Env", "test")]);
    /// assert!(twice.unwrap_err().is_invalid_input());
    /// # Ok::<(), meters_core::Error>(())
    /// ```
    pub fn try_from_iter<I>(dimensions: I) -> Result<Self, Error>
    where
        I: IntoIterator<Item: TryInto<Dimension, Error: Into<Error>>>,
    {
        let mut sorted = Vec::new();
        for dimension in dimensions {
            sorted.push(dimension.try_into().map_err(Into::into)?);
        }
        sorted.sort_unstable();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0].name() == pair[1].name()) {
            return Err(Error::invalid_input(format!(
                "dimension {:?} is given twice, as {:?} and as {:?}: keep one of them",
                pair[0].name(),
                pair[0].value(),
                pair[1].value()
            )));
        }
        Self::from_sorted(sorted)
    }

    /// This set with `dimension` added, in the place of one with the same name where there is one.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] where it would be one more than [`Dimensions::MAX`].
    ///
    /// ```
    /// use meters_core::{Dimension, Dimensions};
    ///
    /// let set = Dimensions::new().with(Dimension::new("Env", "test")?)?.with(Dimension::new("Env", "prod")?)?;
    /// assert_eq!(set.iter().collect::<Vec<_>>(), [("Env", "prod")]);
    /// # Ok::<(), meters_core::Error>(())
    /// ```
    pub fn with(&self, dimension: Dimension) -> Result<Self, Error> {
        let mut sorted = self.0.to_vec();
        match self.position(dimension.name()) {
            Ok(at) => sorted[at] = dimension,
            Err(at) => sorted.insert(at, dimension),
        }
        Self::from_sorted(sorted)
    }

    /// The value of the dimension called `name`.
    ///
    /// ```
    /// assert_eq!(meters_core::Dimensions::new().get("Env"), None);
    /// ```
    pub fn get(&self, name: &str) -> Option<&str> {
        self.position(name).ok().map(|at| self.0[at].value())
    }

    /// Names and values, sorted by name.
    ///
    /// ```
    /// let set = meters_core::Dimensions::try_from_iter([("Env", "prod")])?;
    /// for (name, value) in set.iter() {
    ///     assert_eq!((name, value), ("Env", "prod"));
    /// }
    /// # Ok::<(), meters_core::Error>(())
    /// ```
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|dimension| (dimension.name(), dimension.value()))
    }

    /// How many there are: 0 to [`Dimensions::MAX`].
    ///
    /// ```
    /// assert_eq!(meters_core::Dimensions::new().len(), 0);
    /// ```
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    ///
    /// ```
    /// assert!(meters_core::Dimensions::new().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn from_sorted(sorted: Vec<Dimension>) -> Result<Self, Error> {
        if sorted.len() > Self::MAX {
            return Err(Error::invalid_input(format!(
                "{} dimensions are too many: CloudWatch takes at most {} for a metric, leave some out",
                sorted.len(),
                Self::MAX
            )));
        }
        Ok(Self(sorted.into()))
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|dimension| dimension.name().cmp(name))
    }
}

impl fmt::Display for Dimensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, dimension) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{dimension}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, hash_map::DefaultHasher};
    use std::hash::{Hash, Hasher};

    fn dimension(name: impl AsRef<str>, value: impl AsRef<str>) -> Dimension {
        Dimension::new(name, value).unwrap()
    }

    fn numbered(count: usize) -> impl Iterator<Item = Dimension> {
        (0..count).map(|number| dimension(format!("n{number}"), "v"))
    }

    fn hash(set: &Dimensions) -> u64 {
        let mut hasher = DefaultHasher::new();
        set.hash(&mut hasher);
        hasher.finish()
    }

    #[test]
    fn at_most_thirty() {
        for (count, valid) in [(0, true), (1, true), (29, true), (30, true), (31, false)] {
            assert_eq!(Dimensions::try_from_iter(numbered(count)).is_ok(), valid, "{count}");
        }
    }

    #[test]
    fn a_full_set_takes_a_replacement_but_no_addition() {
        let full = Dimensions::try_from_iter(numbered(30)).unwrap();
        let replaced = full.with(dimension("n7", "other")).unwrap();
        assert_eq!((replaced.len(), replaced.get("n7"), full.get("n7")), (30, Some("other"), Some("v")));
        let error = full.with(dimension("n30", "v")).unwrap_err();
        assert!(error.to_string().starts_with("31 dimensions are too many"), "{error}");
    }

    #[test]
    fn a_name_given_twice_is_named() {
        let error = Dimensions::try_from_iter([dimension("b", "2"), dimension("a", "1"), dimension("b", "2")]);
        let message = error.unwrap_err().to_string();
        assert_eq!(message, r#"dimension "b" is given twice, as "2" and as "2": keep one of them"#);
    }

    #[test]
    fn names_differ_by_case_and_order_by_bytes() {
        let set = Dimensions::try_from_iter([dimension("a", "1"), dimension("A", "2"), dimension("a!", "3")]).unwrap();
        assert_eq!(set.to_string(), "A=2, a=1, a!=3");
    }

    proptest! {
        #[test]
        fn order_never_matters(
            pairs in prop::collection::btree_map("[a-c]{1,3}", "[a-z]{1,3}", 0..30),
            seed in any::<u64>(),
        ) {
            let make = |pairs: &[(String, String)]| {
                Dimensions::try_from_iter(pairs.iter().map(|(name, value)| dimension(name, value))).unwrap()
            };
            let sorted: Vec<_> = pairs.clone().into_iter().collect();
            let mut shuffled = sorted.clone();
            fastrand::Rng::with_seed(seed).shuffle(&mut shuffled);
            let (one, other) = (make(&sorted), make(&shuffled));
            prop_assert_eq!(&one, &other);
            prop_assert_eq!(one.cmp(&other), std::cmp::Ordering::Equal);
            prop_assert_eq!(hash(&one), hash(&other));
        }

        #[test]
        fn it_is_a_map_by_name(pairs in prop::collection::vec(("[a-c]{1,2}", "[a-z]{1,3}"), 0..40)) {
            let mut map = BTreeMap::new();
            let mut set = Dimensions::new();
            for (name, value) in pairs {
                set = set.with(dimension(&name, &value)).unwrap();
                map.insert(name, value);
            }
            let expected: Vec<_> = map.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            prop_assert_eq!(set.iter().collect::<Vec<_>>(), expected);
            for (name, value) in &map {
                prop_assert_eq!(set.get(name), Some(value.as_str()));
            }
            prop_assert_eq!(set.get("d"), None);
        }
    }
}
