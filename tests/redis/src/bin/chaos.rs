//! The chaos campaign; see `README.md` beside this package.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;
use std::thread;

use meters_redis_tests::chaos::{Control, Mode, Options, play, run, table};

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
    let of = |mode| match (options.read_back, options.control) {
        (Some(one), _) => vec![(mode, one)],
        (None, Control::NoFence) => vec![(mode, true)],
        // Where nothing fails but the Redis there is nothing to look up.
        (None, Control::Off) if mode != Mode::None => vec![(mode, false), (mode, true)],
        (None, _) => vec![(mode, false)],
    };
    let runs: Vec<_> = thread::scope(|scope| {
        let options = &options;
        let running: Vec<_> = modes
            .into_iter()
            .flat_map(of)
            .map(|(mode, read_back)| scope.spawn(move || run(options, mode, read_back)))
            .collect();
        running.into_iter().map(|run| run.join().unwrap()).collect()
    });
    println!("{}", table(&runs));
    let green = runs.iter().all(|run| run.verdict.violations.is_empty());
    ExitCode::from(u8::from(!green))
}
