//! A network between clients and a server that can be broken in the ways that networks break. Its dice are seeded.

mod connection;

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, Weak};
use std::thread;
use std::time::Duration;

/// What may happen to what a client sends, by probability; each time that something arrives.
#[derive(Clone, Debug)]
pub struct Faults {
    /// It is delivered, and the connection is closed before an answer.
    pub cut: f64,
    /// Half of it is delivered, and the connection is closed.
    pub half: f64,
    /// It is delivered later, even if the client has gone meanwhile.
    pub delay: f64,
    /// How much later.
    pub delayed: Range<Duration>,
}

impl Faults {
    /// Nothing happens.
    pub const NONE: Self = Self { cut: 0.0, half: 0.0, delay: 0.0, delayed: Duration::ZERO..Duration::ZERO };
}

/// How often each fault happened.
#[derive(Debug, Default)]
pub struct Happened {
    /// Delivered, and closed before an answer.
    pub cut: AtomicU64,
    /// Half delivered.
    pub half: AtomicU64,
    /// Delivered later.
    pub delay: AtomicU64,
}

/// A proxy on loopback, in this process.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    wire: Arc<Wire>,
}

/// What all connections of a proxy share.
#[derive(Debug)]
struct Wire {
    target: Mutex<u16>,
    faults: Mutex<Faults>,
    dice: Mutex<fastrand::Rng>,
    /// Only those that are: an hour makes many more.
    open: Mutex<Vec<Weak<TcpStream>>>,
    hole: Mutex<bool>,
    hole_ended: Condvar,
    ended: AtomicBool,
    happened: Happened,
}

impl Proxy {
    /// One in front of this port of loopback, without faults yet.
    pub fn before(port: u16, seed: u64) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let wire = Arc::new(Wire {
            target: Mutex::new(port),
            faults: Mutex::new(Faults::NONE),
            dice: Mutex::new(fastrand::Rng::with_seed(seed)),
            open: Mutex::default(),
            hole: Mutex::new(false),
            hole_ended: Condvar::new(),
            ended: AtomicBool::new(false),
            happened: Happened::default(),
        });
        let accepting = wire.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if accepting.ended.load(SeqCst) {
                    break;
                }
                connection::carry(client, &accepting);
            }
        });
        Self { address, wire }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// `redis://127.0.0.1:…`
    pub fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// What may happen from now on.
    pub fn set(&self, faults: Faults) {
        *self.wire.faults.lock().unwrap() = faults;
    }

    /// Where new connections go from now on; those that are open are closed.
    pub fn switch(&self, port: u16) {
        *self.wire.target.lock().unwrap() = port;
        self.cut_all();
    }

    /// Closes all connections.
    pub fn cut_all(&self) {
        for open in self.wire.open.lock().unwrap().drain(..).filter_map(|end| end.upgrade()) {
            _ = open.shutdown(std::net::Shutdown::Both);
        }
    }

    /// From now on, until told otherwise, nothing comes through in either direction, and nobody is told so; what was sent
    /// comes through afterwards.
    pub fn black_hole(&self, on: bool) {
        *self.wire.hole.lock().unwrap() = on;
        self.wire.hole_ended.notify_all();
    }

    /// How often each fault happened.
    pub fn happened(&self) -> &Happened {
        &self.wire.happened
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.wire.ended.store(true, SeqCst);
        self.black_hole(false);
        self.cut_all();
        // Wakes whoever accepts.
        _ = TcpStream::connect(self.address);
    }
}
