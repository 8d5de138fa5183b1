//! What a metric's numbers count, and how finely they are kept in time.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::text::quoted;
use crate::error::Error;

/// One table: variant, wire string, how many are in a second (for units of time), what it is.
macro_rules! units {
    ($($variant:ident $wire:literal $per_second:expr, $doc:literal;)*) => {
        /// A unit of CloudWatch; [`Unit::None`] where nothing else is said.
        ///
        /// CloudWatch keeps values of one metric under different units apart from one another. It has no nanoseconds.
        ///
        /// The list is that of `Unit` in
        /// [MetricDatum](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html).
        ///
        /// ```
        /// # use meters_core as meters;
        /// use meters::Unit;
        ///
        /// assert_eq!(Unit::CountPerSecond.as_str(), "Count/Second");
        /// assert_eq!("Bytes/Second".parse::<Unit>()?, Unit::BytesPerSecond);
        /// assert_eq!(Unit::default(), Unit::None);
        /// # Ok::<(), meters::Error>(())
        /// ```
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Unit {
            $(#[doc = $doc] $variant,)*
            /// No unit.
            #[default]
            None,
        }

        impl Unit {
            /// Every unit once, in the order of their declaration.
            ///
            /// ```
            /// # use meters_core as meters;
            /// assert_eq!(meters::Unit::ALL.len(), 27);
            /// ```
            pub const ALL: [Self; 27] = [$(Self::$variant,)* Self::None];

            /// Wire string and number in a second, at the position of the variant.
            const TABLE: [(&'static str, Option<f64>); 27] = [$(($wire, $per_second),)* ("None", None)];
        }
    };
}

units! {
    Seconds "Seconds" Some(1.0), "Time in seconds.";
    Microseconds "Microseconds" Some(1e6), "Time in millionths of a second.";
    Milliseconds "Milliseconds" Some(1e3), "Time in thousandths of a second.";
    Bytes "Bytes" None, "Bytes.";
    Kilobytes "Kilobytes" None, "Thousands of bytes.";
    Megabytes "Megabytes" None, "Millions of bytes.";
    Gigabytes "Gigabytes" None, "10^9 bytes.";
    Terabytes "Terabytes" None, "10^12 bytes.";
    Bits "Bits" None, "Bits.";
    Kilobits "Kilobits" None, "Thousands of bits.";
    Megabits "Megabits" None, "Millions of bits.";
    Gigabits "Gigabits" None, "10^9 bits.";
    Terabits "Terabits" None, "10^12 bits.";
    Percent "Percent" None, "Hundredths of a whole.";
    Count "Count" None, "A number of things.";
    BytesPerSecond "Bytes/Second" None, "Bytes a second.";
    KilobytesPerSecond "Kilobytes/Second" None, "Thousands of bytes a second.";
    MegabytesPerSecond "Megabytes/Second" None, "Millions of bytes a second.";
    GigabytesPerSecond "Gigabytes/Second" None, "10^9 bytes a second.";
    TerabytesPerSecond "Terabytes/Second" None, "10^12 bytes a second.";
    BitsPerSecond "Bits/Second" None, "Bits a second.";
    KilobitsPerSecond "Kilobits/Second" None, "Thousands of bits a second.";
    MegabitsPerSecond "Megabits/Second" None, "Millions of bits a second.";
    GigabitsPerSecond "Gigabits/Second" None, "10^9 bits a second.";
    TerabitsPerSecond "Terabits/Second" None, "10^12 bits a second.";
    CountPerSecond "Count/Second" None, "A number of things a second.";
}

impl Unit {
    /// The exact string that CloudWatch takes.
    ///
    /// ```
    /// # use meters_core as meters;
    /// assert_eq!(meters::Unit::KilobitsPerSecond.as_str(), "Kilobits/Second");
    /// ```
    pub const fn as_str(self) -> &'static str {
        Self::TABLE[self as usize].0
    }

    /// How many of this unit are in a second; `None` where it is no unit of time.
    ///
    /// ```
    /// # use meters_core as meters;
    /// use meters::Unit;
    ///
    /// assert_eq!(Unit::Milliseconds.per_second(), Some(1e3));
    /// assert_eq!(Unit::Count.per_second(), None);
    /// ```
    pub const fn per_second(self) -> Option<f64> {
        Self::TABLE[self as usize].1
    }

    /// `duration` in this unit; `None` where it is no unit of time.
    ///
    /// ```
    /// # use meters_core as meters;
    /// use meters::Unit;
    /// use std::time::Duration;
    ///
    /// assert_eq!(Unit::Microseconds.of(Duration::from_nanos(1_500)), Some(1.5));
    /// assert_eq!(Unit::Bytes.of(Duration::from_secs(1)), None);
    /// ```
    pub fn of(self, duration: Duration) -> Option<f64> {
        // Dividing whole nanoseconds rounds once; multiplying seconds would round 7 ms to 7.000000000000001.
        self.per_second().map(|count| duration.as_nanos() as f64 / (1e9 / count))
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Unit {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|unit| unit.as_str() == text).ok_or_else(|| {
            Error::invalid_input(format!(
                "unknown unit {}: use one of {}",
                quoted(text),
                Self::ALL.map(Self::as_str).join(", ")
            ))
        })
    }
}

/// How finely CloudWatch keeps a metric in time.
///
/// The rule is that of `StorageResolution` in
/// [MetricDatum](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html).
///
/// ```
/// # use meters_core as meters;
/// use meters::Resolution;
///
/// assert_eq!(Resolution::default().seconds(), 60);
/// assert_eq!(Resolution::High.seconds(), 1);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resolution {
    /// By the minute.
    #[default]
    Standard,
    /// By the second, for three hours; alarms on it cost more.
    High,
}

impl Resolution {
    /// The `StorageResolution` in seconds: 60 or 1.
    ///
    /// ```
    /// # use meters_core as meters;
    /// assert_eq!(meters::Resolution::Standard.seconds(), 60);
    /// ```
    pub const fn seconds(self) -> u32 {
        match self {
            Self::Standard => 60,
            Self::High => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn the_wire_strings_are_those_of_cloudwatch() {
        let sizes = ["", "Kilo", "Mega", "Giga", "Tera"];
        let mut wire = vec!["Seconds", "Microseconds", "Milliseconds", "Percent", "Count", "Count/Second", "None"]
            .into_iter()
            .map(String::from)
            .collect::<HashSet<_>>();
        for size in sizes {
            for thing in ["bytes", "bits"] {
                let name = match size {
                    "" => thing[..1].to_uppercase() + &thing[1..],
                    _ => format!("{size}{thing}"),
                };
                wire.insert(format!("{name}/Second"));
                wire.insert(name);
            }
        }
        assert_eq!(Unit::ALL.map(|unit| unit.as_str().to_owned()).into_iter().collect::<HashSet<_>>(), wire);
    }

    #[test]
    fn the_table_lies_at_the_variants_positions() {
        for (position, unit) in Unit::ALL.into_iter().enumerate() {
            assert_eq!(unit as usize, position);
            let variant = format!("{unit:?}").replace("PerSecond", "/Second");
            assert_eq!(unit.as_str(), variant);
            assert_eq!(unit.as_str().parse::<Unit>().unwrap(), unit);
        }
    }

    #[test]
    fn other_spellings_are_refused_with_the_list() {
        for text in ["", "seconds", "Nanoseconds", "BytesPerSecond", "Bytes/second", " Count"] {
            let error = text.parse::<Unit>().unwrap_err();
            assert!(error.is_invalid_input());
            assert!(error.to_string().ends_with("Terabits/Second, Count/Second, None"), "{error}");
        }
    }

    #[test]
    fn only_three_are_units_of_time() {
        let timed = Unit::ALL.into_iter().filter(|unit| unit.per_second().is_some()).count();
        assert_eq!(timed, 3);
    }

    proptest! {
        #[test]
        fn whole_numbers_stay_whole(count in 0u64..1 << 42) {
            prop_assert_eq!(Unit::Microseconds.of(Duration::from_micros(count)), Some(count as f64));
            prop_assert_eq!(Unit::Milliseconds.of(Duration::from_millis(count >> 10)), Some((count >> 10) as f64));
            prop_assert_eq!(Unit::Seconds.of(Duration::from_secs(count >> 20)), Some((count >> 20) as f64));
        }
    }
}
