//! The thread that serves, and the handle that ends it.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener, ToSocketAddrs};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use meters_core::{Error, fork};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, oneshot};

use super::Source;
use super::connection::{Limits, serve};
use crate::Exposition;

/// How a [`Listener`] that was told nothing else serves.
const LIMITS: Limits = Limits {
    header: Duration::from_secs(10),
    write: Duration::from_secs(10),
    whole: Duration::from_secs(240),
    last: Duration::from_secs(60),
    connections: 64,
    pages: 4,
};

/// An endpoint that is to be opened at this address: `127.0.0.1:9464`, `[::1]:9464`, `localhost:9464`; a port alone is one of
/// 127.0.0.1, and port 0 any that is free. Whoever reaches the address may read all metrics: leave it on loopback, or behind
/// what keeps strangers out.
///
/// It serves `/metrics` in the [format](crate::Format) that is asked for, compressed where that is accepted, and `/healthz`,
/// over HTTP/1.1. Nothing fails before [`serve`](Listener::serve).
///
/// ```
/// use std::io::{Read, Write};
/// use meters_core::Registry;
/// use meters_prometheus::{Exposition, listener};
/// let registry = Registry::new();
/// registry.counter("orders").register().inc(3);
/// let endpoint = listener("127.0.0.1:0").serve(Exposition::new(), registry)?;
/// let mut connection = std::net::TcpStream::connect(endpoint.local_addr())?;
/// connection.write_all(b"GET /metrics HTTP/1.0\r\n\r\n")?;
/// let mut answer = String::new();
/// connection.read_to_string(&mut answer)?;
/// assert!(answer.starts_with("HTTP/1.0 200 OK\r\n"));
/// assert!(answer.ends_with("\r\n\r\n# TYPE orders_total counter\norders_total 3\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn listener(address: impl Into<String>) -> Listener {
    Listener { address: address.into(), limits: LIMITS }
}

/// How an endpoint shall serve; made by [`listener`].
#[derive(Clone, Debug)]
#[must_use = "nothing listens until `serve()`"]
pub struct Listener {
    address: String,
    limits: Limits,
}

impl Listener {
    /// How long a connection may take to send the head of a request, or be idle before it does: 10 s unless told.
    pub fn header_timeout(mut self, timeout: Duration) -> Self {
        self.limits.header = timeout;
        self
    }

    /// How long a client may take none of what it is sent: 10 s unless told. No connection lives longer than five minutes.
    pub fn write_timeout(mut self, timeout: Duration) -> Self {
        self.limits.write = timeout;
        self
    }

