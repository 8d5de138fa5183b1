//! Keys, values, and how many of them.

use meters::{metered, monitored};

#[monitored(dimensions(":Route" = "checkout"))]
fn reserved_key() {}

#[monitored(dimensions("" = "checkout"))]
fn empty_key() {}

#[monitored(dimensions(Route = ""))]
fn empty_value() {}

#[monitored(dimensions(Route = "ü"))]
fn value_not_ascii() {}

#[monitored(dimensions(Route = b"checkout"))]
fn value_in_bytes() {}

#[monitored(dimensions(Route))]
fn key_alone() {}

#[monitored(dimensions("Route"))]
fn text_alone() {}

#[monitored(dimensions(Route =))]
fn nothing_assigned() {}

#[monitored(dimensions)]
fn list_forgotten() {}

#[monitored(dimensions(Route = "a", Tier = "b", Route = "c"))]
fn key_twice() {}

#[monitored(dimensions(Route = "a", Function = "b"))]
fn implied_key() {}

#[monitored(dimensions(teir))]
fn misspelt_argument(tier: &str, (left, right): (u32, u32)) -> u32 {
    left + right + tier.len() as u32
}

#[metered(dimensions(tier))]
fn without_arguments() {}

struct Shop {
    shard: u32,
}

impl Shop {
    #[monitored(dimensions(self))]
    fn whole_self(&self) -> u32 {
        self.shard
    }

    #[monitored(dimensions(self.shard))]
    fn field_without_key(&self) -> u32 {
        self.shard
    }
}

#[monitored(dimensions(
    d1 = 1, d2 = 1, d3 = 1, d4 = 1, d5 = 1, d6 = 1, d7 = 1, d8 = 1, d9 = 1, d10 = 1,
    d11 = 1, d12 = 1, d13 = 1, d14 = 1, d15 = 1, d16 = 1, d17 = 1, d18 = 1, d19 = 1, d20 = 1,
    d21 = 1, d22 = 1, d23 = 1, d24 = 1, d25 = 1, d26 = 1, d27 = 1, d28 = 1, d29 = 1, d30 = 1,
))]
fn one_too_many() {}

#[monitored(name = "Thirty", dimensions(
    d1 = 1, d2 = 1, d3 = 1, d4 = 1, d5 = 1, d6 = 1, d7 = 1, d8 = 1, d9 = 1, d10 = 1,
    d11 = 1, d12 = 1, d13 = 1, d14 = 1, d15 = 1, d16 = 1, d17 = 1, d18 = 1, d19 = 1, d20 = 1,
    d21 = 1, d22 = 1, d23 = 1, d24 = 1, d25 = 1, d26 = 1, d27 = 1, d28 = 1, d29 = 1, d30 = 1,
    d31 = 1, d32 = 1,
))]
fn two_too_many() {}

fn main() {
    reserved_key();
    empty_key();
    empty_value();
    value_not_ascii();
    value_in_bytes();
    key_alone();
    text_alone();
    nothing_assigned();
    late();
    list_forgotten();
    key_twice();
    implied_key();
    misspelt_argument("", (1, 2));
    without_arguments();
    let shop = Shop { shard: 1 };
    shop.whole_self();
    shop.field_without_key();
    one_too_many();
    two_too_many();
    let _ = meters::counter!("Orders", Kind = "a", Kind = "b");
    let _ = meters::counter!("Orders", "Kind");
    let _ = meters::counter!("Orders", Kind = 'ä');
}
