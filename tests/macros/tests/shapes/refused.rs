//! Shapes that the attributes refuse, with the messages that `ui/fail` holds them to.

use std::fmt::Write;
use std::fs;
use std::path::Path;

const REFUSED: [(&str, &str, &str); 6] = [
    ("`const fn`", "placement", "cannot stand on a `const fn`"),
    ("a method without a body", "placement", "needs a body to measure, and `get`"),
    ("a function of an `extern` block", "placement", "needs a body to measure, and `foreign`"),
    ("a whole trait", "placement", "cannot stand on a trait"),
    ("a closure", "closure", "cannot stand on a closure"),
    (
        "a late dimension of a future that is passed on",
        "futures",
        "and `slot` returns a future that was made elsewhere",
    ),
];

pub(crate) fn describe(table: &mut String) {
    table.push_str("\n## Refused\n\n| shape | message |\n|---|---|\n");
    for (shape, file, part) in REFUSED {
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/fail").join(file).with_extension("stderr");
        let golden = fs::read_to_string(golden).unwrap();
        let message =
            golden.lines().find(|line| line.contains(part)).unwrap_or_else(|| panic!("{part} is not refused"));
        let message = message.trim_start_matches("error: ");
        writeln!(table, "| {shape} | {message} |").unwrap();
    }
    table.push_str(
        "\nNot measured as one may wish: of an `async fn` that returns a stream, the making is timed and not the items; `None` \
         and `false` are no errors unless `errors(…)` says so.\n",
    );
}
