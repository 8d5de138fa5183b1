//! The chaos campaign: real writers, reporters and servers, all of which die, freeze, forget and are cut off at random; and
//! an account of every window. See `README.md` beside this package.

mod account;
mod campaign;
mod content;
mod fake;
mod faults;
mod held;
mod journal;
mod naive;
mod options;
mod receiver;
mod report;
mod reporter;
mod request;
mod role;
mod servers;
mod storage;
mod table;
mod verdict;
mod workforce;
mod writer;

use std::time::{Duration, SystemTime};

pub use account::{Rollback, Told, WriterLog};

pub use campaign::{Run, run};
pub use content::window;
pub use fake::{Fake, Flaw};
pub use journal::Journal;
pub use options::{Control, Mode, Options};
pub use receiver::{Receiver, Trouble};
pub use reporter::{Failpoints, Reporter};

pub use role::play;
pub use storage::storage;
pub use table::table;
pub use verdict::{Amount, Evidence, Verdict};
pub use writer::Writer;

/// About sixty times shorter than in life.
pub mod times {
    use std::time::Duration;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// What a writer waits between two pushes.
    pub const FLUSH: Duration = ms(200);
    /// P
    pub const PERIOD: Duration = ms(1_000);
    /// g
    pub const GRACE: Duration = ms(400);
    /// V
    pub const CLAIM: Duration = ms(7_000);
    /// How long a reporter tries to claim: a log that is written once a second takes 2.5 s to be sure.
    pub const CLAIMING: Duration = ms(5_000);
    /// G
    pub const TAKEOVER: Duration = ms(3_000);
    /// How long a leader leads.
    pub const LEASE: Duration = ms(2_000);
    /// R: longer than what any mode may forget.
    pub const RETENTION: Duration = ms(5_000);
    /// How long a request for CloudWatch may take.
    pub const REQUEST: Duration = ms(400);
    /// How long a signature is good for.
    pub const SIGNATURE: Duration = ms(1_500);
    /// After how long what was signed is looked up.
    pub const READ_BACK: Duration = ms(2_000);
    /// How long a command to Redis may take.
    pub const RESPONSE: Duration = ms(400);
    /// The most that a loss of power takes back.
    pub const UNSYNCED: Duration = ms(1_200);
    /// The longest that a master may be cut off from its replica before it dies.
    pub const LAG: Duration = ms(1_500);
}

/// Microseconds since 1970: one clock for all processes of a machine.
pub fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_micros() as u64
}
