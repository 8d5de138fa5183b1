//! The ends of a process that nobody announces: `exit`, and signals. And its beginning by `fork`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::time::Duration;

use meters_core::fork;

use crate::{flusher, running};

/// How long the end of the process may be put off.
pub(crate) const FAREWELL: Duration = Duration::from_secs(2);

/// From now on what runs is ended when the process exits, and goes on in children.
pub(crate) fn watch() {
    static WATCHING: Once = Once::new();
    WATCHING.call_once(|| {
        meters_core::process::at_exit(exit);
        fork::on_first_use(|| {
            running::revive();
            #[cfg(unix)]
            signals::revive();
        });
    });
}

extern "C" fn exit() {
    // A callback that exits runs on the thread that would have to answer; and a child that did nothing has nothing to send.
    if !flusher::is_flusher() && !fork::is_untouched() {
        _ = catch_unwind(AssertUnwindSafe(|| running::end_at_exit(FAREWELL)));
    }
}

#[cfg(unix)]
pub(crate) mod signals {
    use meters_core::fork::{self, Lock};
    use meters_core::process::{Watch, end_by};
    use meters_core::{Error, process};

    use super::FAREWELL;
    use crate::running;

    /// The process that watches, as [`fork::generation`] numbers them.
    static WATCHING: Lock<Option<u32>> = Lock::new(None);

    /// From now on everything is sent when a signal asks the process to end.
    pub(crate) fn watch() -> Result<(), Error> {
        let mut watching = WATCHING.lock();
        if *watching == Some(fork::generation()) {
            return Ok(());
        }
        let failed = |error| Error::configuration("signals cannot be watched").with_source(error);
        let watch: Watch = process::watch_signals().map_err(failed)?;
        let thread = std::thread::Builder::new().name("meters-signals".to_owned());
        process::without_signals(|| thread.spawn(move || listen(watch))).map_err(failed)?;
        *watching = Some(fork::generation());
        Ok(())
    }

    /// Watches in a child of `fork` if its parent did.
    pub(crate) fn revive() {
        let watched = WATCHING.lock().is_some();
        if watched {
            _ = watch();
        }
    }

    fn listen(mut watch: Watch) {
        while let Some((signal, ends)) = watch.wait() {
            if ends {
                running::end_all(FAREWELL);
                end_by(signal);
            } else {
                running::flush_all(FAREWELL);
            }
        }
    }
}
