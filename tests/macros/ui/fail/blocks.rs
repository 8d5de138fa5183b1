//! What attributes on `impl` blocks and on their methods refuse.

use meters::{metered, monitored};

struct Shop {
    shard: u32,
}

#[monitored(name = "Shop")]
impl Shop {
    #[monitored(unit = Bytes)]
    fn named_block(&self) {}
}

#[monitored(skip)]
impl Shop {
    fn skipped_block(&self) {}
}

#[monitored(prefix = "")]
impl Shop {
    fn empty_prefix(&self) {}
}

#[monitored(dimensions(tier, Shard = self.shard))]
impl Shop {
    fn new(tier: u32) -> Self {
        Self { shard: tier }
    }
    fn receiver_alone(&self) {}
    #[monitored(dimensions(tier = 1))]
    fn overridden(&self) {}
    #[monitored(skip)]
    fn skipped() {}
    fn neither() {}
}

#[monitored]
impl Shop {
    #[monitored(nmae = "Checkout")]
    fn misspelt(&self) {}
    #[monitored(prefix = "Checkout")]
    fn prefix_on_method(&self) {}
    #[monitored(skip, unit = Seconds)]
    fn skip_and_more(&self) {}
}

#[monitored(future = true)]
impl Shop {
    fn passed_on(&self) -> impl Future<Output = ()> {
        std::future::ready(())
    }
}

#[monitored(dimensions(Shard = self.shard), rollup([Shrad]))]
impl Shop {
    fn rolled_up(&self) {}
}

#[monitored(limit(Shard = 3))]
impl Shop {
    #[monitored(dimensions(Shard = self.shard))]
    fn limited(&self) {}
}

#[monitored(prefix = "Shop")]
fn prefix_on_function() {}

#[metered(skip)]
fn skip_on_function() {}

fn main() {
    let shop = Shop::new(1);
    shop.named_block();
    shop.skipped_block();
    shop.empty_prefix();
    shop.receiver_alone();
    shop.overridden();
    shop.misspelt();
    shop.prefix_on_method();
    shop.skip_and_more();
    drop((shop.passed_on(), shop.rolled_up(), shop.limited()));
    (Shop::skipped(), Shop::neither(), prefix_on_function(), skip_on_function());
}
