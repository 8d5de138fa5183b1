//! What arguments beyond the plain ones become, and which functions they are for.

use super::errors::{messages, one};
use super::{compact, metered, monitored, short};

#[test]
fn slots_are_fields_and_variables() {
    assert_eq!(
        short(&monitored(
            "name = \"F\", dimensions(Cache = _, a, Shard = _ \"none\")",
            "fn f(a: u8) { meters::set!(Cache = a) }"
        )),
        "fn f(a:u8){\
         #[allow(unused_variables)]let monitored_slots=&{\
         #[allow(non_snake_case)]struct __MetersSlots{Cache:$::Slot,Shard:$::Slot}\
         __MetersSlots{Cache:$::Slot::new(\"Cache\"),Shard:$::Slot::new(\"Shard\")}};\
         let __meters_slots=[&monitored_slots.Cache,&monitored_slots.Shard];\
         let __meters_call={\
         static __METERS_SITE:$::CallSite=$::CallSite::new(\"F\",\
         &[(\"Cache\",Some(\"_unset\")),(\"a\",None),(\"Shard\",Some(\"none\"))]).named().renamed(@,&[true,true,true]);\
         __METERS_SITE.enter_full((&a,()),&__meters_slots)};\
         {meters::set!(Cache=a)}}"
    );
}

#[test]
fn what_is_returned_gives_dimensions() {
    let arguments = "name = \"F\", on_ok(|v| Sort = v.kind(), Fixed = 1), on_err(|E { code, .. }| %code, Sort = \"none\"), \
                     errors(kind = |e| e.reason())";
    assert_eq!(
        short(&monitored(arguments, "fn f() -> Result<T, E> { g() }")),
        "fn f()->Result<T,E>{\
         let __meters_slot_0=$::Slot::new(\"Sort\");let __meters_slot_1=$::Slot::new(\"Fixed\");\
         let __meters_slot_2=$::Slot::new(\"code\");\
         let __meters_slots=[&__meters_slot_0,&__meters_slot_1,&__meters_slot_2];\
         let __meters_call={static __METERS_SITE:$::CallSite=$::CallSite::new(\"F\",\
         &[(\"Sort\",Some(\"_unset\")),(\"Fixed\",Some(\"_unset\")),(\"code\",Some(\"_unset\"))])\
         .named().renamed(@,&[true,true,true]);\
         __METERS_SITE.enter_full((),&__meters_slots)};\
         let __meters_result=$::call(move||->Result<T,E>{g()});\
         #[allow(irrefutable_let_patterns)]if let::core::result::Result::Ok(v)=::core::result::Result::as_ref(&__meters_result){\
         __meters_slot_0.set(&v.kind());__meters_slot_1.set_text(\"1\");}\
         #[allow(irrefutable_let_patterns)]if let::core::result::Result::Err(E{code,..})=::core::result::Result::as_ref(&__meters_result){\
         __meters_slot_2.set(&$::display(&code));__meters_slot_0.set_text(\"none\");}\
         __meters_call.kind(&__meters_result,|e|e.reason());\
         __meters_call.finish($::Probe(&__meters_result).ended());__meters_result}"
    );
    let formatted = short(&monitored("errors(kind = |E { code, .. }| %code.0)", "fn f() -> Result<T, E> { g() }"));
    assert!(formatted.contains(".kind(&__meters_result,|E{code,..}|$::display(&code.0));"), "{formatted}");
    let path = short(&monitored("errors(kind = E::reason)", "fn f() -> Result<T, E> { g() }"));
    assert!(path.contains(".kind(&__meters_result,E::reason);"), "{path}");
    let plain = short(&monitored("on_ok(|v| Empty = v.is_empty())", "fn f() -> String { g() }"));
    assert!(plain.contains("if let v=&__meters_result{__meters_slot_0.set(&v.is_empty());}"), "{plain}");
    assert!(plain.contains("$::call(move||->String{g()})"), "{plain}");
    let later = short(&monitored("on_ok(|v| Size = *v)", "async fn f() -> usize { g().await }"));
    assert!(later.contains(".await;#[allow(irrefutable_let_patterns)]if let v=&__meters_result{"), "{later}");
    assert!(later.contains("__METERS_SITE.enter_full_async((),&__meters_slots)"), "{later}");
}

