//! Tests that need a process, or an environment, of their own.

use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

const MARK: &str = "METERS_TEST_ALONE";
/// A process that did not end by then never will.
const WATCHDOG: Duration = Duration::from_secs(120);

/// Runs `body`, which is that of the test called `test`, in a process whose environment holds nothing but `environment` and
/// what keeps the SDK from looking elsewhere. Returns, in the first process only, what the other printed.
pub(crate) fn alone(test: &str, environment: &[(&str, &str)], body: impl FnOnce()) -> Option<String> {
    if std::env::var(MARK).is_ok_and(|mark| mark == test) {
        body();
        return None;
    }
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env_clear()
        .env("HOME", "/nonexistent")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env(MARK, test)
        // A test has to ask, where it names no endpoint.
        .env("METERS", "on")
        .envs(environment.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let (done, read) = mpsc::channel();
    std::thread::spawn(move || {
        let mut error = String::new();
        _ = std::io::Read::read_to_string(&mut stderr, &mut error);
        _ = done.send(error);
    });
    let (printed, output) = mpsc::channel();
    std::thread::spawn(move || {
        let mut output = String::new();
        _ = std::io::Read::read_to_string(&mut stdout, &mut output);
        _ = printed.send(output);
    });
    let Ok(error) = read.recv_timeout(WATCHDOG) else {
        child.kill().unwrap();
        panic!("{test} did not end in a process of its own");
    };
    let output = output.recv().unwrap();
    let status = child.wait().unwrap();
    assert!(status.success(), "{status}\n{output}\n{error}");
    assert!(output.contains("1 passed"), "no test is called {test}: {output}");
    Some(output)
}

/// The endpoint that the first process handed over.
pub(crate) fn endpoint() -> String {
    std::env::var("CW").unwrap()
}
