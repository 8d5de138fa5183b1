//! A storage that does what a test says.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use meters_core::storage::{Joined, Pushed, Task, Writer};
use meters_core::{Namespace, Registry, Seat, Window};
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::timeout;

use super::super::Reply;
use super::conductor::Push;
use super::*;

/// What becomes of a push; at the end of the list, it takes everything.
#[derive(Debug)]
enum Turn {
    Never,
    After(Duration),
    Panic,
}

#[derive(Debug, Default)]
struct Scripted {
    turns: VecDeque<Turn>,
    waiting: u64,
    done: Arc<Mutex<u32>>,
}

impl Scripted {
    fn new(turns: impl IntoIterator<Item = Turn>) -> Self {
        Self { turns: turns.into_iter().collect(), ..Self::default() }
    }
}

impl Writer for Scripted {
    fn take(&mut self, window: &Window) {
        self.waiting += window.iter().len() as u64;
    }

    fn push(&mut self, _: Instant) -> Task<'_, Pushed> {
        Box::pin(async move {
            match self.turns.pop_front() {
                None => {}
                Some(Turn::Never) => std::future::pending().await,
                Some(Turn::After(time)) => sleep(time).await,
                Some(Turn::Panic) => panic!("as a test wishes"),
            }
            *self.done.lock().unwrap() += 1;
            let mut pushed = Pushed::default();
            pushed.pushed = std::mem::take(&mut self.waiting);
            pushed
        })
    }

    fn pending(&self) -> u64 {
        self.waiting
    }
}

#[derive(Debug)]
struct Once(Mutex<Option<Scripted>>);

impl Storage for Once {
    fn join(&self, _: Terms) -> Task<'_, Result<Joined, Error>> {
        let Some(writer) = self.0.lock().unwrap().take() else { return Box::pin(std::future::pending()) };
        Box::pin(async { Ok(Joined::new(Box::new(writer), None)) })
    }
}

/// Far longer than anything here takes.
const GUARD: Duration = Duration::from_secs(60);

fn said() -> Said {
    Namespace::new("Shop").unwrap().into()
}

fn member(turns: impl IntoIterator<Item = Turn>) -> (Registry, Shared) {
    sharing(Once(Mutex::new(Some(Scripted::new(turns)))))
}

/// One that waits for ever to join.
fn outsider() -> (Registry, Shared) {
    sharing(Once(Mutex::new(None)))
}

fn sharing(storage: Once) -> (Registry, Shared) {
    let registry = Registry::new();
    let (seat, said) = (Seat::default(), said());
    let plan = Plan { registry: registry.clone(), said, seat, cloudwatch: None, sharing: None };
    (registry, Shared::later(plan, Sharing { storage: Arc::new(storage), period: GUARD }))
}

fn runtime(paused: bool) -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(paused).build().unwrap()
}

type Reports = std::sync::mpsc::Receiver<FlushReport>;

fn reply() -> (Reply<FlushReport>, Reports) {
    let (send, reports) = std::sync::mpsc::channel();
    (Box::new(move |report| send.send(report).unwrap()), reports)
}

/// Asks for a flush with all the time of the world, then for a shutdown with little.
fn ask(commands: &UnboundedSender<Command>) -> (Reports, Reports) {
    let ((flush, flushed), (shutdown, ended)) = (reply(), reply());
    let soon = Instant::now() + Duration::from_millis(200);
    assert!(commands.send(Command::Flush { deadline: Instant::now() + 60 * GUARD, reply: flush }).is_ok());
    assert!(commands.send(Command::Shutdown { deadline: soon, reply: shutdown }).is_ok());
    (flushed, ended)
}

fn gave_way((flushed, ended): (Reports, Reports)) {
    let flushed = flushed.recv().unwrap();
    assert!(flushed.error.as_ref().is_some_and(Error::is_timeout), "{flushed}");
    let ended = ended.recv().unwrap();
    assert_eq!((ended.pushed, ended.dropped), (1, 0), "{ended}");
}

