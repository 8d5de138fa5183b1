//! Series that are read from functions when somebody looks: at each window and each snapshot.
//!
//! Functions are the user's code: no lock is held while one runs, and what it does wrong is its own series' loss.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Acquire, Ordering::Relaxed, Ordering::Release};

use super::entry::{Entry, Instrument};
use super::{Register, Registry};
use crate::fork;
use crate::instrument::{FloatCounter, Gauge};

thread_local! {
    /// This thread reads functions: one that looks at its registry sees what was read last.
    static READING: Cell<bool> = const { Cell::new(false) };
}

/// Whose total a function tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Total {
    /// One in memory: a child of `fork` goes on with that of its parent, which is not the child's to tell.
    Kept,
    /// One that the system keeps of each process, from nothing on.
    OfProcess,
}

/// A function, and the series that it tells.
pub(super) struct Function {
    entry: &'static Entry,
    total: Total,
    /// Which of those that its series was read from.
    number: u32,
    read: Arc<dyn Fn() -> f64 + Send + Sync>,
    /// Whose thread reads it now: one more than the generation of the process, 0 for nobody.
    reader: AtomicU32,
    warned: AtomicBool,
}

impl Function {
    /// Reads it, unless another thread does at this moment: who waited could wait for ever, if the function wants a lock that
    /// is held where this is called.
    fn read(&self) {
        if self.entry.gate().is_shut() {
            if let Instrument::Amount(amount) = &self.entry.instrument {
                amount.skip();
            }
            return;
        }
        let mine = fork::generation() + 1;
        let reader = self.reader.load(Relaxed);
        // In a child of `fork` nobody goes on who read it in the parent.
        if reader == mine || self.reader.compare_exchange(reader, mine, Acquire, Relaxed).is_err() {
            return;
        }
        let read = catch_unwind(AssertUnwindSafe(|| (self.read)()));
        let wrong = match read {
            Ok(value) if self.take(value) => None,
            Ok(value) => Some(format!("returned {value}")),
            // What was thrown may throw again when it is dropped.
            Err(thrown) => {
                std::mem::forget(thrown);
                self.take(f64::NAN);
                Some("panicked".to_owned())
            }
        };
        self.reader.store(0, Release);
        if let Some(wrong) = wrong
            && !self.warned.swap(true, Relaxed)
        {
            let metric = &*self.entry.metric.name;
            tracing::warn!(
                metric,
                wrong,
                "a function that a metric is read from told no number that can be sent: the metric is left out until it does"
            );
        }
    }

    /// Takes what was read; false where nothing can, and nothing is shown.
    fn take(&self, value: f64) -> bool {
        match &self.entry.instrument {
            Instrument::Level(level) => {
                level.set(value) || {
                    level.unset();
                    false
                }
            }
            Instrument::Amount(amount) => amount.read(value, self.total == Total::OfProcess, self.number),
            _ => true,
        }
    }
}

impl Registry {
    /// From now on the series is read from this function, and from no other.
    pub(super) fn read_from(&self, entry: &'static Entry, total: Total, read: Arc<dyn Fn() -> f64 + Send + Sync>) {
        let (reader, warned) = (AtomicU32::new(0), AtomicBool::new(false));
        let mut functions = self.0.functions.lock();
        let number = if let Instrument::Amount(amount) = &entry.instrument { amount.read_anew() } else { 0 };
        let function = Arc::new(Function { entry, total, number, read, reader, warned });
        let known = functions.iter_mut().find(|known| std::ptr::eq(known.entry, entry));
        let before = match known {
            Some(known) => Some(std::mem::replace(known, function)),
            None => {
                functions.push(function);
                None
            }
        };
        drop(functions);
        drop(before);
    }

    /// Reads all functions. Not under any lock.
    pub(super) fn read_functions(&self) {
        let functions = self.0.functions.lock();
        if functions.is_empty() || READING.get() {
            return;
        }
        let all = functions.clone();
        drop(functions);
        struct Done;
        impl Drop for Done {
            fn drop(&mut self) {
                READING.set(false);
            }
        }
        READING.set(true);
        let _done = Done;
        all.iter().for_each(|function| function.read());
    }

    /// Forgets the functions of series that are gone. What they hold is dropped without a lock.
    pub(super) fn forget_functions(&self, gone: &[&'static Entry]) {
        let is_gone = |function: &mut Arc<Function>| gone.iter().any(|entry| std::ptr::eq(*entry, function.entry));
        let mut functions = self.0.functions.lock();
        let forgotten: Vec<_> = functions.extract_if(.., is_gone).collect();
        drop(functions);
        drop(forgotten);
    }
}

#[allow(clippy::wrong_self_convention)] // It is the metric that is from a function.
impl Register<'_, Gauge> {
    /// Registers the gauge and has it read from a function, at each window and each snapshot. The last function that was said
    /// of a series is asked, until the series is [unregistered](Registry::unregister).
    ///
    /// It is asked without a lock, and by one thread at a time: another one that looks meanwhile sees what was read last. So
    /// does a snapshot that the function itself takes; it may record and register. It should be quick, for the flusher waits for
    /// it, and must not wait for one who looks. If it panics or returns what CloudWatch could not take (NaN, infinite, beyond ±2^360), there is
    /// one warning through `tracing`, and the gauge is left out until it returns a number again.
    ///
    /// ```
    /// # use meters_core as meters;
    /// use std::sync::Mutex;
    /// static QUEUE: Mutex<Vec<u8>> = Mutex::new(Vec::new());
    /// let registry = meters::Registry::new();
    /// registry.gauge("QueueDepth").from_fn(|| QUEUE.lock().unwrap().len() as f64);
    /// QUEUE.lock().unwrap().push(1);
    /// assert_eq!(registry.snapshot().metric("QueueDepth").gauge(), Some(1.0));
    /// ```
    pub fn from_fn(self, read: impl Fn() -> f64 + Send + Sync + 'static) {
        self.read_from(Arc::new(read));
    }

    pub(super) fn read_from(self, read: Arc<dyn Fn() -> f64 + Send + Sync>) -> &'static Entry {
        let entry = self.told();
        self.draft.registry.read_from(entry, Total::Kept, read);
        entry
    }
}

#[allow(clippy::wrong_self_convention)] // As above.
impl Register<'_, FloatCounter> {
    /// Registers the counter and has it follow a total that is kept elsewhere, which the function returns: at each window and
    /// each snapshot, as with a [gauge](Self::from_fn).
    ///
    /// A total that falls adds nothing, and is followed from there on; what comes while the counter is switched off or
    /// unregistered is not counted. A child of `fork` counts what comes after its first look.
    ///
    /// ```
    /// # use meters_core as meters;
    /// use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    /// static JOULES: AtomicU64 = AtomicU64::new(40);
    /// let registry = meters::Registry::new();
    /// registry.float_counter("Energy").from_fn(|| JOULES.load(Relaxed) as f64 / 16.0);
    /// assert_eq!(registry.snapshot().metric("Energy").amount(), 2.5);
    /// ```
    pub fn from_fn(self, read: impl Fn() -> f64 + Send + Sync + 'static) {
        self.draft.registry.read_from(self.told(), Total::Kept, Arc::new(read));
    }

    /// The same of a total that the system keeps of each process: in a child of `fork` it is told from nothing on.
    #[doc(hidden)]
    pub fn from_fn_of_process(self, read: impl Fn() -> f64 + Send + Sync + 'static) {
        self.draft.registry.read_from(self.told(), Total::OfProcess, Arc::new(read));
    }
}
