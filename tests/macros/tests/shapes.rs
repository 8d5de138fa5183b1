//! Every function shape, compiled and measured; the table of them is `SHAPES.md`.
//!
//! After a wanted change: `SHAPES=overwrite cargo test -p meters-macro-tests`.

// Shapes as people write them, not as clippy would.
#![allow(clippy::manual_async_fn, clippy::multiple_bound_locations, clippy::never_loop)]

#[path = "shapes/asynchronous.rs"]
mod asynchronous;
#[path = "shapes/blocks.rs"]
mod blocks;
#[path = "shapes/futures.rs"]
mod futures;
#[path = "shapes/late.rs"]
mod late;
#[path = "shapes/methods.rs"]
mod methods;
#[path = "shapes/order.rs"]
mod order;
#[path = "shapes/own.rs"]
mod own;
#[path = "shapes/plain.rs"]
mod plain;
#[path = "shapes/refused.rs"]
mod refused;
#[path = "shapes/returned.rs"]
mod returned;
#[path = "shapes/scopes.rs"]
mod scopes;
#[path = "shapes/stage.rs"]
mod stage;
#[path = "shapes/streams.rs"]
mod streams;
#[path = "shapes/values.rs"]
mod values;

use std::fmt::Write;
use std::fs;
use std::path::Path;

use stage::Shape;

const GROUPS: [(&str, &[Shape]); 12] = [
    ("Plain functions", plain::SHAPES),
    ("What is returned", returned::SHAPES),
    ("Methods", methods::SHAPES),
    ("Async functions", asynchronous::SHAPES),
    ("Returned futures", futures::SHAPES),
    ("Streams, and futures made elsewhere", streams::SHAPES),
    ("Impl blocks", blocks::SHAPES),
    ("Scopes, macros and hygiene", scopes::SHAPES),
    ("Dimensions and rules", values::SHAPES),
    ("Late dimensions and extras", late::SHAPES),
    ("Metrics of one's own", own::SHAPES),
    ("Beside other attributes", order::SHAPES),
];

/// One test: shapes are told apart by what was recorded meanwhile.
#[test]
fn shapes() {
    let mut table = String::from(
        "# Function shapes\n\n\
         Made by `tests/shapes.rs`, which compiles, calls and measures each: a row is what was recorded. *Time* says that the\n\
         reported duration covers the time that was surely spent inside, for futures the time between their polls.\n",
    );
    let mut count = 0;
    for (group, shapes) in GROUPS {
        write!(table, "\n## {group}\n\n| shape | recorded | dimensions | time |\n|---|---|---|---|\n").unwrap();
        for shape in shapes {
            let measured = stage::measure(shape);
            assert_eq!(measured.recorded, shape.expected, "{group}: {}", shape.name);
            writeln!(table, "{}", measured.row(shape.name)).unwrap();
            count += 1;
        }
    }
    assert!(count >= 100, "{count} shapes");
    write!(table, "\n{count} shapes.\n").unwrap();
    refused::describe(&mut table);

    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("SHAPES.md");
    if std::env::var_os("SHAPES").is_some_and(|wish| wish == "overwrite") {
        fs::write(&golden, &table).unwrap();
    }
    let known = fs::read_to_string(&golden).unwrap_or_default();
    assert!(known == table, "SHAPES.md differs from what was measured:\n{table}");
}