#[test]
fn conditions_come_first() {
    let expanded = short(&monitored("name = \"F\", when = a > 1", "fn f(a: u8) {}"));
    assert_eq!(
        expanded,
        "fn f(a:u8){let __meters_when:::core::primitive::bool=a>1;\
         let __meters_call=if __meters_when{{static __METERS_SITE:$::CallSite=$::CallSite::new(\"F\",&[]).named();\
         __METERS_SITE.enter_full((),&[])}}else{$::FullCall::off()};{}}"
    );
    let expanded = short(&metered("name = \"F\", when = a > 1", "fn f(a: u8) {}"));
    assert!(expanded.contains("=a>1;if __meters_when{{static __METERS_SITE:$::MeterSite"), "{expanded}");
}

#[test]
fn a_sample_alone_needs_no_full_call() {
    let expanded = short(&monitored("name = \"F\", sample = 1/48", "fn f() {}"));
    assert!(expanded.contains(".named().sample(48);__METERS_SITE.enter_sampled()"), "{expanded}");
    let expanded = short(&monitored("dimensions(\"a\" = a), sample = 1/2", "async fn f(a: u8) {}"));
    assert!(expanded.contains("__METERS_SITE.enter_async_sampled_with((&a,()))"), "{expanded}");
    let expanded = short(&monitored("sample = 1/2, record(in_flight)", "fn f() {}"));
    assert!(expanded.contains(".sample(2).in_flight();__METERS_SITE.enter_full((),&[])"), "{expanded}");
    let expanded = short(&monitored("record(busy, polls)", "async fn f() {}"));
    assert!(expanded.contains(".busy().polls();__METERS_SITE.enter_full_async((),&[])"), "{expanded}");
}

#[test]
fn limits_and_rollups_are_told_to_the_site() {
    let arguments = "dimensions(\"Tenant\" = t, \"Route\" = 1), limit = 9, limit(Tenant = 200), \
                     rollup([], [Route], [Function, \"Tenant\"])";
    for expanded in [monitored(arguments, "fn f(t: u8) {}"), metered(arguments, "fn f(t: u8) {}")] {
        let text = short(&expanded);
        let told = ".limit(9).limits(&[(\"Tenant\",200)]).rollups(&[&[],&[\"Route\"],&[\"Function\",\"Tenant\"]]);";
        assert!(text.contains(told), "{text}");
    }
}

#[test]
fn what_was_made_elsewhere_is_polled_through_a_monitor() {
    assert_eq!(
        short(&monitored("name = \"F\"", "fn f() -> impl Future<Output = Result<u8, E>> { g() }")),
        "fn f()->impl Future<Output=Result<u8,E>>{\
         let __meters_monitor={static __METERS_SITE:$::CallSite=$::CallSite::new(\"F\",&[]).named();__METERS_SITE.at()};\
         let __meters_made=$::call(move||{g()});\
         $::future(__meters_made,__meters_monitor,move|__meters_output|$::Probe(__meters_output).ended())}"
    );
    for (output, made, polled) in [
        (
            "Pin<Box<dyn Future<Output = u8>>>",
            "move||->Pin<Box<dyn Future<Output=u8>>>",
            "::std::boxed::Box::pin($::future(",
        ),
        ("BoxFuture<'_, u8>", "move||->BoxFuture<'_,u8>", "::std::boxed::Box::pin($::future("),
        ("Self::Future", "move||->Self::Future", "::std::boxed::Box::pin($::future("),
        ("Box<dyn Future<Output = u8> + Unpin>", "move||->Box<", "::std::boxed::Box::new(::std::boxed::Box::pin("),
        ("impl Stream<Item = u8>", "move||{g()}", "};let"),
        ("BoxStream<'a, u8>", "move||->BoxStream<'a,u8>", "::std::boxed::Box::pin($::stream("),
    ] {
        let text = short(&monitored("", &format!("fn f() -> {output} {{ g() }}")));
        assert!(text.contains(made) && text.contains(polled), "{text}");
        let body = format!("fn f() -> {output} {{ g() }}");
        assert!(short(&metered("", &body)).ends_with("__METERS_SITE.mark()};{g()}}"));
    }
    let item = short(&monitored("errors(ignore(A))", "fn f() -> impl Stream<Item = Result<u8, E>> { g() }"));
    assert!(item.contains("$::stream(__meters_made,__meters_monitor,move|__meters_output|$::ignoring("), "{item}");
    let plain = short(&monitored("", "fn f() -> impl Stream<Item = u8> { g() }"));
    assert!(plain.contains("|_|$::Ended::Ok)"), "{plain}");
}

