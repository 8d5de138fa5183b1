//! Which shard a series belongs to. The same in all processes, whatever compiled them, or CloudWatch would be told of a
//! series once for each shard it came in.

use meters_core::Series;
use meters_core::model::Window;

/// FNV-1a over name and dimensions. Its numbers: <http://www.isthe.com/chongo/tech/comp/fnv/>.
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
    // The upper half is mixed better, and less than 2^16 shards lose nothing of it.
    ((hash >> 32) % u64::from(shards)) as u16
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
