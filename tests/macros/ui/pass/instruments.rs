//! The function-like macros.
#![deny(warnings)]

use meters::{Dimension, DimensionValue, Resolution, Unit, counter, gauge, histogram, meter};

#[derive(Dimension, Clone, Copy)]
#[dimension(rename_all = "SCREAMING_SNAKE_CASE")]
enum Kind {
    WebShop,
    Phone(),
    Letter {},
}

struct Shop {
    shard: u32,
}

impl Shop {
    fn count(&self) {
        counter!("Carts", Shard = self.shard).inc(1);
    }
}

mod reexported {
    pub use meters as inner;
}

#[derive(Dimension)]
#[dimension(crate = reexported::inner)]
enum Renamed {
    One,
}

#[reexported::inner::monitored(crate = reexported::inner, name = "Renamed", dimensions(renamed))]
fn renamed(renamed: Renamed) -> Result<(), Renamed> {
    Err(renamed)
}

fn main() {
    counter!("Orders").inc(1);
    for (n, kind) in [Kind::WebShop, Kind::Phone(), Kind::Letter {}].into_iter().enumerate() {
        counter!("Orders", Kind = kind, Tier = "gold", "any key" = n, unit = Bytes, resolution = 1).inc(2);
    }
    // The same source line twice is the same series.
    (0..2).for_each(|_| counter!("Twice",).inc(1));
    gauge!("Open", unit = Count).set(3.0);
    gauge!("OpenInAll", across = Sum).set(3.0);
    histogram!("Size", unit = Kilobytes, "unit" = 5).observe(7.0);
    meter!("Uploads", unit = BytesPerSecond, resolution = 60).mark(9);
    Shop { shard: 3 }.count();
    assert!(renamed(Renamed::One).is_err());

    assert_eq!(Kind::VALUES, ["WEB_SHOP", "PHONE", "LETTER"]);
    assert_eq!(Kind::Letter {}.index(), 2);
    assert_eq!(Kind::Phone().with_str(str::to_owned), "PHONE");

    let all = meters::snapshot();
    assert_eq!(all.metric("Orders").count(), 7);
    let phone = all.metric("Orders").with("Kind", "PHONE").with("any key", "1");
    assert_eq!(phone.count(), 2);
    let (series, _) = phone.series().next().unwrap();
    assert_eq!((series.unit(), series.resolution()), (Unit::Bytes, Resolution::High));
    assert_eq!(all.counter("Twice"), 2);
    assert_eq!(all.metric("Open").gauge(), Some(3.0));
    assert_eq!(all.metric("Size").with("unit", "5").distribution().unwrap().sum(), 7.0);
    assert_eq!(all.metric("Uploads").count(), 9);
    assert_eq!(all.metric("Carts").with("Shard", "3").count(), 1);
    let renamed = all.metric("Renamed").with("renamed", "One").calls();
    assert_eq!((renamed.count(), renamed.errors), (1, 1));
}
