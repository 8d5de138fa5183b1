//! A value that no dimension can have is reported at the value.

use meters::{metered, monitored};

struct Cart;

#[monitored(dimensions(cart))]
fn argument_that_is_no_value(cart: Cart) -> Cart {
    cart
}

#[monitored(dimensions(Tier = "a", Size = 1.5 * scale, Whole = true))]
async fn expression_that_is_no_value(scale: f64) -> f64 {
    scale
}

#[metered(dimensions(a, cart, b))]
fn one_of_three(a: u32, cart: &Cart, b: u32) -> u32 {
    let _ = cart;
    a + b
}

fn main() {
    let _ = meters::counter!("Carts", Kind = "a", Cart = Cart);
}
