//! What a flusher works with: a queue of its own, a storage that it shares, or nothing that it sends to.

use std::pin::Pin;
use std::time::Duration;

use meters_core::Error;
use tokio::sync::mpsc::UnboundedReceiver;

use super::nowhere::Nowhere;
use super::shared::Shared;
use super::{Command, Plan};

/// Work on the flusher's own thread.
pub(super) type Task<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Others who ask.
pub(super) type Asked = UnboundedReceiver<Command>;

/// What the thread, or the one of a single flush, drives.
pub(super) trait Work: Send {
    /// Takes over what earlier processes left on this machine.
    fn recover(&mut self) {}

    /// Does what it is asked, and what is asked meanwhile; says whether that was the last thing.
    fn serve<'a>(&'a mut self, command: Command, asked: &'a mut Asked) -> Task<'a, bool>;

    /// Says why it cannot be done: what was recorded waits, or, at the end, is kept or given up; and whether it was the last
    /// thing.
    fn refuse(&mut self, command: Command, why: &Error) -> bool;

    fn tell_error(&self, error: &Error);

    /// Works, until it is told to stop.
    fn live<'a>(self: Box<Self>, asked: &'a mut Asked, interval: Duration) -> Task<'a, ()>;

    /// The same in a child of `fork`, beginning with the `first` command.
    fn revive<'a>(self: Box<Self>, first: Option<Command>, asked: &'a mut Asked, interval: Duration) -> Task<'a, ()>;
}

/// Connects; the error says what to set.
pub(super) async fn connect(plan: Plan) -> Result<Box<dyn Work>, Error> {
    if let Some(sharing) = plan.sharing.clone() {
        return Ok(Box::new(Shared::join(plan, sharing).await?));
    }
    #[cfg(feature = "cloudwatch")]
    if let Some(exit) = plan.cloudwatch.clone() {
        return Ok(Box::new(super::alone::Engine::connect(&plan, exit).await?));
    }
    Ok(Box::new(Nowhere::new(&plan)))
}

/// In a child of `fork`, whose parent had connected: so it shall be here. Until it is, what is recorded waits.
pub(super) fn later(plan: Plan) -> Box<dyn Work> {
    if let Some(sharing) = plan.sharing.clone() {
        return Box::new(Shared::later(plan, sharing));
    }
    #[cfg(feature = "cloudwatch")]
    if let Some(exit) = plan.cloudwatch.clone() {
        return Box::new(super::alone::Engine::later(&plan, exit));
    }
    Box::new(Nowhere::new(&plan))
}
