//! The text of a page, <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>.

use std::collections::BTreeMap;
use std::fmt;

use super::Page;
use super::entry::Part;
use super::family::{Family, Sample};
use super::figure::Figure;
use crate::instrumentor::metric::Kind;

type Pairs = [(String, String)];

/// A page that Prometheus reads: buckets in the order of their bounds, each histogram with the bucket of all and its count.
impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for family in &self.families {
            if let Some(help) = family.help.as_deref().filter(|help| !help.trim().is_empty()) {
                writeln!(f, "# HELP {} {help}", family.name)?;
            }
            writeln!(f, "# TYPE {} {}", family.name, family.kind_text())?;
            match family.kind {
                Some(Kind::Histogram | Kind::Summary) => grouped(f, family)?,
                _ => family.samples.iter().try_for_each(|one| sample(f, &family.name, one))?,
            }
        }
        Ok(())
    }
}

/// The samples of each label set together.
fn grouped(f: &mut impl fmt::Write, family: &Family) -> fmt::Result {
    let mut groups = BTreeMap::<Vec<(String, String)>, Vec<&Sample>>::new();
    for sample in &family.samples {
        let inner = |name: &str| {
            (name == "le" && sample.part == Part::Bucket) || (name == "quantile" && sample.part == Part::Value)
        };
        let mut labels: Vec<_> = sample.labels.iter().filter(|(name, _)| !inner(name)).cloned().collect();
        labels.sort_unstable();
        groups.entry(labels).or_default().push(sample);
    }
    for (labels, mut samples) in groups {
        let name = &family.name;
        samples.sort_by(|a, b| order(a).0.cmp(&order(b).0).then(order(a).1.total_cmp(&order(b).1)));
        let find = |part: Part| samples.iter().find(|sample| sample.part == part);
        let all = samples.iter().find(|sample| sample.bound() == Some(f64::INFINITY));
        let histogram = family.kind == Some(Kind::Histogram);
        for inner in samples.iter().filter(|sample| matches!(sample.part, Part::Bucket | Part::Value)) {
            sample(f, name, inner)?;
        }
        // Each follows from the other; an eager Python registry never writes the count.
        if let (true, None, Some(count)) = (histogram, all, find(Part::Count)) {
            let mut labels = labels.clone();
            labels.push(("le".to_owned(), "+Inf".to_owned()));
            line(f, name, "_bucket", &labels, &count.figure)?;
        }
        if let Some(sum) = find(Part::Sum) {
            sample(f, name, sum)?;
        }
        match (find(Part::Count), all) {
            (Some(count), _) => sample(f, name, count)?,
            (None, Some(all)) if histogram => line(f, name, "_count", &labels, &all.figure)?,
            _ => {}
        }
    }
    Ok(())
}

/// Buckets and quantiles rise.
fn order(sample: &Sample) -> (Part, f64) {
    let quantile = || sample.label("quantile").and_then(|text| text.parse().ok());
    (sample.part, sample.bound().or_else(quantile).unwrap_or_default())
}

pub(super) fn as_python(families: &[Family]) -> String {
    let mut text = String::new();
    for family in families {
        // Writing to a string does not fail.
        _ = as_python_one(&mut text, family);
    }
    text
}

fn as_python_one(f: &mut impl fmt::Write, family: &Family) -> fmt::Result {
    writeln!(f, "# HELP {} {}", family.name, family.help.as_deref().unwrap_or("None"))?;
    writeln!(f, "# TYPE {} {}", family.name, family.kind_text())?;
    family.samples.iter().try_for_each(|one| sample(f, &family.name, one))?;
    f.write_str("\n")
}

fn sample(f: &mut impl fmt::Write, name: &str, sample: &Sample) -> fmt::Result {
    let ending = match sample.part {
        Part::Bucket => "_bucket",
        Part::Count => "_count",
        Part::Sum => "_sum",
        _ => "",
    };
    line(f, name, ending, &sample.labels, &sample.figure)
}

fn line(f: &mut impl fmt::Write, name: &str, ending: &str, labels: &Pairs, figure: &Figure) -> fmt::Result {
    write!(f, "{name}{ending}")?;
    for (place, (label, value)) in labels.iter().enumerate() {
        write!(f, "{}{label}=\"{value}\"", if place == 0 { "{" } else { "," })?;
    }
    writeln!(f, "{} {}", if labels.is_empty() { "" } else { "}" }, figure.text)
}
