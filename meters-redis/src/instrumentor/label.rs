//! Labels: their values as Python writes them, escaped as Prometheus wants them, and the names that nobody may use.

use std::fmt::Write;

use meters_core::Error;

use super::Number;

/// What can be the value of a label: texts, numbers, `bool` and `Option`, which become what Python's `str` makes of them
/// (`5`, `1.0`, `True`, `None`).
pub trait LabelValue {
    /// Python's `str` of it.
    fn text(&self) -> String;
}

impl LabelValue for str {
    fn text(&self) -> String {
        self.to_owned()
    }
}

impl LabelValue for String {
    fn text(&self) -> String {
        self.clone()
    }
}

impl LabelValue for char {
    fn text(&self) -> String {
        self.to_string()
    }
}

impl LabelValue for bool {
    fn text(&self) -> String {
        if *self { "True" } else { "False" }.to_owned()
    }
}

impl<T: LabelValue> LabelValue for Option<T> {
    fn text(&self) -> String {
        self.as_ref().map_or_else(|| "None".to_owned(), T::text)
    }
}

impl<T: LabelValue + ?Sized> LabelValue for &T {
    fn text(&self) -> String {
        (**self).text()
    }
}

macro_rules! numbers {
    ($($number:ty as $kept:ty),*) => {
        $(impl LabelValue for $number {
            fn text(&self) -> String {
                <$kept>::from(*self).to_string()
            }
        })*
    };
}

numbers!(i8 as i8, i16 as i16, i32 as i32, i64 as i64, i128 as i128, isize as isize, u8 as u8, u16 as u16, u32 as u32);
numbers!(u64 as u64, u128 as u128, usize as usize, f32 as Number, f64 as Number);

/// Sorted by name, with escaped values.
pub(super) type Labels = Vec<(Box<str>, Box<str>)>;

/// <https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels>
pub(super) fn is_name(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_ascii_digit())
        && !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// As [`is_name`], and free to be used: Prometheus has `__…` for itself, `le` and `quantile` are those of its types.
pub(super) fn is_free(name: &str) -> bool {
    is_name(name) && !name.starts_with("__") && name != "le" && name != "quantile"
}

pub(super) fn check_name(name: &str) -> Result<(), Error> {
    if is_free(name) {
        return Ok(());
    }
    Err(Error::invalid_input(format!(
        "label {name:?}: use letters, digits and _, no digit first; le, quantile and names that begin with __ are reserved"
    )))
}

/// Escaped as between the quotes of <https://prometheus.io/docs/instrumenting/exposition_formats/#comments-help-text-and-type-information>.
pub(super) fn escaped(value: &str) -> Box<str> {
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '\\' => text.push_str("\\\\"),
            '"' => text.push_str("\\\""),
            '\n' => text.push_str("\\n"),
            _ => text.push(c),
        }
    }
    text.into()
}

/// A description for one line; quotes are left alone there.
pub(super) fn help(description: &str) -> Box<str> {
    description.replace('\\', "\\\\").replace('\n', "\\n").into()
}

/// `a="1",b="2"`, with `le` among them where there is one.
pub(super) fn joined(labels: &[(Box<str>, Box<str>)], le: Option<&str>) -> String {
    let mut text = String::new();
    let mut push = |name: &str, value: &str| {
        let comma = if text.is_empty() { "" } else { "," };
        _ = write!(text, "{comma}{name}=\"{value}\"");
    };
    let mut le = le;
    for (name, value) in labels {
        if &**name > "le"
            && let Some(le) = le.take()
        {
            push("le", le);
        }
        push(name, value);
    }
    if let Some(le) = le {
        push("le", le);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_what_python_makes_of_them() {
        let all: [(&dyn LabelValue, &str); 9] = [
            (&"x", "x"),
            (&String::from("é"), "é"),
            (&5, "5"),
            (&u64::MAX, "18446744073709551615"),
            (&1.0, "1.0"),
            (&1e-5_f64, "1e-05"),
            (&true, "True"),
            (&None::<i32>, "None"),
            (&Some("y"), "y"),
        ];
        for (value, wanted) in all {
            assert_eq!(value.text(), wanted);
        }
    }

    #[test]
    fn le_stands_where_its_name_sorts() {
        let labels = |names: &[&str]| -> Labels { names.iter().map(|&name| (name.into(), "1".into())).collect() };
        assert_eq!(joined(&labels(&["code"]), Some("0.4")), r#"code="1",le="0.4""#);
        assert_eq!(joined(&labels(&["path"]), Some("+Inf")), r#"le="+Inf",path="1""#);
        assert_eq!(joined(&labels(&["a", "z"]), Some("1")), r#"a="1",le="1",z="1""#);
        assert_eq!((joined(&[], Some("1")), joined(&[], None)), (r#"le="1""#.to_owned(), String::new()));
    }

    #[test]
    fn what_would_end_a_value_or_a_line_is_escaped() {
        assert_eq!(&*escaped("q\"u\\o\nte"), r#"q\"u\\o\nte"#);
        assert_eq!(&*help("a \"b\" \\ c\nd"), r#"a "b" \\ c\nd"#);
    }

    #[test]
    fn reserved_names_are_refused() {
        for name in ["le", "quantile", "__", "__name__", "", "1a", "a-b", "a:b", "é"] {
            let error = check_name(name).unwrap_err().to_string();
            assert!(error.starts_with(&format!("label {name:?}: use letters")), "{error}");
        }
        assert!(["a", "_a", "A1", "less"].iter().all(|name| check_name(name).is_ok()));
    }
}