#[test]
fn a_flush_that_takes_long_gives_way_to_a_shutdown() {
    let (registry, shared) = member([Turn::Never]);
    let (commands, mut asked) = unbounded_channel();
    registry.counter("Orders").register().inc(1);
    let reports = ask(&commands);
    runtime(false).block_on(async { timeout(GUARD, shared.revive(None, &mut asked, GUARD)).await }).expect("it hangs");
    gave_way(reports);
}

#[test]
fn without_a_standing_thread_it_gives_way_as_well() {
    let (registry, mut shared) = member([Turn::Never]);
    let (commands, mut asked) = unbounded_channel();
    registry.counter("Orders").register().inc(1);
    let reports = ask(&commands);
    let first = asked.try_recv().unwrap_or_else(|_| unreachable!());
    let last = runtime(false).block_on(async { timeout(GUARD, shared.serve(first, &mut asked)).await });
    assert!(last.expect("it hangs"));
    gave_way(reports);
}

#[test]
fn a_shutdown_in_a_child_that_cannot_join_says_in_time_what_is_lost() {
    for standing in [true, false] {
        let (registry, mut shared) = outsider();
        let (_commands, mut asked) = unbounded_channel();
        registry.counter("Orders").register().inc(1);
        let (reply, reports) = reply();
        let shutdown = Command::Shutdown { deadline: Instant::now() + Duration::from_millis(50), reply };
        let work = async {
            match standing {
                true => timeout(GUARD, shared.revive(Some(shutdown), &mut asked, GUARD)).await,
                false => timeout(GUARD, shared.serve(shutdown, &mut asked)).await.map(|_| ()),
            }
        };
        runtime(false).block_on(work).expect("it hangs");
        let report = reports.recv().unwrap();
        assert_eq!((report.dropped, report.error.is_some()), (1, true), "{report}");
    }
}

#[test]
fn a_push_that_panics_is_no_success() {
    let (registry, mut shared) = member([Turn::Panic]);
    let (_commands, mut asked) = unbounded_channel();
    registry.counter("Orders").register().inc(1);
    for pending in [1, 0] {
        let (reply, reports) = reply();
        let flush = Command::Flush { deadline: Instant::now() + GUARD, reply };
        assert!(!runtime(false).block_on(shared.serve(flush, &mut asked)));
        let report = reports.recv().unwrap();
        assert_eq!((report.pending, report.is_complete()), (pending, pending == 0), "{report}");
    }
}

/// Else a storage that is slow or away would never be told of.
#[test]
fn a_push_that_takes_longer_than_an_interval_comes_to_its_end() {
    let second = Duration::from_secs(1);
    let writer = Scripted::new((0..100).map(|_| Turn::After(second * 3 / 2)));
    let done = writer.done.clone();
    let mut pusher = Pusher::new(Box::new(writer), said(), None);
    let (windows, asked) = unbounded_channel();
    let (registry, mut ticks) = (Registry::new(), 0);
    let mut reader = registry.reader();
    runtime(true).block_on(async {
        let recording = async {
            while ticks < 20 {
                ticks += 1;
                assert!(windows.send(Push::Window(reader.window())).is_ok());
                sleep(second).await;
            }
        };
        tokio::select! {
            () = pusher.live(asked, second / 10, 10 * second) => unreachable!(),
            () = recording => {}
        }
    });
    assert!(*done.lock().unwrap() > 5, "each was cut off by the window that came meanwhile");
}

/// The way out, as a reporter has it.
#[cfg(feature = "cloudwatch")]
mod reporting {
    use std::ops::Range;

    use meters_core::storage::{Claim, Drain, Fate, Health, Progress};

    use super::*;
    use crate::export::cloudwatch::client::scripted::Server;
    use crate::export::cloudwatch::{Exit, Settings};

    /// Has nothing to report, and notes what it is asked for.
    #[derive(Clone, Debug, Default)]
    struct Idle {
        asked: Arc<Mutex<Vec<&'static str>>>,
        /// It is never told whether there is something to report.
        stuck: bool,
    }

    impl Drain for Idle {
        fn claim(&mut self, _: Instant) -> Task<'_, Result<Option<Claim>, Error>> {
            self.asked.lock().unwrap().push("claim");
            let stuck = self.stuck;
            Box::pin(async move { if stuck { std::future::pending().await } else { Ok(None) } })
        }