    /// How many connections there may be at a time, 64 unless told; at least one. Others wait. Of these, four are sent pages at a
    /// time.
    pub fn max_connections(mut self, most: usize) -> Self {
        self.limits.connections = most.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// Binds the address, and serves pages of `source` until the endpoint is dropped, on a thread called `meters-prometheus`.
    ///
    /// A child of `fork` does not serve.
    ///
    /// # Errors
    /// [`Error::is_configuration`] for what is no address, for one that is in use or not to be had here, and where there is no
    /// thread to be had.
    pub fn serve(self, exposition: impl Into<Arc<Exposition>>, source: impl Source) -> Result<Endpoint, Error> {
        let Self { address, limits } = self;
        let bound = bind(&address).map_err(|error| cannot_listen(&address, error))?;
        let thread = || -> io::Result<_> {
            bound.listener.set_nonblocking(true)?;
            let address = bound.listener.local_addr()?;
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_io()
                .enable_time()
                .thread_name("meters-prometheus")
                .build()?;
            let bound = {
                let _inside = runtime.enter();
                bound.entered()?
            };
            let (stop, stopped) = oneshot::channel();
            let pages = Arc::new(Semaphore::new(limits.pages));
            let serving = Arc::new(Serving { exposition: exposition.into(), source: Box::new(source), pages, limits });
            // A signal is for the threads of the program.
            let thread = meters_core::process::without_signals(|| {
                let run = move || run(runtime, bound, stopped, serving);
                thread::Builder::new().name("meters-prometheus".to_owned()).spawn(run)
            })?;
            Ok(Endpoint { address, generation: fork::generation(), running: Some((stop, thread)) })
        };
        thread().map_err(|error| cannot_listen(&address, error))
    }
}

impl<A: Into<String>> From<A> for Listener {
    fn from(address: A) -> Self {
        listener(address)
    }
}

/// What connections share.
pub(super) struct Serving {
    pub(super) exposition: Arc<Exposition>,
    pub(super) source: Box<dyn Source>,
    /// Each page holds a snapshot.
    pub(super) pages: Arc<Semaphore>,
    pub(super) limits: Limits,
}

/// A socket that listens, and that children close.
struct Bound<L = StdListener> {
    #[cfg(all(unix, not(miri)))]
    _own: Option<meters_core::process::Own>,
    listener: L,
}

impl Bound {
    /// The same descriptor, for a runtime.
    fn entered(self) -> io::Result<Bound<TcpListener>> {
        let listener = TcpListener::from_std(self.listener)?;
        Ok(Bound {
            #[cfg(all(unix, not(miri)))]
            _own: self._own,
            listener,
        })
    }
}

fn bind(address: &str) -> io::Result<Bound> {
    let addresses: Vec<SocketAddr> = match address.parse::<u16>() {
        Ok(port) => vec![(Ipv4Addr::LOCALHOST, port).into()],
        Err(_) => address.to_socket_addrs()?.collect(),
    };
    let open = || StdListener::bind(addresses.as_slice());
    #[cfg(all(unix, not(miri)))]
    {
        let (listener, _own) = meters_core::process::own(open)?;
        Ok(Bound { _own, listener })
    }
    #[cfg(not(all(unix, not(miri))))]
    Ok(Bound { listener: open()? })
}

fn cannot_listen(address: &str, error: io::Error) -> Error {
    let advice = match error.kind() {
        io::ErrorKind::AddrInUse => {
            "something else listens there: stop it, choose another port, or 0 for any that is free"
        }
        io::ErrorKind::PermissionDenied => "this process may not: choose a port above 1023",
        io::ErrorKind::AddrNotAvailable => "this host has no such address: use one of its own, or 127.0.0.1",
        io::ErrorKind::InvalidInput => "use an address and a port, such as 127.0.0.1:9464",
        _ => "see its source; an address is such as 127.0.0.1:9464",
    };
    Error::configuration(format!("cannot serve metrics on {address:?}: {advice}")).with_source(error)
}

/// Runs until the endpoint is dropped.
fn run(runtime: Runtime, bound: Bound<TcpListener>, stopped: oneshot::Receiver<()>, serving: Arc<Serving>) {
    runtime.block_on(async {
        drop(tokio::spawn(keep_accepting(Arc::new(bound), serving)));
        _ = stopped.await;
    });
    // A source that takes its time is not waited for.
    runtime.shutdown_background();
}

/// What panics here is no reason to be without metrics; what does so at once, each time, is.
async fn keep_accepting(bound: Arc<Bound<TcpListener>>, serving: Arc<Serving>) {
    for _ in 0..100 {
        if tokio::spawn(accept(Arc::clone(&bound), Arc::clone(&serving))).await.is_ok() {
            break;
        }
        tracing::error!("the endpoint of metrics panicked, and goes on");
    }
}

async fn accept(bound: Arc<Bound<TcpListener>>, serving: Arc<Serving>) {
    let connections = Arc::new(Semaphore::new(serving.limits.connections));
    loop {
        let Ok(room) = Arc::clone(&connections).acquire_owned().await else { return };
        match bound.listener.accept().await {
            Ok((stream, _)) => {
                let serving = Arc::clone(&serving);
                drop(tokio::spawn(async move {
                    serve(stream, serving).await;
                    drop(room);
                }));
            }
            // Out of descriptors, most likely: connections that end give some back.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// An endpoint that serves until this is dropped.
#[must_use = "it ends when this is dropped"]
pub struct Endpoint {
    address: SocketAddr,
    generation: u32,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Endpoint {
    /// Where it listens, with the port that was free.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        let Some((stop, thread)) = self.running.take() else { return };
        if self.generation != fork::generation() {
            // A child has no such thread: nothing of it is there to be ended.
            std::mem::forget((stop, thread));
            return;
        }
        _ = stop.send(());
        if thread.thread().id() != thread::current().id() {
            // It catches its panics.
            _ = thread.join();
        }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("address", &self.address).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use meters_core::Registry;
    use std::io::{Read, Write};

    #[test]
    fn who_is_being_answered_when_the_time_of_its_connection_is_up_gets_its_page() {
        let mut listener = listener("127.0.0.1:0");
        listener.limits.whole = Duration::from_secs(2);
        let registry = Registry::new();
        registry.counter("orders").register().inc(3);
        // Longer than the connection takes requests.
        let source = move || {
            thread::sleep(Duration::from_secs(3));
            registry.snapshot()
        };
        let endpoint = listener.serve(Exposition::new(), source).unwrap();
        let mut connection = std::net::TcpStream::connect(endpoint.local_addr()).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        connection.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut answer = String::new();
        // To the end of the connection, which is kept for no other request.
        connection.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("orders_total 3"), "{answer}");
    }
}