#[test]
fn the_user_may_say_whether_it_is_a_future() {
    let told = short(&monitored("future = true", "fn f() -> Later<u8> { g() }"));
    assert!(
        told.contains("::std::boxed::Box::pin($::future(") && told.contains("$::Probe(__meters_output).ended()"),
        "{told}"
    );
    let told = short(&monitored("future = true", "fn f() -> Later<u8> { Box::pin(async { 1 }) }"));
    assert!(told.contains("enter_async()"), "{told}");
    let told = short(&monitored("future = false", "fn f() -> impl Future<Output = u8> { async { 1 } }"));
    assert!(told.contains("enter()") && told.ends_with("{async{1}}}"), "{told}");
}

#[test]
fn what_may_be_a_future_by_its_type_is_asked() {
    let asked = short(&monitored("", "fn f() -> Reply { g() }"));
    assert!(asked.contains("finish($::Made(&__meters_result).ended())"), "{asked}");
    let asked = short(&monitored("", "fn f() -> RowStream { g() }"));
    assert!(asked.contains("finish($::MadeStream($::Made(&__meters_result)).ended())"), "{asked}");
    for (arguments, item) in [
        ("future = false", "fn f() -> Reply { g() }"),
        ("", "fn f() -> io::Result<u8> { g() }"),
        ("", "async fn f() -> Reply { g() }"),
    ] {
        let text = short(&monitored(arguments, item));
        assert!(text.contains("finish($::Probe(&__meters_result).ended())"), "{text}");
    }
}

#[test]
fn behind_a_reference_a_result_is_one() {
    for output in ["&Result<u8, E>", "Box<io::Result<u8>>", "&mut Poll<T>"] {
        let text = short(&monitored("", &format!("fn f() -> {output} {{ g() }}")));
        assert!(text.contains("(&__meters_result).ended()"), "{text}");
    }
    for output in ["&T", "&mut str", "Box<dyn Fn()>", "Option<Result<u8, E>>", "(Result<u8, E>,)"] {
        let text = short(&monitored("", &format!("fn f() -> {output} {{ g() }}")));
        assert!(!text.contains("ended()"), "{text}");
    }
}

#[test]
fn a_block_says_it_for_those_that_can() {
    let block = "impl X { fn f(&self) -> Result<u8, E> {} fn g(&self) -> u8 {} fn h(&self) -> impl Stream<Item = u8> {} \
                 async fn i(&self) -> io::Result<u8> {} #[monitored(name = \"N\", on_ok(|v| Own = *v))] fn j() -> u8 {} }";
    let arguments = "dimensions(Cache = _), on_ok(|v| Sort = *v), errors(kind = |e| *e), record(busy, in_flight), \
                     rollup([], [Function], [Function, Cache])";
    let text = short(&monitored(arguments, block));
    let of: Vec<&str> = text.split("fn ").collect();
    assert_eq!(of.len(), 6);
    let has = |nth: usize, part: &str| of[nth].contains(part);
    assert!(has(1, "\"Sort\"") && has(1, ".kind(&") && !has(1, ".busy()") && has(1, ".in_flight()"), "{}", of[1]);
    assert!(!has(2, "\"Sort\"") && !has(2, ".kind(&") && has(2, "enter_full("), "{}", of[2]);
    assert!(has(3, "(\"Cache\",Some(\"_unset\"))") && !has(3, "in_flight") && has(3, ".at()"), "{}", of[3]);
    assert!(has(4, "\"Sort\"") && has(4, ".busy()") && has(4, "enter_full_async("), "{}", of[4]);
    assert!(has(5, "\"Own\"") && !has(5, "\"Sort\"") && has(5, ".rollups(&[&[]])"), "{}", of[5]);
    // All dimensions of `g`, which has no `Sort`: its own series, and no rollup.
    assert!(has(1, ".rollups(&[&[],&[\"Function\"],&[\"Function\",\"Cache\"]])"), "{}", of[1]);
    assert!(has(2, ".rollups(&[&[],&[\"Function\"]])"), "{}", of[2]);
}

