//! What CloudWatch accepts as a name, checked before it can refuse it.

use meters::{metered, monitored};

#[monitored(name = "")]
fn empty() {}

#[metered(name = "   ")]
fn blank() {}

#[monitored(name = "Größe")]
fn not_ascii() {}

#[monitored(name = "Check\nout")]
fn control_character() {}

#[monitored(name = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
fn too_long_with_its_suffixes() {}

fn main() {
    empty();
    blank();
    not_ascii();
    control_character();
    too_long_with_its_suffixes();
    meters::counter!("").inc(1);
    let _ = meters::counter!(concat!("Or", "ders"));
    let _ = meters::gauge!();
}
