//! `impl` blocks: what stays as it is, and what is refused, once.

use super::errors::{messages, one};
use super::{compact, metered, monitored, short, tokens};

#[test]
fn what_is_no_function_stays() {
    let items = "const A: [u8; 2] = [1, 2]; type B = C<{ 1 }>; const fn f() -> D<{ 1 }> { 1 } fn g(); \
                 m! { fn h() {} } m!(fn i() {}); #[monitored(skip)] pub fn j() {}";
    let block = format!("#[a] unsafe impl<T> X<T> for Y where T: Z {{ {items} }}");
    let kept = block.replace("#[monitored(skip)] ", "");
    assert_eq!(compact(&monitored("", &block)), compact(&tokens(&kept)));
}

#[test]
fn methods_are_named_by_their_type() {
    for (head, owner) in [
        ("impl X", "X"),
        ("impl<'a, T> a::X<'a, T>", "X"),
        ("impl<T> ::a::Y<T> for a::X<T>", "<X as Y>"),
        ("impl Y for &mut [X]", "<&[X] as Y>"),
        ("impl Y for Box<dyn Z>", "<Box as Y>"),
        ("impl dyn Z + Send", "dyn Z + Send"),
        ("impl Y for (A<B>, C)", "<(A, C) as Y>"),
    ] {
        let expanded = short(&metered("", &format!("{head} {{ fn f() {{}} }}")));
        assert!(expanded.contains(&compact(&tokens(&format!("\"::\", \"{owner}::f\"")))), "{expanded}");
    }
    let expanded = short(&monitored("prefix = \"Store\"", "impl Y for X { fn f() {} }"));
    assert!(expanded.contains("\"Store::f\""), "{expanded}");
}

#[test]
fn half_typed_bodies_expand() {
    let expanded = compact(&monitored("", "impl X { fn f() { let a = self. ; } fn g() {} }"));
    assert!(expanded.contains("let a=self.;") && expanded.matches("CallSite::of").count() == 2, "{expanded}");
    let expanded = short(&monitored("", "impl X { const F: fn(u8) = g; fn f(a: ) { } fn g() {} }"));
    assert!(expanded.contains("fn f(a:){}fn g(){let"), "{expanded}");
}

#[test]
fn each_mistake_once() {
    let many = "impl X { fn f() {} #[monitored(dimensions(K = 1))] fn g() {} fn h(&self, k: u8) {} fn i() {} \
                #[monitored(skip)] fn j() {} }";
    one(monitored("dimensions(K = k, Function = 1)", many), "`Function` is already there");
    one(monitored("dimensions(k)", many), "an argument that `f`, `g` and `i` have not");
    one(monitored("dimensions(K = (self.k))", many), "a receiver that `f` and `i` have not");
    one(monitored("limit = 0", many), "`limit` is a whole number");
    let two = messages(monitored("dimensions(k, K = self.k)", many));
    assert_eq!(two.len(), 2, "{two:?}");
    let own = "impl X { #[monitored(nmae = 1)] fn f() {} #[monitored(unit = Bytes)] fn g() {} }";
    assert_eq!(messages(monitored("", own)).len(), 2);
    // The item is kept, without the attributes whose block has failed.
    let expanded = compact(&monitored("name = \"N\"", own));
    assert!(expanded.starts_with("impl X{fn f(){}fn g(){}}"), "{expanded}");
}
