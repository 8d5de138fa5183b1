//! Which function shapes compile, are timed and are understood with each attribute; writes `SHAPES.md`.
//!
//! `shapes [--only meters,tracing]` tries these alone and writes nothing.

use std::collections::BTreeMap;
use std::fs;

use runner::{TOOLS, shapes, workspace};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let only = arguments.next().map(|option| {
        assert_eq!(option, "--only", "unknown option {option}");
        arguments.next().expect("`--only` needs a list of tools")
    });
    let sections = shapes::read();
    let tools = TOOLS.iter().filter(|tool| only.as_ref().is_none_or(|only| only.split(',').any(|name| name == **tool)));
    let tried: BTreeMap<&str, _> = tools.map(|tool| (*tool, shapes::try_all(&sections, tool))).collect();
    if only.is_none() {
        fs::write(workspace().join("SHAPES.md"), shapes::table(&sections, &tried))
            .expect("the workspace can be written");
        return;
    }
    for (tool, cells) in tried {
        for (slug, cell) in cells {
            println!("{tool:12} {slug:28} {}", cell.text);
        }
    }
}
