//! Reports for ever.

use std::time::Duration;

use meters::{FlushReport, Meters};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::application::{Application, Terms};
use crate::options::Options;
use crate::{say, show};

/// How long a round may take, and how long the last one may.
const ROUND: Duration = Duration::from_secs(30);
const LAST: Duration = Duration::from_secs(8);
/// Between two looks whether a first process has come.
const PAUSE: Duration = Duration::from_secs(1);
/// Between two looks at what is due.
const TICK: Duration = Duration::from_secs(10);

/// Whether everything could be started; once it is, nothing ends it but a signal.
pub(crate) async fn run(options: &Options, applications: Vec<Application>) -> bool {
    let (stop, stopped) = watch::channel(());
    let mut all = JoinSet::new();
    for application in applications {
        all.spawn(alone(options.clone(), application, stopped.clone()));
    }
    drop(stopped);
    let signal = signals();
    tokio::pin!(signal);
    let mut well = true;
    loop {
        tokio::select! {
            () = &mut signal => break,
            ended = all.join_next() => match ended {
                Some(ended) => well &= ended.unwrap_or(false),
                None => return well,
            },
        }
        if !well {
            break;
        }
    }
    drop(stop);
    while let Some(ended) = all.join_next().await {
        well &= ended.unwrap_or(false);
    }
    well
}

async fn alone(options: Options, application: Application, mut stopped: watch::Receiver<()>) -> bool {
    let begun = tokio::select! {
        begun = begin(&options, &application) => begun,
        _ = stopped.changed() => return true,
    };
    match begun {
        Ok((meters, terms)) => report(&options, &application, &terms, &meters, stopped).await,
        Err(message) => {
            say::trouble(&application.name, &message);
            return false;
        }
    }
    true
}

/// Waits for a first process, where the period is to be learnt.
async fn begin(options: &Options, application: &Application) -> Result<(Meters, Terms), String> {
    let mut told = None;
    let terms = loop {
        let trouble = match application.status().await {
            Ok(status) => match application.terms(options, &status) {
                Some(terms) => break terms,
                None => "nobody has pushed anything yet: it begins when somebody does, or say --interval".to_owned(),
            },
            Err(error) if error.is_configuration() => return Err(say::line(&error)),
            Err(error) => say::line(&error),
        };
        if told.as_ref() != Some(&trouble) {
            say::trouble(&application.name, &trouble);
            told = Some(trouble);
        }
        sleep(PAUSE).await;
    };
    let (options, application) = (options.clone(), application.clone());
    // Connecting waits for the network.
    let started =
        tokio::task::spawn_blocking(move || application.start(&options, &terms).map(|meters| (meters, terms)));
    started.await.map_err(|error| error.to_string())?
}

async fn report(
    options: &Options,
    application: &Application,
    terms: &Terms,
    meters: &Meters,
    mut stopped: watch::Receiver<()>,
) {
    let mut total = FlushReport::default();
    let mut health = Instant::now();
    loop {
        let round = tokio::select! {
            report = meters.flush_async(ROUND) => report,
            _ = stopped.changed() => break,
        };
        tell(options, application, &round);
        total.merge(round);
        if Instant::now() >= health {
            health = Instant::now() + terms.period;
            // Who may report may not always look: then there is less to tell.
            let status = timeout(ROUND, application.status()).await.ok().and_then(Result::ok);
            say::out(&show::health(options, application, terms, &total, status.as_ref()));
        }
        tokio::select! {
            () = sleep((terms.period / 6).min(TICK)) => {}
            _ = stopped.changed() => break,
        }
    }
    let last = meters.shutdown_async(options.timeout.unwrap_or(LAST)).await;
    tell(options, application, &last);
    total.merge(last);
    say::out(&show::health(options, application, terms, &total, None));
}

/// Most rounds find nothing.
fn tell(options: &Options, application: &Application, report: &FlushReport) {
    if report.requests + report.sent + report.refused + report.dropped > 0 {
        say::report(options, &application.name, report);
    }
}

/// SIGTERM or SIGINT.
async fn signals() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    _ = tokio::signal::ctrl_c().await;
}
