//! Serves what processes share through a Redis to Prometheus: `meters-exposition --redis URL --namespace Shop`.
#![forbid(unsafe_code)]

mod arguments;
mod pages;
mod shown;
mod take;

use std::io::Write;
use std::process::ExitCode;

use meters_core::Error;
use meters_prometheus::{Exposition, listener};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use self::arguments::{HELP, Options, Wish};
use self::pages::Pages;

/// Of a command that cannot be meant.
const MISUSED: u8 = 2;

fn main() -> ExitCode {
    let options = match arguments::read(std::env::args_os(), |name| std::env::var(name).ok()) {
        Ok(Wish::Help) => {
            say(std::io::stdout(), HELP);
            return ExitCode::SUCCESS;
        }
        Ok(Wish::Version) => {
            say(std::io::stdout(), concat!("meters-exposition ", env!("CARGO_PKG_VERSION")));
            return ExitCode::SUCCESS;
        }
        Ok(Wish::Serve(options)) => options,
        Err(message) => return failed(&message, MISUSED),
    };
    listen();
    match serve(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&line(&error), 1),
    }
}

/// Serves until a signal comes.
fn serve(options: &Options) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Error::configuration("no runtime").with_source(error))?;
    // When the totals of a namespace began nobody knows.
    let exposition = Exposition::builder().prefix(&options.prefix).created(false).build()?;
    let pages = Pages::new(options)?;
    // First: from the line that it prints on, a signal ends it in peace.
    let ended = {
        let _within = runtime.enter();
        ended()?
    };
    // Not within: pages that nobody serves drop a runtime of their own.
    let endpoint = listener(&options.listen).serve(exposition, pages)?;
    say(std::io::stdout(), &format!("serving http://{}/metrics", endpoint.local_addr()));
    runtime.block_on(async {
        tokio::select! {
            () = take::all(options) => {}
            () = ended => {}
        }
    });
    Ok(())
}

/// Until a signal comes that is to end it.
fn ended() -> Result<impl Future<Output = ()>, Error> {
    let unheard = |error| Error::configuration("signals cannot be heard").with_source(error);
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminated = signal(SignalKind::terminate()).map_err(unheard)?;
        let mut interrupted = signal(SignalKind::interrupt()).map_err(unheard)?;
        Ok(async move {
            tokio::select! {
                _ = terminated.recv() => {}
                _ = interrupted.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    {
        let _: fn(std::io::Error) -> Error = unheard;
        Ok(async { _ = tokio::signal::ctrl_c().await })
    }
}

fn listen() {
    let told = Targets::new().with_target("meters", LevelFilter::WARN);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false).with_target(false);
    _ = tracing_subscriber::registry().with(lines.without_time()).with(told).try_init();
}

/// Whoever reads may be gone: that stops nobody.
fn say(mut to: impl Write, text: &str) {
    _ = writeln!(to, "{}", text.trim_end()).and_then(|()| to.flush());
}

/// One line about something that is the matter.
fn complain(message: &str) {
    say(std::io::stderr(), &format!("meters-exposition: {message}"));
}

fn failed(message: &str, code: u8) -> ExitCode {
    complain(message);
    ExitCode::from(code)
}

/// An error and its causes in one line.
fn line(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text} ({more})");
        }
        cause = error.source();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
