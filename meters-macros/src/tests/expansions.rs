//! What the plain cases become.

use super::{compact, counter, dimension, metered, monitored, short};

#[test]
fn a_function_that_cannot_fail_gets_a_guard() {
    assert_eq!(
        short(&monitored("", "pub fn f(a: u32) -> u32 { a }")),
        "pub fn f(a:u32)->u32{\
         let __meters_call={\
         static __METERS_SITE:$::CallSite=$::CallSite::of(::core::concat!(::core::module_path!(),\"::\",\"f\"));\
         __METERS_SITE.enter()};\
         {a}}"
    );
}

#[test]
fn a_function_that_may_fail_is_asked() {
    assert_eq!(
        short(&monitored("name = \"F\"", "fn f() -> Result<impl Sized, E> { g()?; Ok(1) }")),
        "fn f()->Result<impl Sized,E>{\
         let __meters_call={\
         static __METERS_SITE:$::CallSite=$::CallSite::new(\"F\",&[]).named();\
         __METERS_SITE.enter()};\
         let __meters_result=$::call(move||->Result<_,E>{g()?;Ok(1)});\
         __meters_call.finish($::Probe(&__meters_result).ended());\
         __meters_result}"
    );
}

#[test]
fn an_async_function_finishes_or_is_cancelled() {
    let site = "let __meters_call={static __METERS_SITE:$::CallSite=$::CallSite::new(\"F\",&[])\
                .named();__METERS_SITE.enter_async()};";
    assert_eq!(
        short(&monitored("name = \"F\"", "async fn f() { g().await; }")),
        format!(
            "async fn f(){{{site}\
             let __meters_result=__meters_call.run(async move{{if false{{return;}}{{g().await;}}}}).await;\
             __meters_call.finish($::Ended::Ok);__meters_result}}"
        )
    );
    assert_eq!(
        short(&monitored("name = \"F\"", "async fn f() -> io::Result<u8> { g().await }")),
        format!(
            "async fn f()->io::Result<u8>{{{site}\
             let __meters_result=__meters_call.run(async move{{\
             #[allow(unreachable_code)]if false{{let __meters_edge:io::Result<u8>=loop{{}};\
             return __meters_edge;}}{{g().await}}}}).await;\
             __meters_call.finish($::Probe(&__meters_result).ended());__meters_result}}"
        )
    );
    assert_eq!(
        short(&monitored("name = \"F\"", "async fn f() -> ! { g().await }")),
        format!(
            "async fn f()->!{{{site}__meters_call.run(async move{{#[allow(unreachable_code)]if false{{\
             let __meters_edge:<fn()->!as$::Returning>::Output=loop{{}};return __meters_edge;}}{{g().await}}}}).await}}"
        )
    );
}

#[test]
fn a_returned_future_is_measured_inside() {
    let expanded = short(&monitored(
        "name = \"F\"",
        "fn f() -> Pin<Box<dyn Future<Output = u8> + Send>> { let a = 1; Box::pin(async move { a }) }",
    ));
    let (before, inside) = expanded.split_once("Box::pin(async move{").unwrap();
    assert!(before.ends_with("{let a=1;"), "{before}");
    assert!(inside.starts_with("let __meters_call="), "{inside}");
    assert!(inside.contains("let __meters_edge:u8=loop{}"), "{inside}");
    assert!(inside.ends_with("__meters_call.finish($::Ended::Ok);__meters_result})}"), "{inside}");
}

#[test]
fn dimensions_keep_their_order() {
    let arguments = "dimensions(Route = \"cart\", tier, \"any key\" = a + b, N = -1, B = true), \
                     unit = Milliseconds, resolution = 1";
    let expanded = short(&monitored(arguments, "fn f(tier: T) {}"));
    assert!(
        expanded.contains(
            "(\"Route\",Some(\"cart\")),(\"tier\",None),(\"any key\",None),\
             (\"N\",Some(\"-1\")),(\"B\",Some(\"true\"))])\
             .unit(::meters::Unit::Milliseconds).resolution(::meters::Resolution::High)\
             .renamed(@,&[false,true,true,false,true,true]);\
             __METERS_SITE.enter_with((&tier,(&(a+b),())))"
        ),
        "{expanded}"
    );
}

