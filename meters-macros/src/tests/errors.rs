//! One message per mistake, and the item kept. Where they point is the matter of `tests/ui`.

use proc_macro2::{TokenStream, TokenTree};

use super::{compact, counter, dimension, metered, monitored, outcome, tokens};

const ITEM: &str = "fn f(tier: T) {}";

/// The texts of the `compile_error!`s.
pub(super) fn messages(expansion: TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    let mut after = false;
    for tree in expansion {
        match tree {
            TokenTree::Ident(ident) => after = ident == "compile_error",
            TokenTree::Group(group) if after => {
                let literal: syn::LitStr = syn::parse2(group.stream()).unwrap();
                found.push(literal.value());
                after = false;
            }
            TokenTree::Group(group) => found.extend(messages(group.stream())),
            _ => {}
        }
    }
    found
}

#[track_caller]
pub(super) fn one(expansion: TokenStream, part: &str) {
    let found = messages(expansion);
    assert!(found.len() == 1 && found[0].contains(part), "{part:?} not in {found:#?}");
}

#[track_caller]
fn refused(arguments: &str, part: &str) {
    let expansion = monitored(arguments, ITEM);
    let kept = compact(&expansion).contains(&compact(&tokens(ITEM)));
    assert!(kept, "the item is gone: {expansion}");
    one(expansion, part);
}

#[test]
fn arguments() {
    refused("nmae = \"a\"", "unknown argument `nmae`: did you mean `name`?\n");
    refused(
        "slo = 1",
        "`limit`, `description`, `level`, `internal`, `errors`, `on_ok`, `on_err`, `rollup`, `record`, `sample`, `when`, `future`, `doc` and `crate`",
    );
    refused("\"Checkout\"", "write `name = \"Checkout\"`");
    refused("name", "`name` needs a value: `name = \"Checkout\"`");
    refused("name =", "`name =` lacks its value");
    refused("name = N", "`name` is a string literal");
    refused("5", "an argument starts with its name");
    refused("name = \"a\" unit = Seconds", "expected `,`");
    refused("resolution = 5", "no resolution `5`: write 1");
    refused("crate = \"meters\"", "a path without quotes");
    refused("dimensions", "`dimensions` is followed by a list");
}

#[test]
fn each_argument_once() {
    for (name, value) in [
        ("name", " = \"a\""),
        ("dimensions", "()"),
        ("unit", " = Seconds"),
        ("resolution", " = 1"),
        ("crate", " = a"),
        ("limit", " = 1"),
        ("errors", "()"),
    ] {
        let other = if name == "unit" { "resolution = 60" } else { "unit = Seconds" };
        let twice = format!("{name}{value}, {other}, {name}{value}");
        refused(&twice, &format!("`{name}` is given twice: keep one"));
    }
    one(counter("\"N\", unit = Bytes, unit = Bits"), "`unit` is given twice");
    one(counter("\"N\", limit = 1, limit = 1"), "`limit` is given twice");
    one(counter("\"N\", resolution = 1, resolution = 1"), "`resolution` is given twice");
}

#[test]
fn units() {
    refused("unit = ms", "did you mean `Milliseconds`?");
    refused("unit = Micros", "did you mean `Microseconds`?");
    refused("unit = Bytes", "a duration cannot be in `Bytes`\n");
    refused("unit = \"Seconds\"", "write `Seconds`, without quotes");
    one(metered("unit = Count", ITEM), "always in Count/Second");
    one(counter("\"N\", unit = Byts"), "did you mean `Bytes`?");
    one(counter("\"N\", unit = \"Bits/Second\""), "write `BitsPerSecond`");
}

