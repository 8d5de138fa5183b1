//! Runs cargo in this workspace, and reads what it says.

pub mod shapes;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// The tools, by the package `with-…` of each; the first is what the project itself is.
pub const TOOLS: [&str; 4] = ["meters", "tracing", "fastrace", "autometrics"];

/// Of one target: the first error, or what was built.
#[derive(Default, Debug)]
pub struct Built {
    pub error: Option<String>,
    /// The source it points at, as far as it is on one line.
    pub at: String,
    /// With what the compiler adds to it.
    pub rendered: String,
    pub executable: Option<PathBuf>,
}

/// This workspace.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the runner is a member of it")
}

/// A cargo that nothing outside turns into another one.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args(arguments).current_dir(workspace());
    for name in ["CARGO_PROFILE_DEV_DEBUG", "CARGO_INCREMENTAL", "RUSTFLAGS"] {
        cargo.env_remove(name);
    }
    cargo
}

/// Runs it, and gives what became of each target; fails where cargo itself does, say for the lack of a crate.
pub fn build(mut cargo: Command) -> BTreeMap<String, Built> {
    let output = cargo.arg("--message-format=json").stderr(Stdio::piped()).output().expect("cargo starts");
    let mut targets: BTreeMap<String, Built> = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Ok(message) = serde_json::from_str::<Value>(line) else { continue };
        let Some(name) = message["target"]["name"].as_str() else { continue };
        let target = targets.entry(name.to_owned()).or_default();
        let diagnostic = &message["message"];
        if diagnostic["level"] == "error" {
            let text = diagnostic["message"].as_str().unwrap_or_default();
            // The last one only counts the others.
            if !text.starts_with("aborting due to") {
                if target.error.is_none() {
                    (target.error, target.at) = (Some(text.to_owned()), pointed_at(diagnostic));
                }
                target.rendered.push_str(diagnostic["rendered"].as_str().unwrap_or_default());
            }
        }
        if let Some(path) = message["executable"].as_str() {
            target.executable = Some(path.into());
        }
    }
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() || targets.values().any(|target| target.error.is_some()), "{said}");
    targets
}

fn pointed_at(diagnostic: &Value) -> String {
    let span = diagnostic["spans"].as_array().and_then(|spans| spans.iter().find(|span| span["is_primary"] == true));
    let Some(line) = span.map(|span| &span["text"][0]) else { return String::new() };
    let column = |name: &str| line[name].as_u64().unwrap_or(1) as usize;
    let marked = column("highlight_start")..column("highlight_end");
    let characters = line["text"].as_str().unwrap_or_default().chars().enumerate();
    characters.filter(|(nth, _)| marked.contains(&(nth + 1))).map(|(_, character)| character).collect()
}
