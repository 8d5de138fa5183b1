//! Real processes, `tests/src/bin/life.rs`, that a test starts, talks to and watches end.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use meters_local::Server;

/// A process that did not end by then never will.
const WATCHDOG: Duration = Duration::from_secs(120);

/// One that plays a scene.
pub(crate) struct Life {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Life {
    pub(crate) fn start(scene: &[&str], cw: &Server, environment: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_life"))
            .args(scene)
            .env_clear()
            .env("HOME", "/nonexistent")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("CW", cw.endpoint_url())
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take(), child.stdout.take().unwrap());
        let life = Self { child, input, output: BufReader::new(output) };
        life.watch();
        life
    }

    pub(crate) fn pid(&self) -> i32 {
        self.child.id() as i32
    }

    /// Ends what hangs, and with it whoever reads from it.
    fn watch(&self) {
        let pid = self.pid();
        let (alive, ended) = mpsc::channel::<()>();
        ALIVE.with_borrow_mut(|all| all.push(alive));
        std::thread::spawn(move || {
            if ended.recv_timeout(WATCHDOG) == Err(mpsc::RecvTimeoutError::Timeout) {
                kill(pid, libc::SIGKILL);
            }
        });
    }

    /// The next line that it, or a child of its, printed: whose it is, and what it says.
    pub(crate) fn line(&mut self) -> (i32, String) {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let (pid, what) = line.trim().split_once(' ').unwrap_or_else(|| panic!("it ended: {line:?}"));
        (pid.parse().unwrap(), what.to_owned())
    }

    /// Lets it go on.
    pub(crate) fn tell(&mut self) {
        drop(self.input.take());
    }

    pub(crate) fn kill(&self, signal: i32) {
        kill(self.pid(), signal);
    }

    /// Waits for its end, whether children of its go on or not.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Waits for its end; all that it printed since.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        self.tell();
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap(), rest)
    }
}

thread_local! {
    /// Dropped when the test ends.
    static ALIVE: std::cell::RefCell<Vec<mpsc::Sender<()>>> = const { std::cell::RefCell::new(Vec::new()) };
}

#[allow(unsafe_code)]
pub(crate) fn kill(pid: i32, signal: i32) {
    // SAFETY: it is sent to a process that this test started.
    assert_eq!(unsafe { libc::kill(pid, signal) }, 0);
}

/// Plays a scene to its end.
pub(crate) fn play(scene: &[&str], cw: &Server) -> (ExitStatus, String) {
    Life::start(scene, cw, &[]).end()
}

/// What the process `pid` reported is `n` of everything, no more and no less.
pub(crate) fn assert_reported(cw: &Server, pid: i32, n: f64) {
    let of = |name: &str| cw.metric(name).with("Pid", pid.to_string());
    let sum = |name: &str| of(name).sum().unwrap_or(0.0);
    assert_eq!(sum("Marks"), n, "marks of {pid}");
    assert_eq!(sum("Orders"), n, "orders of {pid}");
    assert_eq!(sum("Puts"), n, "puts of {pid}");
    assert_eq!(of("Work.Errors").sample_count(), n, "work of {pid}");
    assert_eq!(of("Routed").sample_count(), n, "routed of {pid}");
}
