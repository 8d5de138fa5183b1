//! The chaos campaign; see `README.md` beside this package.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;
use std::thread;

use meters_redis_tests::chaos::{Mode, Options, play, run, table};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let Some(code) = play(&words) {
        return code;
    }
    let options = match Options::read(words.into_iter()) {
        Ok(options) => options,
        Err(usage) => {
            eprintln!("{usage}");
            return ExitCode::from(2);
        }
    };
    let modes = options.mode.map_or(Mode::ALL.to_vec(), |mode| vec![mode]);
    let runs: Vec<_> = thread::scope(|scope| {
        let options = &options;
        let running: Vec<_> = modes.into_iter().map(|mode| scope.spawn(move || run(options, mode))).collect();
        running.into_iter().map(|run| run.join().unwrap()).collect()
    });
    println!("{}", table(&runs));
    let green = runs.iter().all(|run| run.verdict.violations.is_empty());
    ExitCode::from(u8::from(!green))
}