#[test]
fn texts() {
    refused("name = \"\"", "a metric name cannot be empty");
    refused("name = \" \"", "cannot be blank");
    refused("name = \"Größe\"", "`ö` cannot stand in a metric name");
    refused("name = \"a\\nb\"", "`\\n` cannot stand in a metric name");
    let long = |length| "a".repeat(length);
    refused(&format!("name = \"{}\"", long(246)), "246 characters: at most 245 fit");
    assert!(messages(monitored(&format!("name = \"{}\"", long(245)), ITEM)).is_empty());
    assert!(messages(metered(&format!("name = \"{}\"", long(255)), ITEM)).is_empty());
    one(metered(&format!("name = \"{}\"", long(256)), ITEM), "at most 255 fit");
    refused("dimensions(\":a\" = 1)", "cannot start with `:`");
    refused("dimensions(\"\" = 1)", "a dimension name cannot be empty");
    refused("dimensions(a = \"\")", "a dimension value cannot be empty");
    refused(&format!("dimensions(a = \"{}\")", long(1025)), "at most 1024 fit");
    assert!(messages(monitored(&format!("dimensions(a = \"{}\")", long(1024)), ITEM)).is_empty());
}

#[test]
fn dimensions() {
    refused("dimensions(a = 1, b = 2, a = 3)", "the dimension `a` is given twice");
    refused("dimensions(\"tier\" = 1, tier)", "the dimension `tier` is given twice");
    refused("dimensions(Function = \"f\")", "`Function` is already there");
    refused("dimensions(teir)", "`teir` is not an argument of `f`, which has `tier`: did you mean");
    refused("dimensions(self)", "`Shard = self.shard`");
    refused("dimensions(\"a\")", "the dimension `a` needs a value");
    refused("dimensions(a =)", "the dimension `a` needs a value");
    refused("dimensions(a = b\"c\")", "a dimension's value is text");
    refused("dimensions(tier.id)", "write `Id = tier.id`");
    refused("dimensions(Route => 1)", "the dimension `Route` needs a value");
    refused("limit(Tenant = 5)", "list it with the dimensions");
    refused("record(\"in_flight\")", "without quotes: `record(in_flight)`");
    assert!(compact(&monitored("nmae", ITEM)).contains("#[allow(unused_variables)]"));
    refused("dimensions(-1)", "a dimension is `Key = value`");
    let named = monitored("name = \"N\", dimensions(Function = \"f\")", ITEM);
    assert!(messages(named).is_empty());
    one(metered("dimensions(a)", "fn f() {}"), "which has none");
}

#[test]
fn thirty_dimensions() {
    let many = |count| {
        let listed: Vec<String> = (0..count).map(|n| format!("d{n} = 1")).collect();
        format!("dimensions({})", listed.join(", "))
    };
    assert!(messages(monitored(&many(29), ITEM)).is_empty());
    refused(&many(30), "29 beside the implied `Function`, and here are 30");
    let named = |count| format!("name = \"N\", {}", many(count));
    assert!(messages(monitored(&named(30), ITEM)).is_empty());
    refused(&named(31), "CloudWatch takes 30, and here are 31");
}

#[test]
fn arguments_may_be_destructured() {
    let item = "fn f((a, b): P, S { c, d: [e, ..] }: S, &g: &u8, h @ T(i): T, (J(k) | L(k)): M) {}";
    for name in ["a", "b", "c", "e", "g", "h", "i", "k"] {
        let expansion = monitored(&format!("dimensions({name})"), item);
        assert!(messages(expansion).is_empty(), "{name}");
    }
    one(monitored("dimensions(d)", item), "is not an argument");
}

#[test]
fn placement() {
    for (item, part) in [
        ("const fn f() {}", "cannot stand on a `const fn`"),
        ("fn f(&self);", "`f` has none here"),
        ("pub(crate) struct S { a: u8 }", "cannot stand on a struct"),
        ("#[a] pub mod m {}", "cannot stand on a module"),
        ("trait T { fn f() {} }", "cannot stand on a trait"),
        ("|a: u8| a", "cannot stand on a closure"),
        ("async move { }", "cannot stand on a closure"),
        ("use a::b;", "stands on functions and methods"),
    ] {
        let expansion = monitored("", item);
        assert!(compact(&expansion).contains(&compact(&tokens(item))), "{expansion}");
        one(expansion, part);
    }
}

