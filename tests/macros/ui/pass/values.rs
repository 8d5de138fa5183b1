//! `%` and `?` before a dimension's value, and limits.
#![deny(warnings)]
#![no_implicit_prelude]

use ::meters::monitored;

struct Order {
    tenant: ::core::net::Ipv4Addr,
}

#[derive(Debug, Clone, Copy)]
enum Mode {
    Fast,
}

#[monitored(name = "Ordered", dimensions(Tenant = %order.tenant, Mode = ?mode, %user, ?mode, "any key" = ?(1, 2)), limit = 100)]
fn place(order: Order, mode: Mode, user: &::core::primitive::str) -> ::core::result::Result<Mode, u8> {
    let _ = (order, user);
    ::core::result::Result::Ok(mode)
}

#[monitored(name = "Fetched", dimensions(%address), limit = 2)]
async fn fetch(address: ::core::net::Ipv4Addr) {
    let _ = address;
    ::core::future::ready(()).await
}

fn send<T: ::core::marker::Send>(value: T) -> T {
    value
}

fn now<F: ::core::future::Future>(future: F) {
    let mut context = ::core::task::Context::from_waker(::core::task::Waker::noop());
    let _ = ::core::pin::pin!(future).as_mut().poll(&mut context);
}

fn main() {
    let tenant = ::core::net::Ipv4Addr::LOCALHOST;
    let _ = place(Order { tenant }, Mode::Fast, "bob");
    for last in 0..9 {
        now(send(fetch(::core::net::Ipv4Addr::new(10, 0, 0, last))));
    }
    let mode = Mode::Fast;
    ::meters::counter!("Orders", ?mode, Tenant = %tenant, limit = 5).inc(1);
    ::meters::gauge!("Open", ?mode, limit = 5).set(1.0);
    ::meters::histogram!("Size", Mode = ?Mode::Fast).observe(1.0);
    ::meters::meter!("Rate", %tenant, limit = 7).mark(1);

    let all = ::meters::snapshot();
    let placed = all.metric("Ordered").with("Tenant", "127.0.0.1").with("Mode", "Fast").with("user", "bob");
    ::core::assert_eq!(placed.with("mode", "Fast").with("any key", "(1, 2)").calls().ok(), 1);
    let fetched = all.metric("Fetched");
    ::core::assert_eq!(fetched.calls().count(), 9);
    ::core::assert_eq!(all.metric("Fetched").with("address", "_other").calls().count(), 7);
    ::core::assert_eq!(all.metric("Orders").with("mode", "Fast").with("Tenant", "127.0.0.1").count(), 1);
    ::core::assert_eq!(all.metric("Rate").with("tenant", "127.0.0.1").count(), 1);
}
