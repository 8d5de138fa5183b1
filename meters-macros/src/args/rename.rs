//! `#[dimension(…)]` on an enum and on its variants.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::ParseStream;
use syn::{Attribute, Error, LitStr, Result};

use super::{assigned, comma_separated, crate_path, key, once, string};
use crate::suggest;

/// The ways to spell a variant, as `serde` names and applies them.
#[derive(Clone, Copy)]
pub(crate) enum Case {
    Pascal,
    Snake,
    Kebab,
    ScreamingSnake,
    Camel,
    Lower,
    Upper,
}

const CASES: [(&str, Case); 7] = [
    ("PascalCase", Case::Pascal),
    ("snake_case", Case::Snake),
    ("kebab-case", Case::Kebab),
    ("SCREAMING_SNAKE_CASE", Case::ScreamingSnake),
    ("camelCase", Case::Camel),
    ("lowercase", Case::Lower),
    ("UPPERCASE", Case::Upper),
];

impl Case {
    /// The runtime's name of it.
    pub(crate) fn variant(self) -> &'static str {
        match self {
            Self::Pascal => "Pascal",
            Self::Snake => "Snake",
            Self::Kebab => "Kebab",
            Self::ScreamingSnake => "ScreamingSnake",
            Self::Camel => "Camel",
            Self::Lower => "Lower",
            Self::Upper => "Upper",
        }
    }

    pub(crate) fn apply(self, variant: &str) -> String {
        match self {
            Self::Pascal => variant.to_owned(),
            Self::Lower => variant.to_ascii_lowercase(),
            Self::Upper => variant.to_ascii_uppercase(),
            Self::Snake => words(variant, '_'),
            Self::Kebab => words(variant, '-').replace('_', "-"),
            Self::ScreamingSnake => words(variant, '_').to_ascii_uppercase(),
            Self::Camel => {
                let mut chars = variant.chars();
                let first = chars.next().map(|c| c.to_ascii_lowercase());
                first.into_iter().chain(chars).collect()
            }
        }
    }
}

/// Every capital starts a word, as in `serde`.
fn words(variant: &str, between: char) -> String {
    let mut text = String::new();
    for (at, char) in variant.char_indices() {
        if at > 0 && char.is_uppercase() {
            text.push(between);
        }
        text.push(char.to_ascii_lowercase());
    }
    text
}

/// What stands on the enum.
pub(crate) struct OnEnum {
    pub(crate) krate: TokenStream,
    pub(crate) case: Option<Case>,
}

pub(crate) fn on_enum(attributes: &[Attribute]) -> Result<OnEnum> {
    let (mut krate, mut case) = (None, None);
    each("dimension", attributes, |input| {
        let key = key(input)?;
        match key.to_string().as_str() {
            "rename_all" => {
                let value = assigned(input, &key, "\"snake_case\"", self::case)?;
                once(&mut case, &key, value)
            }
            "crate" => {
                let value = assigned(input, &key, "my_crate::meters", crate_path)?;
                once(&mut krate, &key, value)
            }
            _ => {
                let hint = "; `rename` stands on a variant";
                let subject = "`#[dimension]` on an enum";
                Err(super::unknown(&key, subject, &["rename_all", "crate"], hint))
            }
        }
    })?;
    let krate = krate.unwrap_or_else(|| quote!(::meters));
    Ok(OnEnum { krate, case })
}

/// The text that a variant is given by `rename = "…"`.
pub(crate) fn on_variant(attributes: &[Attribute]) -> Result<Option<LitStr>> {
    let mut name = None;
    each("dimension", attributes, |input| {
        let key = key(input)?;
        if key == "rename" {
            let value = assigned(input, &key, "\"text\"", |i| string(i, "`rename`"))?;
            return once(&mut name, &key, value);
        }
        let hint = "; `rename_all` and `crate` stand on the enum";
        Err(super::unknown(&key, "`#[dimension]` on a variant", &["rename"], hint))
    })?;
    Ok(name)
}

/// All attributes of this name among the attributes, as one list.
pub(super) fn each(
    name: &str,
    attributes: &[Attribute],
    mut item: impl FnMut(ParseStream<'_>) -> Result<()>,
) -> Result<()> {
    for attribute in attributes {
        if attribute.path().is_ident(name) {
            attribute.parse_args_with(|input: ParseStream<'_>| comma_separated(input, &mut item))?;
        }
    }
    Ok(())
}

pub(super) fn case(input: ParseStream<'_>) -> Result<Case> {
    let literal = string(input, "`rename_all`")?;
    let written = literal.value();
    if let Some((_, case)) = CASES.iter().find(|(name, _)| *name == written) {
        return Ok(*case);
    }
    let known: Vec<&str> = CASES.iter().map(|(name, _)| *name).collect();
    let meant = suggest::did_you_mean(&written, &known);
    let known = suggest::list(&known);
    Err(Error::new(literal.span(), format!("unknown case `{written}`{meant}\n`rename_all` knows {known}")))
}

#[cfg(test)]
mod tests {
    use super::CASES;

    #[test]
    fn cases_are_those_of_serde() {
        let applied: Vec<String> = CASES.iter().map(|(_, c)| c.apply("VeryTasty")).collect();
        assert_eq!(
            applied,
            ["VeryTasty", "very_tasty", "very-tasty", "VERY_TASTY", "veryTasty", "verytasty", "VERYTASTY"]
        );
    }
}
