//! The thread that talks to the Redis. It has a runtime of its own, so that nobody else needs one.

use std::collections::VecDeque;
use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use meters_core::Error;
use meters_core::fork::{Lock, generation};
use tokio::sync::Notify;

use super::sender::Sender;
use super::shared::{Mode, Shared};

/// How long a transfer in the background tries before it says that it failed, and tries again.
const PATIENCE: Duration = Duration::from_secs(10);

/// A transfer that somebody waits for.
pub(super) struct Request {
    pub(super) deadline: Instant,
    /// The thread ends after it.
    pub(super) last: bool,
    pub(super) answer: Box<dyn FnOnce(Result<(), Error>) + Send>,
}

/// What leads to the thread.
#[derive(Default)]
pub(super) struct Link {
    pub(super) generation: u32,
    /// None once the thread has ended.
    requests: Lock<Option<VecDeque<Request>>>,
    /// Something is to be sent.
    bell: Notify,
    /// Somebody waits.
    asked: Notify,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link({})", self.generation)
    }
}

impl Link {
    pub(super) fn ring(&self) {
        self.bell.notify_one();
    }

    /// Has the thread do it; drops it, and with it the way to answer, where the thread has ended.
    pub(super) fn ask(&self, request: Request) {
        if let Some(requests) = &mut *self.requests.lock() {
            requests.push_back(request);
        }
        self.asked.notify_one();
    }

    pub(super) fn has_ended(&self) -> bool {
        self.requests.lock().is_none()
    }

    /// Until somebody waits. (A permit may be left of somebody who was served before they gave it.)
    async fn asked(&self) {
        loop {
            self.asked.notified().await;
            if self.requests.lock().as_ref().is_some_and(|requests| !requests.is_empty()) {
                return;
            }
        }
    }

    fn request(&self) -> Option<Request> {
        self.requests.lock().as_mut()?.pop_front()
    }
}

/// Nobody waits for a thread that has ended, however it did.
struct Ending(Arc<Link>);

impl Drop for Ending {
    fn drop(&mut self) {
        let left = self.0.requests.lock().take();
        drop(left);
    }
}

pub(super) fn start(shared: &Arc<Shared>) -> Result<Arc<Link>, Error> {
    let link =
        Arc::new(Link { generation: generation(), requests: Lock::new(Some(VecDeque::new())), ..Link::default() });
    let (ours, shared) = (Ending(Arc::clone(&link)), Arc::clone(shared));
    let failed = |error| Error::export("the thread that writes to the Redis cannot be started").with_source(error);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    std::thread::Builder::new()
        .name("meters-instrumentor".to_owned())
        .spawn(move || runtime.block_on(run(&shared, &ours.0)))
        .map_err(failed)?;
    Ok(link)
}

async fn run(shared: &Arc<Shared>, link: &Link) {
    let mut sender = Sender::new(shared);
    let mut troubled = false;
    let mut due = Instant::now();
    loop {
        if let Some(request) = link.request() {
            let result = sender.transfer(request.deadline, request.last).await;
            (request.answer)(result);
            if request.last {
                return;
            }
            continue;
        }
        let now = Instant::now();
        let patience = match shared.mode {
            Mode::Eager if sender.has_work() => PATIENCE,
            Mode::Every(interval) if due <= now => {
                due = now + interval;
                PATIENCE.min(interval.max(Duration::from_secs(1)))
            }
            _ => {
                wait(shared.mode, due, link).await;
                continue;
            }
        };
        // Who waits has a time of their own, that what waits for nobody must not use up. What is cut off is known to be.
        match select(pin!(sender.transfer(now + patience, false)), pin!(link.asked())).await {
            Either::Left((Ok(()), _)) => troubled = false,
            Either::Left((Err(error), _)) if !troubled => {
                troubled = true;
                tracing::warn!(?error, namespace = shared.namespace, "metrics wait for the Redis");
            }
            _ => {}
        }
    }
}

/// Until there may be something to do.
async fn wait(mode: Mode, due: Instant, link: &Link) {
    let asked = pin!(link.asked());
    match mode {
        Mode::ByHand => asked.await,
        Mode::Eager => _ = select(asked, pin!(link.bell.notified())).await,
        Mode::Every(_) => _ = select(asked, pin!(tokio::time::sleep_until(due.into()))).await,
    }
}
