//! Which shard a series belongs to. The same in all processes, whatever compiled them, or CloudWatch would be told of a
//! series once for each shard it came in.

use meters_core::Series;
use meters_core::Window;

/// FNV-1a over name and dimensions, <http://www.isthe.com/chongo/tech/comp/fnv/>, and what ends MurmurHash3,
/// <https://github.com/aappleby/smhasher/wiki/MurmurHash3>: FNV alone puts names that differ in their last letters together.
pub(crate) fn shard(series: &Series, shards: u16) -> u16 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |text: &str| {
        // 0xff is in no UTF-8 text: ("ab", "c") is not ("a", "bc").
        for byte in text.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    add(series.name());
    for (name, value) in series.dimensions() {
        add(name);
        add(value);
    }
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    ((hash ^ (hash >> 33)) % u64::from(shards)) as u16
}

/// A window for each shard.
pub(crate) fn split(window: &Window, shards: u16) -> Vec<Window> {
    let mut items = vec![Vec::new(); usize::from(shards)];
    for (series, value) in window.iter() {
        items[usize::from(shard(series, shards))].push((series.clone(), value.clone()));
    }
    let part = |items| Window::from_parts(window.start(), window.end(), window.elapsed(), items);
    items.into_iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use meters_core::{Dimension, Dimensions, Kind, MetricName, Resolution, Unit};

    use super::*;

    fn series(route: &str) -> Series {
        let dimensions = Dimensions::new().with(Dimension::new("Route", route).unwrap()).unwrap();
        let name = MetricName::new("Calls").unwrap();
        Series::new(&name, Kind::Counter, Unit::Count, Resolution::Standard, &dimensions)
    }

    #[test]
    fn series_are_spread_evenly() {
        let mut counts = [0; 8];
        for route in 0..8000 {
            counts[usize::from(shard(&series(&format!("route{route}")), 8))] += 1;
        }
        assert!(counts.iter().all(|count| (800..1200).contains(count)), "{counts:?}");
    }

    #[test]
    fn where_a_series_belongs_never_changes() {
        let places = ["a", "b", "cart", "login"].map(|route| shard(&series(route), 1024));
        assert_eq!(places, [719, 947, 37, 141]);
    }
}
