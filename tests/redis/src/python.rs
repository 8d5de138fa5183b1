//! The libraries that this project replaces, in a real Python.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// A Python that has instrumentor, redis and prometheus_client, and the programs in `python/` beside this package.
#[derive(Clone, Debug)]
pub struct Python {
    interpreter: PathBuf,
}

impl Python {
    /// The one that `tests/python.sh` makes, made now if need be.
    ///
    /// # Panics
    ///
    /// Where it cannot be made; says what to install.
    pub fn ready() -> Self {
        static FOLDER: OnceLock<PathBuf> = OnceLock::new();
        let folder = FOLDER.get_or_init(|| {
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../python.sh");
            let made = Command::new("bash").arg(&script).output();
            let made =
                made.unwrap_or_else(|error| panic!("bash, which runs {}, was not found: {error}", script.display()));
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
            String::from_utf8(made.stdout).unwrap().trim().into()
        });
        Self { interpreter: folder.join("bin/python") }
    }

    /// Starts one of the programs.
    pub fn start(&self, program: &str, arguments: &[&str]) -> Child {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(program);
        let mut command = Command::new(&self.interpreter);
        command.arg(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap_or_else(|error| panic!("{}: {error}", self.interpreter.display()))
    }

    /// What one of the programs answers to `input`.
    ///
    /// # Panics
    ///
    /// Where it fails; says what it said.
    pub fn run(&self, program: &str, arguments: &[&str], input: &str) -> String {
        let mut child = self.start(program, arguments);
        // One that fails at once does not read; what it says is told below.
        _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}
