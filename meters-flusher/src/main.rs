//! Reports what processes share through a Redis to Amazon CloudWatch: `meters-flusher run`, `once` and `status`.
//!
//! A sidecar or a cron job with it lets web workers do without AWS credentials: they are started with `push_only()`.
#![forbid(unsafe_code)]

mod application;
mod arguments;
mod once;
mod options;
mod run;
mod say;
mod show;
mod status;
mod wait;
mod words;

use std::process::ExitCode;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use self::application::Application;
use self::arguments::Wish;
use self::options::{Deed, Options};

/// Of a command that cannot be meant.
const MISUSED: u8 = 2;

fn main() -> ExitCode {
    let variable = |name: &str| std::env::var(name).ok();
    let (deed, options) = match arguments::read(std::env::args_os(), variable) {
        Ok(Wish::Help) => {
            say::out(arguments::HELP);
            return ExitCode::SUCCESS;
        }
        Ok(Wish::Version) => {
            say::out(concat!("meters-flusher ", env!("CARGO_PKG_VERSION")));
            return ExitCode::SUCCESS;
        }
        Ok(Wish::Do(deed, options)) => (deed, options),
        Err(message) => return failed(&message, MISUSED),
    };
    let applications = match Application::all(&options) {
        Ok(applications) => applications,
        Err(message) => return failed(&message, MISUSED),
    };
    listen();
    if deed != Deed::Status
        && let Err(message) = application::check(&options)
    {
        return failed(&message, 1);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(go(deed, *options, applications)),
        Err(error) => failed(&format!("no runtime: {error}"), 1),
    }
}

fn failed(message: &str, code: u8) -> ExitCode {
    say::complain(message);
    ExitCode::from(code)
}

/// What the storage has to say. Errors of reports come by `on_error`, and are not told twice.
fn listen() {
    let told = Targets::new().with_target("meters_redis", LevelFilter::INFO).with_target("meters", LevelFilter::ERROR);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false).with_target(false);
    _ = tracing_subscriber::registry().with(lines.without_time()).with(told).try_init();
}

async fn go(deed: Deed, options: Options, applications: Vec<Application>) -> ExitCode {
    let well = match deed {
        Deed::Run => run::run(&options, applications).await,
        Deed::Once => each(&options, applications, once::once).await,
        Deed::Status => each(&options, applications, status::status).await,
    };
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One after the other; whether all went well. One that fails stops no other.
async fn each<F>(options: &Options, applications: Vec<Application>, deed: impl Fn(Options, Application) -> F) -> bool
where
    F: Future<Output = Result<(), String>>,
{
    let mut well = true;
    for application in applications {
        let name = application.name.clone();
        if let Err(message) = deed(options.clone(), application).await {
            say::trouble(&name, &message);
            well = false;
        }
    }
    well
}
