//! `metric = …`: what becomes of it, what goes with it, and what does not.

use super::errors::{messages, one};
use super::{metered, monitored, short, tokens};
use crate::expand;

fn timed(input: &str) -> proc_macro2::TokenStream {
    expand::timed(tokens(&format!("(::meters) {input}")))
}

#[test]
fn events_are_counted_first() {
    assert_eq!(
        short(&metered("metric = REQUESTS", "async fn f() -> R { g() }")),
        "async fn f()->R{$::count(&REQUESTS);{g()}}"
    );
    assert_eq!(
        short(&metered("metric = self.all[0].requests(), when = a > 1", "fn f(&self, a: u8) {}")),
        "fn f(&self,a:u8){let __meters_when:::core::primitive::bool=a>1;\
         if __meters_when{$::count(&self.all[0].requests());}{}}"
    );
    // Whatever operator it is.
    assert!(short(&metered("metric = a + b", "fn f() {}")).contains("$::count(&(a+b));"));
}

#[test]
fn calls_are_told_to_what_is_there() {
    assert_eq!(
        short(&monitored("metric = LATENCY", "fn f(a: u8) -> u8 { a }")),
        "fn f(a:u8)->u8{let __meters_call=$::Handle::enter($::handle(&LATENCY));{a}}"
    );
    assert_eq!(
        short(&monitored("metric = *LATENCY", "fn f() -> io::Result<u8> { g() }")),
        "fn f()->io::Result<u8>{let __meters_call=$::Handle::enter($::handle(&*LATENCY));\
         let __meters_result=$::call(move||->io::Result<u8>{g()});\
         __meters_call.finish($::Probe(&__meters_result).ended());__meters_result}"
    );
    let later = short(&monitored("metric = a::LATENCY", "async fn f() { g().await; }"));
    assert!(later.contains("let __meters_call=$::Handle::enter_async($::handle(&a::LATENCY));"), "{later}");
    assert!(later.contains("__meters_call.run(async move{"), "{later}");
    let sometimes = short(&monitored("metric = LATENCY, when = a", "fn f(a: bool) {}"));
    let full = "let __meters_call=if __meters_when{$::Handle::enter_full($::handle(&LATENCY))}else{$::off()};";
    assert!(sometimes.contains(full), "{sometimes}");
    let stream = short(&monitored("metric = LATENCY", "fn f() -> BoxStream<u8> { g() }"));
    assert!(stream.contains("let __meters_monitor=$::handle(&LATENCY);"), "{stream}");
}

