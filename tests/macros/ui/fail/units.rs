//! CloudWatch's units, by their names; a duration in units of time.

use meters::{metered, monitored};

#[monitored(unit = Miliseconds)]
fn misspelt() {}

#[monitored(unit = ms)]
fn abbreviated() {}

#[monitored(unit = Nanoseconds)]
fn too_fine() {}

#[monitored(unit = "Milliseconds")]
fn in_quotes() {}

#[monitored(unit = Bytes)]
fn not_of_time() {}

#[metered(unit = Count)]
fn on_a_meter() {}

fn main() {
    misspelt();
    abbreviated();
    too_fine();
    in_quotes();
    not_of_time();
    on_a_meter();
    let _ = meters::counter!("Uploads", unit = bytes);
    let _ = meters::histogram!("Uploads", unit = "Bytes/Second");
    let _ = meters::meter!("Uploads", unit = Megabytes);
    let _ = meters::meter!("Uploads", unit = Milliseconds);
}
