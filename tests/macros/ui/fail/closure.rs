//! rustc itself refuses attribute macros on expressions; ours adds what to do.

use meters::monitored;

fn main() {
    let double = #[monitored]
    |x: u32| x * 2;
    double(1);
}
