//! What the shapes run on: time that surely passes, futures that surely wait, and one line that says what was seen.

use std::cell::Cell;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

/// An error that any of the tools can take.
pub type E = Box<dyn std::error::Error + Send + Sync>;

thread_local! {
    static SPENT: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// What a tool reported of a shape; `None` where it has no word for it.
#[derive(Default)]
pub struct Seen {
    pub calls: u64,
    pub errors: Option<u64>,
    pub panics: Option<u64>,
    pub cancelled: Option<u64>,
    pub nanoseconds: u64,
}

impl Seen {
    /// One line for the runner: calls, errors, panics, cancelled, nanoseconds reported and surely spent.
    pub fn print(&self) {
        let word = |count: Option<u64>| count.map_or("-".to_owned(), |count| count.to_string());
        let (errors, panics, cancelled) = (word(self.errors), word(self.panics), word(self.cancelled));
        let spent = SPENT.get().as_nanos();
        println!("seen {} {errors} {panics} {cancelled} {} {spent}", self.calls, self.nanoseconds);
    }
}

/// Time that surely passes.
pub fn spend() {
    let least = Duration::from_millis(2);
    thread::sleep(least);
    SPENT.set(SPENT.get() + least);
}

/// Pending once; the time passes while nobody polls.
pub struct Rest(bool);

pub const fn rest() -> Rest {
    Rest(false)
}

impl Future for Rest {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Polls to the end; time is spent between the polls.
pub fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => return output,
            Poll::Pending => spend(),
        }
    }
}

/// One poll, and dropped later.
pub fn abandon<F: Future>(future: F) {
    let mut future = pin!(future);
    let polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_pending());
    spend();
}

pub fn send<T: Send>(value: T) -> T {
    value
}

/// A panic without a message on the terminal.
pub fn panics() -> ! {
    std::panic::resume_unwind(Box::new("wanted"))
}

pub fn caught(run: impl FnOnce()) {
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).is_err());
}