#[test]
fn literals_are_text() {
    let keys = [
        ("1_000_u64", "1000"),
        ("0xff", "255"),
        ("1.50", "1.50"),
        ("-2.5", "-2.5"),
        ("'x'", "x"),
        ("(\"y\")", "y"),
        ("false", "false"),
    ];
    for (literal, text) in keys {
        let expanded = short(&counter(&format!("\"N\", K = {literal}")));
        assert!(expanded.contains(&format!("(\"K\",Some(\"{text}\"))")), "{expanded}");
    }
}

#[test]
fn metered_marks_first() {
    assert_eq!(
        short(&metered("name = \"Logins\", dimensions(user)", "async fn f(user: &str) -> R { g() }")),
        "async fn f(user:&str)->R{{\
         static __METERS_SITE:$::MeterSite=$::MeterSite::new(\"Logins\",&[(\"user\",None)]).renamed(@,&[true]);\
         __METERS_SITE.mark_with((&user,()))};{g()}}"
    );
}

#[test]
fn instruments_are_expressions() {
    assert_eq!(
        short(&counter("\"Orders\"")),
        "{static __METERS_SITE:$::CounterSite=$::CounterSite::new(\"Orders\",&[]);\
         __METERS_SITE.at()}"
    );
    assert_eq!(
        short(&counter("\"Orders\", Kind = kind, \"unit\" = 1, unit = Bytes, Tier = \"gold\",")),
        "{static __METERS_SITE:$::CounterSite=$::CounterSite::new(\"Orders\",\
         &[(\"Kind\",None),(\"unit\",Some(\"1\")),(\"Tier\",Some(\"gold\"))])\
         .unit(::meters::Unit::Bytes).renamed(@,&[true,false,true]);\
         __METERS_SITE.at_with((&kind,()))}"
    );
}

#[test]
fn the_crate_may_have_another_name() {
    for expanded in [
        monitored("crate = my::meters", "fn f() -> io::Result<()> { g() }"),
        monitored("crate = my::meters, unit = Seconds", "async fn f() -> T { g() }"),
        metered("crate = my::meters, resolution = 60", "fn f() {}"),
        dimension("#[dimension(crate = my::meters)] enum E { A }"),
    ] {
        let text = compact(&expanded);
        assert!(text.contains("my::meters::"), "{text}");
        assert!(!text.contains("::meters::") || !text.replace("my::meters::", "").contains("meters::"), "{text}");
    }
}

#[test]
fn raw_names_lose_their_prefix() {
    let expanded = compact(&monitored("dimensions(r#type)", "fn r#fn(r#type: u8) {}"));
    assert!(expanded.contains("\"::\",\"fn\"") && expanded.contains("(\"type\","), "{expanded}");
    assert!(expanded.contains("&r#type"), "{expanded}");
}

#[test]
fn the_rest_of_the_item_is_left_as_it_is() {
    let head = "/// Doc.\n #[inline] #[cfg(unix)] pub(crate) unsafe extern \"C\" fn f<'a, T: Clone, \
                const N: usize>(&'a mut self, (a, mut b): (u8, u8), c: impl Fn(u8)) -> T where T: Copy";
    let expanded = compact(&monitored("doc = false", &format!("{head} {{ #![allow(x)] #![allow(y)] a }}")));
    let before = format!("{}{{#![allow(x)]#![allow(y)]let __meters_call=", compact(&super::tokens(head)));
    assert!(expanded.starts_with(&before), "{expanded}\n{before}");
    // Half-typed bodies expand, for the editor.
    let expanded =
        compact(&monitored("", "fn f() -> io::Result<u8> { let a = self. ; a.b( }".replace("( }", "() }").as_str()));
    assert!(expanded.contains("let a=self.;"), "{expanded}");
}

#[test]
fn variants_are_values() {
    assert_eq!(
        compact(&dimension(
            "#[dimension(rename_all = \"kebab-case\")] enum Tier { FreeOfCharge, #[dimension(rename = \"GOLD\")] Gold() }"
        )),
        "#[automatically_derived]impl::meters::DimensionValue for Tier{\
         const VALUES:&'static[&'static::core::primitive::str]=&[\"free-of-charge\",\"GOLD\"];\
         fn index(&self)->::core::primitive::usize{\
         match*self{Self::FreeOfCharge=>0usize,Self::Gold()=>1usize,}}\
         fn with_str<__R>(&self,__f:impl::core::ops::FnOnce(&::core::primitive::str)->__R,)->__R{\
         __f(<Self as::meters::DimensionValue>::VALUES[::meters::DimensionValue::index(self)])}}"
    );
}
