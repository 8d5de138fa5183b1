//! Prometheus's own way to write any name with the characters that names had before version 3: "values".

use std::fmt::Write;

/// How a name that was escaped begins.
const MARK: &str = "U__";

/// Whether a metric may be called so without escaping: `[a-zA-Z_:][a-zA-Z0-9_:]*`.
pub(crate) fn is_metric(name: &str) -> bool {
    is_legacy(name, |byte| byte == b':')
}

/// Whether a label may be called so without escaping: `[a-zA-Z_][a-zA-Z0-9_]*`.
pub(crate) fn is_label(name: &str) -> bool {
    is_legacy(name, |_| false)
}

fn is_legacy(name: &str, more: fn(u8) -> bool) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || more(byte);
    !name.is_empty() && !name.as_bytes()[0].is_ascii_digit() && name.bytes().all(fits)
}

/// `name` in characters of which `valid` says that they may stand there: as it is where that can be, else `U__` and its
/// characters, of which `_` becomes `__`, and what may not stand there `_` + its code in hexadecimal + `_`.
///
/// The rule is that of [value encoding](https://prometheus.io/docs/instrumenting/escaping_schemes/). There a name that is valid
/// and begins with `U__` stays as it is, though others could be escaped to it; here it is escaped, too.
pub(crate) fn escaped(name: &str, valid: fn(&str) -> bool) -> String {
    if valid(name) && !name.starts_with(MARK) {
        return name.to_owned();
    }
    let mut text = String::from(MARK);
    for character in name.chars() {
        let alone = character.is_ascii_alphanumeric() || (character == ':' && valid(":"));
        match character {
            '_' => text.push_str("__"),
            _ if alone => text.push(character),
            // Cannot fail: it writes to a `String`.
            _ => _ = write!(text, "_{:x}_", u32::from(character)),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The way back.
    fn unescaped(text: &str) -> Option<String> {
        let Some(mut rest) = text.strip_prefix(MARK) else {
            return Some(text.to_owned());
        };
        let mut name = String::new();
        while let Some(character) = rest.chars().next() {
            rest = &rest[character.len_utf8()..];
            if character != '_' {
                name.push(character);
                continue;
            }
            let (code, after) = rest.split_once('_')?;
            name.push(if code.is_empty() { '_' } else { char::from_u32(u32::from_str_radix(code, 16).ok()?)? });
            rest = after;
        }
        Some(name)
    }

    #[test]
    fn as_the_documentation_of_prometheus_has_it() {
        assert_eq!(escaped("no:escaping_required", is_metric), "no:escaping_required");
        assert_eq!(escaped("mysystem.prod.west.cpu.load", is_metric), "U__mysystem_2e_prod_2e_west_2e_cpu_2e_load");
        assert_eq!(escaped("http.status:sum", is_metric), "U__http_2e_status:sum");
        assert_eq!(escaped("label with 😱", is_metric), "U__label_20_with_20__1f631_");
        assert_eq!(escaped("a:b", is_label), "U__a_3a_b");
    }

    proptest! {
        #[test]
        fn any_name_comes_back(name in "[a-cU_.:9 é\\PC]{1,12}", label in any::<bool>()) {
            let valid = if label { is_label } else { is_metric };
            let text = escaped(&name, valid);
            prop_assert!(valid(&text), "{}", text);
            prop_assert_eq!(unescaped(&text), Some(name));
        }
    }
}
