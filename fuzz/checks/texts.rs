//! What must hold for any text that a user gives, wherever it stands.

use std::time::Duration;

use meters_core::{Dimension, Dimensions, MetricName, Namespace};

/// `interval` is what was made of the text, if it is one.
pub(crate) fn texts(text: &str, interval: Option<Duration>) {
    if let Some(interval) = interval {
        assert!((Duration::from_millis(10)..=Duration::from_secs(14 * 24 * 3600)).contains(&interval));
    }
    let clean = Dimension::cleaned_value(text);
    assert!(Dimension::is_valid_value(&clean));
    // What is valid is left as it is, and what was cleaned is clean.
    assert_eq!(clean == text, Dimension::is_valid_value(text));
    assert_eq!(Dimension::cleaned_value(&clean), clean);
    assert_eq!(Dimension::new(text, &*clean).is_ok(), Dimension::is_valid_name(text));
    assert_eq!(Dimension::new("Name", text).is_ok(), Dimension::is_valid_value(text));
    _ = (MetricName::new(text), Namespace::new(text));
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    if let Ok(dimensions) = Dimensions::try_from_iter([(name, value), ("Other", value)]) {
        assert_eq!(dimensions.iter().len(), 2);
    }
}