#[test]
fn what_asks_for_an_outcome_asks_for_a_monitor() {
    let asked = "{let __meters_metric=$::handle(&M);$::with_outcomes(__meters_metric)}";
    let ruled = short(&monitored("metric = M, errors(none)", "fn f() -> Option<u8> { g() }"));
    assert!(ruled.contains(&format!("let __meters_call=$::Handle::enter({asked});")), "{ruled}");
    assert!(ruled.contains("finish($::none(&__meters_result))"), "{ruled}");
    let sampled = short(&monitored("metric = M, sample = 1/8", "async fn f() {}"));
    let site = "{static __METERS_SITE:$::OwnSite=$::OwnSite::new(&[]).sample(8);";
    assert!(sampled.contains(&format!("{site}__METERS_SITE.enter_async_sampled({asked})}}")), "{sampled}");
    let text = short(&monitored(
        "metric = M, dimensions(Cache = _ \"none\"), on_ok(|v| Sort = *v), record(in_flight), when = true",
        "fn f() -> u8 { 1 }",
    ));
    for part in [
        "Cache:$::Slot::preset(\"Cache\",\"none\")",
        "let __meters_slot_0=$::Slot::preset(\"Sort\",\"_unset\");",
        "$::OwnSite::new(&[\"Cache\",\"Sort\"]).in_flight().renamed(@,&[true,true]);",
        &format!("__METERS_SITE.enter_full({asked},&__meters_slots)"),
        "else{$::off()};",
        "__meters_slot_0.set(&*v);",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn a_family_is_asked_for_the_one_with_these_values() {
    let site = "{static __METERS_MEMBER:$::MemberSite=$::MemberSite::new(&[\"code\",\"method\"]);&__METERS_MEMBER}";
    let member = format!("{{let __meters_family=&F;$::member(__meters_family,{site},(&code,(\"GET\",())))}}");
    let counted = short(&metered("metric = F, dimensions(code, method = \"GET\")", "fn f(code: u16) {}"));
    assert!(counted.contains(&format!("$::count(&{member});")), "{counted}");
    let late = short(&monitored("metric = F, dimensions(Cache = _, code, method = \"GET\")", "fn f(code: u16) {}"));
    assert!(late.contains(&format!("let __meters_metric=$::handle(&{member});")), "{late}");
    assert!(late.contains("$::OwnSite::new(&[\"Cache\"])"), "{late}");
    assert!(short(&timed("metric = F, code, method = \"GET\", { 1 }")).contains(&format!("$::timer(&{member});")));
}

#[test]
fn what_is_read_where_a_future_runs_is_read_before() {
    let body = "fn f(&self) -> BoxFuture<u8> { let a = 1; Box::pin(async move { a }) }";
    // A static is the same everywhere.
    assert!(short(&monitored("metric = LATENCY", body)).contains("async move{let __meters_call="));
    let before = short(&monitored("metric = self.latency", body));
    assert!(before.contains("let __meters_monitor=$::handle(&self.latency);let __meters_made="), "{before}");
    one(monitored("metric = self.latency, dimensions(A = _)", body), "`metric` would be read where the future runs");
}

#[test]
fn blocks_are_timed() {
    let text = "{let __meters_timer=$::timer(&self.parse);{a?;b}}";
    assert_eq!(short(&timed("metric = self.parse, { a?; b }")), text);
    one(timed("metric = HIST"), "ends with the block");
    one(timed("metric, { 1 }"), "the first argument of `timed!`, is a string literal");
    one(timed("metric = \"Parse\", { 1 }"), "to name one write `name = \"Parse\"`");
    one(timed("metric = HIST, unit = Seconds, { 1 }"), "`unit` is said where `HIST` is made");
    one(super::counter("metric = HIST"), "the first argument of `counter!`, is a string literal");
}

#[test]
fn methods_take_from_their_block_what_is_of_any_metric() {
    let block =
        "impl X { #[monitored(metric = self.m)] fn f(&self) -> Result<u8, E> {} fn g(&self) -> Result<u8, E> {} }";
    let all = "dimensions(K = 1), unit = Seconds, limit = 3, rollup([]), level = Debug, description = \"D\", sample = 1/4, \
               record(in_flight), on_ok(|v| A = *v), errors(ignore(N), kind = |e| *e), when = true";
    let text = short(&monitored(all, block));
    let own = text.split("fn g(").next().unwrap();
    assert!(own.contains("$::Handle::enter_full($::handle(&self.m))"), "{own}");
    assert!(own.contains("__meters_when") && own.contains("$::ignoring("), "{own}");
    assert!(!own.contains("OwnSite") && !own.contains(".kind("), "{own}");
    one(monitored("metric = M", "impl X { fn f() {} }"), "would be that of all its methods");
    one(monitored("", "impl X { #[monitored(skip, metric = M)] fn f() {} }"), "remove `skip`, or the rest");
}

#[test]
fn documentation_names_it() {
    let doc = |expansion: proc_macro2::TokenStream| {
        let text = expansion.to_string();
        text.split("doc = \"").nth(1).unwrap().split("\"]").next().unwrap().to_owned()
    };
    assert_eq!(
        doc(monitored("metric = self.a::<B>(\"c\").d", "fn f() {}")),
        " **Reports** to `self.a::<B>(\\\"c\\\").d`."
    );
    assert_eq!(
        doc(metered("metric = *REQUESTS, when = true", "fn f() {}")),
        " **Reports** to `*REQUESTS`. Only some calls, by a condition."
    );
    let late = doc(monitored("metric = M, on_ok(|v| K = v), sample = 1/4", "fn f() -> u8 { 1 }"));
    assert_eq!(late, " **Reports** to `M`, with the dimension `K`. One call of 4 is timed.");
}

#[test]
fn mistakes() {
    let item = "fn f(kind: u8) -> u8 { 1 }";
    for (arguments, part) in [
        ("metric", "`metric` needs a value: `metric = REQUESTS`"),
        ("metric = \"Requests\"", "to name one write `name = \"Requests\"`"),
        ("metric = A, metric = B", "`metric` is given twice"),
        ("metric = A, name = \"N\"", "`name` is said where `A` is made: remove it here, or remove `metric`"),
        ("resolution = 1, metric = A", "`resolution` is said where `A` is made"),
        ("metric = A, limit = 5", "`limit` is said where `A` is made"),
        ("metric = A, limit(kind = 5)", "`limit` is said where `A` is made"),
        ("metric = self . a, rollup([])", "`rollup` is said where `self.a` is made"),
        ("metric = A, description = \"D\"", "`description` is said where `A` is made"),
        ("metric = A, level = Debug", "`level` is said where `A` is made"),
        ("metric = A, internal", "`internal` is said where `A` is made"),
        ("metric = A, dimensions(kin)", "did you mean `kind`?"),
        ("metric = A, dimensions(Kind = \"\")", "a dimension value cannot be empty"),
        ("metrc = A", "did you mean `metric`?"),
        ("metric = A, labels(kind)", "labels are dimensions here"),
    ] {
        one(monitored(arguments, item), part);
        one(metered(arguments, item), part);
    }
    one(monitored("metric = A, unit = Seconds", item), "`unit` is said where `A` is made");
    one(metered("metric = A, dimensions(Kind = _)", item), "before `Kind = _` is set");
    // A name is free: nothing is implied.
    assert!(messages(monitored("metric = A, on_ok(|v| Function = *v)", item)).is_empty());
}