#[test]
fn documentation_tells_what_is_reported() {
    let doc = |expansion| {
        let text = proc_macro2::TokenStream::to_string(&expansion);
        text.split("# [doc = \"").last().unwrap().split("\"]").next().unwrap().to_owned()
    };
    let sync = doc(monitored("dimensions(Route = \"cart\", tier)", "/// Doc.\nfn f(tier: u8) {}"));
    assert_eq!(
        sync,
        "\\n **Reports** `Duration` (Microseconds) and `Errors`, with the dimensions `Function`, `Route = \\\"cart\\\"` and `tier`."
    );
    let named = doc(monitored("name = \"F\", unit = Seconds, record(polls), sample = 1/8", "async fn f() {}"));
    let told = " **Reports** `F` (Seconds), `F.Errors`, `F.Cancelled` and `F.Polls`, without dimensions. One call of 8 is timed.";
    assert_eq!(named, told);
    let stream = doc(monitored("", "fn f() -> BoxStream<u8> {}"));
    assert!(
        stream.contains("`Errors`, `Cancelled`, `Items` and `TimeToFirst`, with the dimension `Function`."),
        "{stream}"
    );
    let marked = doc(metered("on = 1", "fn f() {}"));
    assert!(!marked.contains("Reports"), "{marked}");
    assert_eq!(doc(metered("", "fn f() {}")), " **Reports** `Calls` (Count/Second), with the dimension `Function`.");
    let all = "dimensions(\"T\" = t), errors(kind = |e| *e), rollup([], [T]), when = t > 1, limit = 9, limit(T = 5)";
    let all = doc(monitored(all, "fn f(t: u8) -> Result<u8, u8> {}"));
    let more = "`Errors` also by `Kind`. Merged over `[]` and `[T]`, too. Only some calls, by a condition. At most 9 series. At most 5 values of `T`.";
    assert!(all.ends_with(more), "{all}");
    for item in ["impl X for Y { fn f() {} }", "fn f(&self) {}"] {
        assert!(!compact(&monitored("", item)).contains("Reports"), "{item}");
        assert!(compact(&monitored("doc = true", item)).contains("Reports"), "{item}");
    }
    // What has no documentation though it is public, `missing_docs` shall still find.
    for (arguments, item) in [("", "pub fn f() {}"), ("doc = false", "fn f() {}"), ("doc = false", "/// D.\nfn f() {}")]
    {
        assert!(!compact(&monitored(arguments, item)).contains("Reports"), "{item}");
    }
    for (arguments, item) in
        [("doc = true", "pub fn f() {}"), ("", "/// D.\npub fn f() {}"), ("", "pub(crate) fn f() {}")]
    {
        assert!(compact(&monitored(arguments, item)).contains("Reports"), "{item}");
    }
}

#[test]
fn mistakes() {
    let f = "fn f() -> Result<u8, E> { g() }";
    for (arguments, part) in [
        ("on_ok(|v| Kind = v), on_err(|e| Kind = e, Kind = 1)", "`Kind` is given twice"),
        ("on_ok(|v| Function = v)", "`Function` is already there"),
        ("on_ok(|v, w| Kind = v)", "expected `|`"),
        ("on_ok(|v| Kind = \"\")", "a dimension value cannot be empty"),
        ("rollup([5])", "here stands the name of a dimension"),
        ("limit()", "`limit` names dimensions"),
        ("limit(Function = 5), limit(Function = 6)", "`limit` is given twice"),
        ("sample = 1/x", "`sample` is one call of so many"),
        ("sample = 1/", "`sample` is one call of so many"),
        ("sample = 1/-2", "`sample` is one call of so many"),
        ("future", "`future` needs a value: `future = true`"),
        ("errors(kind)", "`kind` needs a value"),
        ("errors(kind = |e| %)", "this mark stands before the value"),
        ("dimensions(Kind = 1), errors(kind = |e| *e)", "the dimension `Kind` is given twice"),
        ("dimensions(Kind = _), errors(kind = |e| *e)", "the dimension `Kind` is given twice"),
        ("on_err(|e| Kind = e), errors(kind = |e| *e)", "the dimension `Kind` is given twice"),
        ("record(polls)", "is not async"),
    ] {
        one(monitored(arguments, f), part);
    }
    // One key, set by whichever there is.
    assert!(messages(monitored("on_ok(|v| Kind = v), on_err(|e| Kind = e)", f)).is_empty());
    one(monitored("future = true", "impl X { fn f() {} }"), "write `#[monitored]` with it on the method");
    one(monitored("rollup([Kind])", "impl X { fn f() {} fn g() {} }"), "and there is `Function`");
    one(monitored("when = true", "impl X { fn f() -> BoxStream<u8> {} }"), "or leave the method out");
}

#[test]
fn what_would_be_read_too_late_is_refused_where_a_monitor_does_not_do() {
    let body = "fn f(key: u8) -> impl Future<Output = u8> { let key = key + 1; async move { key } }";
    let (plain, full) = (monitored("dimensions(key)", body), monitored("dimensions(key, Cache = _)", body));
    assert!(short(&plain).contains("$::future("), "{}", short(&plain));
    super::errors::one(full, "`key` would be read where the future runs");
    let alone = "fn f(key: u8) -> impl Future<Output = u8> { async move { key } }";
    assert!(short(&monitored("dimensions(key, Cache = _)", alone)).contains("enter_full_async"));
}
