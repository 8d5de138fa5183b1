//! The paragraph of documentation that tells what a function reports.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::{LitStr, Token, Visibility};

use super::monitored::Shape;
use super::{hygienic, site, written};
use crate::item::Function;
use crate::model::{Arguments, Own, Value};
use crate::suggest;
use crate::validate::IMPLIED;

pub(super) fn of_call(function: &Function, arguments: &Arguments, shape: Shape) -> TokenStream {
    if !wanted(function, arguments) {
        return TokenStream::new();
    }
    if let Some(own) = &arguments.metric {
        return attribute(function, &reports_to(own, arguments));
    }
    let duration = arguments.name.as_ref().map_or("Duration".to_owned(), |name| name.value());
    let unit = arguments.unit.as_ref().map_or("Microseconds".to_owned(), ToString::to_string);
    let of =
        |metric: &str| arguments.name.as_ref().map_or(metric.to_owned(), |name| format!("{}.{metric}", name.value()));
    let mut others = vec![of("Errors")];
    let record = &arguments.record;
    let may = [
        ("Cancelled", !matches!(shape, Shape::Plain)),
        ("Items", matches!(shape, Shape::Stream(_))),
        ("TimeToFirst", matches!(shape, Shape::Stream(_))),
        ("InFlight", record.in_flight.is_some()),
        ("Busy", record.busy.is_some()),
        ("Polls", record.polls.is_some()),
    ];
    others.extend(may.iter().filter(|(_, is)| *is).map(|(metric, _)| of(metric)));
    let (others, dimensions) = (suggest::list(&others), dimensions(arguments));
    let joint = if others.contains(" and ") { "," } else { " and" };
    let sample =
        arguments.sample.as_ref().map_or(String::new(), |sample| format!(" One call of {} is timed.", sample.of));
    let more = more(arguments);
    attribute(
        function,
        &format!("**Reports** `{}` ({unit}){joint} {others}{dimensions}.{sample}{more}", ticked(&duration)),
    )
}

pub(super) fn of_mark(function: &Function, arguments: &Arguments) -> TokenStream {
    if !wanted(function, arguments) {
        return TokenStream::new();
    }
    if let Some(own) = &arguments.metric {
        return attribute(function, &reports_to(own, arguments));
    }
    let calls = arguments.name.as_ref().map_or("Calls".to_owned(), |name| name.value());
    attribute(
        function,
        &format!("**Reports** `{}` (Count/Second){}.{}", ticked(&calls), dimensions(arguments), more(arguments)),
    )
}

fn reports_to(own: &Own, arguments: &Arguments) -> String {
    let dimensions = if arguments.keys().is_empty() { String::new() } else { dimensions(arguments) };
    let sample =
        arguments.sample.as_ref().map_or(String::new(), |sample| format!(" One call of {} is timed.", sample.of));
    format!("**Reports** to `{}`{dimensions}.{sample}{}", ticked(&written(&own.metric)), more(arguments))
}

/// What else is said of it, each in a sentence.
fn more(arguments: &Arguments) -> String {
    let mut more = String::new();
    if arguments.errors.as_ref().is_some_and(|errors| errors.kind.is_some()) {
        more.push_str(" `Errors` also by `Kind`.");
    }
    if let Some(rollup) = arguments.rollup.as_ref().filter(|rollup| !rollup.sets.is_empty()) {
        let sets = rollup.sets.iter().map(|(set, _)| {
            let keys: Vec<&str> = set.iter().map(|(key, _)| key.as_str()).collect();
            ticked(&format!("[{}]", keys.join(", ")))
        });
        more.push_str(&format!(" Merged over {}, too.", suggest::list(&sets.collect::<Vec<_>>())));
    }
    if arguments.when.is_some() {
        more.push_str(" Only some calls, by a condition.");
    }
    if let Some(limit) = arguments.limit {
        more.push_str(&format!(" At most {limit} series."));
    }
    if let Some(level) = &arguments.told.level {
        more.push_str(&format!(" Level `{level}`."));
    }
    if arguments.told.internal.is_some() {
        more.push_str(" Exported nowhere.");
    }
    for limit in &arguments.limits {
        more.push_str(&format!(" At most {} values of `{}`.", limit.most, ticked(&limit.key)));
    }
    more
}

/// Where `missing_docs` may ask for documentation, it shall still do so; a trait's method without any shows the trait's.
fn wanted(function: &Function, arguments: &Arguments) -> bool {
    arguments.doc.unwrap_or_else(|| {
        // A method that is annotated itself does not know of its trait.
        let alone = function.owner.is_none() && function.signature.receiver().is_some();
        let of_trait = function.of_trait || alone && matches!(function.visibility, Visibility::Inherited);
        is_documented(function) || !(of_trait || matches!(function.visibility, Visibility::Public(_)))
    })
}

fn is_documented(function: &Function) -> bool {
    docs(function).next().is_some()
}

/// What stands in each `#[doc …]` behind that word.
fn docs(function: &Function) -> impl Iterator<Item = TokenStream> {
    function.attributes.clone().into_iter().filter_map(|tree| {
        let TokenTree::Group(group) = tree else { return None };
        let mut inside = group.stream().into_iter();
        matches!(inside.next(), Some(TokenTree::Ident(ident)) if ident == "doc").then(|| inside.collect())
    })
}

/// The first paragraph of the documentation, in one line: what a metric is that is named here and not described.
pub(super) fn summary(function: &Function, arguments: &Arguments) -> Option<String> {
    if arguments.name.is_none() || arguments.told.description.is_some() {
        return None;
    }
    let mut lines = Vec::new();
    for doc in docs(function) {
        // Not of `doc = include_str!(…)` or `doc(hidden)`.
        let Ok(text) = syn::parse2::<Written>(doc) else { continue };
        let text = text.0.value();
        // What another attribute of ours says of it is no documentation of the function.
        let own = text.split("**Reports**").next().unwrap_or_default();
        lines.extend(own.split('\n').map(|line| line.trim().to_owned()));
    }
    let paragraph = lines.iter().skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
    let summary = paragraph.cloned().collect::<Vec<_>>().join(" ");
    (!summary.is_empty()).then_some(summary)
}

/// `= "text"`
struct Written(LitStr);

impl Parse for Written {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.parse::<Token![=]>()?;
        input.parse().map(Self)
    }
}

/// A space before the text, as `///` leaves it there: the lines that it follows keep their indentation.
fn attribute(function: &Function, text: &str) -> TokenStream {
    let text = if is_documented(function) { format!("\n {text}") } else { format!(" {text}") };
    let text = site::text(&text);
    hygienic!(#[doc = #text])
}

fn dimensions(arguments: &Arguments) -> String {
    let implied = arguments.implied().then(|| IMPLIED.to_owned());
    let listed = arguments.dimensions.iter().map(|dimension| match &dimension.value {
        Value::Text(value, _) => format!("{} = {value:?}", dimension.key),
        _ => dimension.key.clone(),
    });
    let late = arguments.at_the_end().into_iter().map(|dimension| dimension.key.clone());
    let all: Vec<String> = implied.into_iter().chain(listed).chain(late).map(|text| ticked(&text)).collect();
    match all.as_slice() {
        [] => ", without dimensions".to_owned(),
        [one] => format!(", with the dimension `{one}`"),
        all => format!(", with the dimensions {}", suggest::list(all)),
    }
}

/// As it may stand between backticks.
fn ticked(text: &str) -> String {
    text.replace('`', "'")
}
