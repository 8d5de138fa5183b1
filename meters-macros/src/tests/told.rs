//! `description`, `level`, `internal`: on attributes and in instrument macros.

use super::errors::one;
use super::{compact, counter, metered, monitored, short, tokens};
use crate::expand;
use crate::model::Instrument;

const ALL: &str = "description = \"Orders paid\", level = Debug, internal";
const TOLD: &str = ".description(\"Orders paid\").level(::meters::Level::Debug).internal()";

#[test]
fn sites_are_told() {
    for expanded in [
        monitored(ALL, "fn f() {}"),
        monitored(&format!("name = \"N\", {ALL}"), "/// Doc.\nasync fn f() -> R {}"),
        monitored(&format!("on_ok(|v| K = v), {ALL}"), "fn f() -> u8 { 1 }"),
        monitored(ALL, "fn f() -> BoxStream<u8> {}"),
        metered(ALL, "fn f() {}"),
        monitored(ALL, "impl X { fn f() {} }"),
        counter(&format!("\"N\", {ALL}")),
        expand::timed(tokens(&format!("(::meters) \"N\", {ALL}, {{ 1 }}"))),
    ] {
        let text = compact(&expanded);
        assert!(text.contains(TOLD), "{text}");
    }
    let instruments =
        [Instrument::FloatCounter, Instrument::Gauge, Instrument::Histogram, Instrument::Meter, Instrument::Monitor];
    for instrument in instruments {
        let text = compact(&expand::instrument(instrument, tokens(&format!("(::meters) \"N\", {ALL}"))));
        assert!(text.contains(instrument.site()) && text.contains(TOLD), "{text}");
    }
}

#[test]
fn a_method_says_it_better_than_its_block() {
    let block = "impl X { fn f() {} #[monitored(level = Disabled, description = \"Own\")] fn g() {} }";
    let text = compact(&monitored(ALL, block));
    assert!(text.contains(TOLD), "{text}");
    assert!(text.contains(".description(\"Own\").level(::meters::Level::Disabled).internal()"), "{text}");
    one(monitored("", "impl X { #[monitored(skip, internal)] fn f() {} }"), "remove `skip`, or the rest");
}

#[test]
fn a_named_metric_is_described_by_the_documentation() {
    let described = |arguments: &str, item: &str| {
        let text = monitored(arguments, item).to_string();
        let (_, after) = text.split_once("doc (\"")?;
        Some(after.split_once("\")")?.0.to_owned())
    };
    let doc = "///\n/// Takes the order,\n///  and pays.\n///\n/// # Errors\nfn f() {}";
    let summary = Some("Takes the order, and pays.".to_owned());
    assert_eq!(described("name = \"N\"", doc), summary);
    assert_eq!(described("name = \"N\", on_ok(|v| K = v)", &doc.replace("fn f()", "fn f() -> u8")), summary);
    assert_eq!(
        described("name = \"N\"", "/** Takes\n the order. */ pub async fn f() {}"),
        Some("Takes the order.".into())
    );
    // `Duration` is of many functions, and a description is better.
    assert_eq!(described("", doc), None);
    assert_eq!(described("name = \"N\", description = \"D\"", doc), None);
    for attributes in ["", "#[doc(hidden)]", "#[doc = include_str!(\"a\")]", "#[doc = \" **Reports** `Calls`.\"]"] {
        assert_eq!(described("name = \"N\"", &format!("{attributes} fn f() {{}}")), None, "{attributes}");
    }
    let both = "/// Doc.\n#[doc = \"\\n **Reports** `Calls`.\"]\nfn f() {}";
    assert_eq!(described("name = \"N\"", both), Some("Doc.".into()));
    assert!(short(&super::metered("name = \"N\"", doc)).contains(".doc(\"Takes the order,and pays.\")"));
}

#[test]
fn a_call_whose_level_is_off_is_none() {
    let off = "__meters_when{";
    let told = |arguments: &str| short(&monitored(arguments, "fn f() {}"));
    let level = told("level = Debug");
    assert!(level.contains("$::is_on(::meters::Level::Debug);") && level.contains(off), "{level}");
    assert!(level.contains("FullCall::off()"), "{level}");
    let both = told("level = Debug, when = x");
    assert!(both.contains("$::is_on(::meters::Level::Debug)&&(x);"), "{both}");
    assert!(!told("internal").contains(off) && !told("level = Debug, sample = 1/4").contains(off));
}

#[test]
fn documentation_tells_for_whom() {
    let text = monitored("level = Debug, internal", "fn f() {}").to_string();
    assert!(text.contains(". Level `Debug`. Exported nowhere.\""), "{text}");
}

#[test]
fn mistakes() {
    let item = "fn f() {}";
    for (arguments, part) in [
        ("description", "`description` needs a value"),
        ("description = D", "`description` is a string literal"),
        ("description = \" \"", "a description cannot be empty"),
        ("level", "`level` needs a value: `level = Debug`"),
        ("level = debug", "did you mean `Debug`?\nlevels are `Runtime`, `Debug` and `Disabled`"),
        ("level = Disable", "did you mean `Disabled`?"),
        ("level = \"Debug\"", "write `Debug`, without quotes"),
        ("level = 2", "`level` says for whom it is recorded"),
        ("internal = true", "`internal` stands alone"),
        ("internal, internal", "`internal` is given twice"),
        ("level = Debug, level = Debug", "`level` is given twice"),
        ("description = \"a\", description = \"b\"", "`description` is given twice"),
        ("descripton = \"a\"", "did you mean `description`?"),
        ("levl = Debug", "did you mean `level`?"),
    ] {
        one(monitored(arguments, item), part);
        one(metered(arguments, item), part);
    }
    one(counter("\"N\", level = kind"), "a dimension of this name is written `\"level\" = …`");
    one(counter("\"N\", description = kind"), "a dimension of this name is written `\"description\" = …`");
    one(counter("\"N\", internal = kind"), "a dimension of this name is written `\"internal\" = …`");
}
