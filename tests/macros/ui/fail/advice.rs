//! What people write first, and what to write instead.

use meters::{Outcome, monitored};

struct Order {
    id: u32,
}

enum Error {
    Gone,
    Full,
}

#[monitored(dimensions(order.id))]
fn field_without_key(order: Order) {
    drop(order.id);
}

#[monitored(dimensions(Route => "x"))]
fn arrow() {}

#[monitored(limit(Tenant = 5), dimensions(tenant))]
fn limit_of_nobody(tenant: u32) {}

#[monitored(record("in_flight"))]
fn quoted() {}

#[monitored(errors(ignore(Error::Gone, Error::Full)))]
fn alternatives() -> Result<u32, Error> {
    Err(if true { Error::Gone } else { Error::Full })
}

#[monitored(errors(none))]
fn none_of_result() -> Result<u32, Error> {
    Ok(1)
}

#[monitored(dimensions(Kind = 1), errors(kind = |error| %error))]
fn kind_twice() -> Result<u32, String> {
    Ok(1)
}

#[monitored(dimensions(Price = price))]
fn no_value(price: f64) {}

#[derive(Outcome)]
enum Reply {
    Fine,
}

fn main() {
    field_without_key(Order { id: 1 });
    arrow();
    limit_of_nobody(1);
    quoted();
    no_value(1.0);
    let _ = (alternatives(), none_of_result(), kind_twice(), Reply::Fine);
}