        fn next(&self) -> Instant {
            Instant::now() + GUARD
        }

        fn plan<'a>(&'a mut self, _: &'a Claim, _: u32, _: u64) -> Task<'a, Result<Progress, Error>> {
            unreachable!()
        }

        fn begin<'a>(&'a mut self, _: &'a Claim, _: Range<u32>, _: Duration) -> Task<'a, Result<bool, Error>> {
            unreachable!()
        }

        fn end<'a>(&'a mut self, _: &'a Claim, _: Range<u32>, _: Fate) -> Task<'a, Result<(), Error>> {
            unreachable!()
        }

        fn leave(&mut self, _: Claim) -> Task<'_, ()> {
            unreachable!()
        }

        fn retire(&mut self, _: Instant) -> Task<'_, ()> {
            self.asked.lock().unwrap().push("retire");
            Box::pin(async {})
        }

        fn health(&self) -> Health {
            Health::default()
        }
    }

    #[derive(Debug)]
    struct Both(Idle, Arc<Mutex<u32>>);

    impl Storage for Both {
        fn join(&self, _: Terms) -> Task<'_, Result<Joined, Error>> {
            let drain = Box::new(self.0.clone());
            let writer = Box::new(Scripted { done: self.1.clone(), ..Scripted::default() });
            Box::pin(async { Ok(Joined::new(writer, Some(drain))) })
        }
    }

    /// One that reports, and how often it has pushed.
    fn reporter(drain: &Idle) -> (Registry, Shared, Arc<Mutex<u32>>) {
        let (registry, pushes) = (Registry::new(), Arc::default());
        let exit = Exit { client: Ok(Server::new([]).client()), settings: Settings::new(said()) };
        let (cloudwatch, seat) = (Some(exit), Seat::default());
        let plan = Plan { registry: registry.clone(), said: said(), seat, cloudwatch, sharing: None };
        let storage = Arc::new(Both(drain.clone(), Arc::clone(&pushes)));
        (registry, Shared::later(plan, Sharing { storage, period: GUARD }), pushes)
    }

    #[test]
    fn a_reporter_that_is_shut_down_gives_back_what_it_has_after_its_last_report() {
        for standing in [true, false] {
            let drain = Idle::default();
            let (registry, mut shared, _) = reporter(&drain);
            registry.counter("Orders").register().inc(1);
            let (commands, mut asked) = unbounded_channel();
            let (reply, reports) = reply();
            let shutdown = Command::Shutdown { deadline: Instant::now() + GUARD, reply };
            let work = async {
                if standing {
                    assert!(commands.send(shutdown).is_ok());
                    timeout(GUARD, shared.revive(None, &mut asked, GUARD)).await
                } else {
                    timeout(GUARD, shared.serve(shutdown, &mut asked)).await.map(|_| ())
                }
            };
            runtime(false).block_on(work).expect("it hangs");
            assert!(reports.recv().unwrap().is_complete());
            assert_eq!(drain.asked.lock().unwrap()[..], ["claim", "retire"], "standing: {standing}");
        }
    }

    #[test]
    fn windows_that_end_while_a_flush_reports_are_pushed_meanwhile() {
        let drain = Idle { stuck: true, ..Idle::default() };
        let (registry, shared, pushes) = reporter(&drain);
        let (commands, mut asked) = unbounded_channel();
        let (reply, reports) = reply();
        assert!(commands.send(Command::Flush { deadline: Instant::now() + 60 * GUARD, reply }).is_ok());
        let pushing = async {
            while *pushes.lock().unwrap() < 5 {
                registry.counter("Orders").register().inc(1);
                sleep(Duration::from_millis(5)).await;
            }
        };
        runtime(false).block_on(async {
            let work = shared.revive(None, &mut asked, Duration::from_millis(20));
            tokio::select! {
                () = work => unreachable!(),
                pushed = timeout(GUARD, pushing) => pushed.expect("nothing is pushed meanwhile"),
            }
        });
        assert!(reports.try_recv().is_err(), "the flush is still under way");
    }
}
