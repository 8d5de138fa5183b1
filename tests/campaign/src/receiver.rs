//! The receiver, which may go away and come back, and what it saw.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use meters_local::{Datum, Fault, LoggedRequest, Server};

/// Nothing is logged after that which ever will be.
const PATIENCE: Duration = Duration::from_secs(60);

/// One port, on which there is a server or none.
pub(crate) struct Receiver {
    port: u16,
    server: Option<Server>,
    seen: Vec<LoggedRequest>,
    stored: Vec<Datum>,
    /// Metrics that are refused, also by a server that comes back.
    poison: Option<String>,
}

impl Receiver {
    pub(crate) fn new() -> Self {
        let server = anywhere();
        Self { port: server.address().port(), server: Some(server), seen: Vec::new(), stored: Vec::new(), poison: None }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn is_here(&self) -> bool {
        self.server.is_some()
    }

    pub(crate) fn go_away(&mut self) {
        let Some(server) = self.server.take() else { return };
        // A request whose client has left already may be stored and not in the log yet.
        let (mut stored, mut seen) = (Vec::new(), Vec::new());
        let whole = server.wait_until(
            |server| {
                (stored, seen) = (server.datums(), server.requests());
                let logged: usize = seen.iter().filter(|one| one.stored).map(|one| one.contents.len()).sum();
                stored.len() == logged
            },
            PATIENCE,
        );
        assert!(whole, "the receiver's log is not what it holds");
        self.stored.extend(stored);
        self.seen.extend(seen);
    }

    pub(crate) fn come_back(&mut self) {
        if self.server.is_none() {
            let server = Server::builder().port(self.port).log_datums().start().unwrap();
            if let Some(name) = &self.poison {
                server.faults().poison(name);
            }
            self.server = Some(server);
        }
    }

    pub(crate) fn push(&self, fault: &Fault, times: usize) {
        if let Some(server) = &self.server {
            server.faults().push_many(fault.clone(), times);
        }
    }

    pub(crate) fn always(&self, fault: &Fault) {
        if let Some(server) = &self.server {
            server.faults().always(fault.clone());
        }
    }

    pub(crate) fn poison(&mut self, name: &str) {
        self.poison = Some(name.to_owned());
        if let Some(server) = &self.server {
            server.faults().poison(name);
        }
    }

    /// No fault any more, and somebody there.
    pub(crate) fn calm(&mut self) {
        self.poison = None;
        self.come_back();
        if let Some(server) = &self.server {
            server.faults().clear();
        }
    }

    /// Requests seen so far, by any server of this port.
    pub(crate) fn count(&self) -> usize {
        self.seen.len() + self.server.as_ref().map_or(0, |server| server.request_count() as usize)
    }

    /// Waits for that many more requests, or for so long.
    pub(crate) fn wait_for(&self, more: u64, patience: Duration) -> bool {
        self.server.as_ref().is_some_and(|server| server.wait_for_requests(server.request_count() + more, patience))
    }

    /// All requests, and all that is stored.
    pub(crate) fn end(mut self) -> (Vec<LoggedRequest>, Vec<Datum>) {
        self.go_away();
        (self.seen, self.stored)
    }
}

/// Ports that the system gives to nobody by itself: one that is left for a while is still this schedule's.
fn new_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Relaxed).wrapping_add(std::process::id().wrapping_mul(97));
    20_000 + (number % 12_000) as u16
}

fn anywhere() -> Server {
    for _ in 0..1_000 {
        if let Ok(server) = Server::builder().port(new_port()).log_datums().start() {
            return server;
        }
    }
    panic!("no port is free between 20,000 and 32,000")
}