#[test]
fn derive() {
    one(dimension("struct S;"), "and this is a struct");
    one(dimension("enum E {}"), "without variants");
    one(dimension("enum E { A(u8) }"), "`A` has fields");
    one(dimension("enum E { A, #[dimension(rename = \"A\")] B }"), "the same text \"A\"");
    one(dimension("#[dimension(rename_all = \"kebap-case\")] enum E { A }"), "`kebab-case`?");
    one(dimension("enum E { #[dimension(rename_all = \"lowercase\")] A }"), "stand on the enum");
    one(dimension("#[dimension(rename = \"a\")] enum E { A }"), "`rename` stands on a variant");
    one(dimension("enum E { #[dimension(rename = \"a\", rename = \"b\")] A }"), "given twice");
    // What failed is still a `DimensionValue`, so that its uses do not fail too.
    assert!(compact(&dimension("struct S<T>(T);")).contains("impl<T>::meters::DimensionValue for S<T>"));
}

#[test]
fn instruments() {
    one(counter(""), "the first argument of `counter!`, is a string literal");
    one(counter("name"), "is a string literal");
    one(counter("\"N\" Kind = 1"), "expected `,`");
    one(counter("\"N\", \"Kind\""), "the dimension `Kind` needs a value");
    one(counter("\"N\", self.kind"), "a value of `self` needs a key");
}

#[test]
fn blocks_and_methods() {
    refused("prefix = \"S\"", "`prefix` stands on an `impl` block");
    refused("skip", "and there is none around");
    one(monitored("name = \"N\"", "impl X {}"), "would make one metric of all its methods");
    one(monitored("skip", "impl X {}"), "`skip` stands on a method");
    one(monitored("prefix = \"\"", "impl X {}"), "a dimension value cannot be empty");
    one(monitored("", "impl X { #[monitored(skip, name = \"N\")] fn f() {} }"), "remove `skip`, or the rest");
    one(monitored("", "impl X { #[monitored(prefix = \"N\")] fn f() {} }"), "`prefix` stands on");
}

#[test]
fn sigils_and_limits() {
    refused("dimensions(a = %)", "this mark stands before the value");
    refused("dimensions(?, b = 1)", "this mark stands before the value");
    refused("dimensions(%a.b)", "write `a = %…`");
    refused("dimensions(%self.b)", "a value of `self` needs a key");
    refused("dimensions(?teir)", "is not an argument of `f`");
    for limit in ["0", "-1", "\"5\"", "N", "1.5"] {
        refused(&format!("limit = {limit}"), "`limit` is a whole number from 1 on");
        one(counter(&format!("\"N\", limit = {limit}")), "`limit` is a whole number from 1 on");
    }
}

#[test]
fn error_rules() {
    refused("errors", "`errors` is followed by its rules");
    refused("errors(nnoe)", "unknown argument `nnoe`: did you mean `none`?");
    refused("errors(none, none)", "`none` is given twice");
    refused("errors(ignore)", "`ignore` is followed by a pattern");
    refused("errors(ignore())", "`ignore` is followed by a pattern");
    refused("errors(ignore(A if b))", "here the pattern has ended");
    refused("errors(ignore(A, B))", "write `ignore(A | B)`");
    one(monitored("errors(none)", "fn f() -> io::Result<u8> {}"), "whose `Err` is one anyway");
    one(outcome("enum E { A }"), "no variant of `E` is an error");
    refused("errors(if)", "`if` needs a value");
    refused("errors(none, if = |r| r)", "`if` decides alone");
    refused("errors(none)", "`f` returns nothing");
    one(monitored("errors(none)", "fn f() -> bool { true }"), "`f` returns no `Option`");
    one(monitored("errors(ignore(A))", "async fn f() -> Option<u8> { None }"), "`f` returns no `Result`");
    one(monitored("errors(ignore(A))", "fn f() -> BoxFuture<u8> { Box::pin(async {}) }"), "returns no `Result`");
    one(metered("errors(none)", ITEM), "does not ask how they end");
    one(outcome("struct S;"), "and this is a struct");
    one(outcome("enum E { #[outcome(eror)] A }"), "did you mean `error`?");
    one(outcome("#[outcome(error)] enum E { A }"), "`error` stands on a variant");
    one(outcome("enum E { #[outcome(error, error)] A }"), "given twice");
}
