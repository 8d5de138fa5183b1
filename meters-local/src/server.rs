//! The server: its thread, its state and what a test asks of it.

use crate::datum::Datum;
use crate::exchange;
use crate::fault::Faults;
use crate::lock;
use crate::query::Metric;
use crate::request::LoggedRequest;
use crate::store::Store;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};

type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// How a [`Server`] is to be started. Made by [`Server::builder`].
#[must_use]
#[derive(Clone)]
pub struct Builder {
    port: u16,
    max_stored_bytes: usize,
    max_logged_requests: usize,
    log_datums: bool,
    clock: Clock,
    signature: Option<Duration>,
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("port", &self.port)
            .field("max_stored_bytes", &self.max_stored_bytes)
            .field("max_logged_requests", &self.max_logged_requests)
            .field("log_datums", &self.log_datums)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// The TCP port on 127.0.0.1. Default 0: one that is free.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Most bytes of datums held, estimated. Default 64 MiB. Beyond it the oldest are dropped and counted in
    /// [`Server::dropped_datums`].
    pub fn max_stored_bytes(mut self, bytes: usize) -> Self {
        self.max_stored_bytes = bytes;
        self
    }

    /// Most requests remembered. Default 10,000. Beyond it the oldest are forgotten.
    pub fn max_logged_requests(mut self, requests: usize) -> Self {
        self.max_logged_requests = requests;
        self
    }

    /// Remembers the datums of each request too, in [`LoggedRequest::contents`], so that it can be told what became of
    /// each of them. Not by default: nothing bounds their bytes but the number of requests remembered.
    pub fn log_datums(mut self) -> Self {
        self.log_datums = true;
        self
    }

    /// The clock against which timestamps are checked. Default [`SystemTime::now`].
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Refuses requests whose `x-amz-date` is further from the clock than this, as CloudWatch does after
    /// [five minutes](https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html). By default any age will do.
    pub fn signature_lifetime(mut self, lifetime: Duration) -> Self {
        self.signature = Some(lifetime);
        self
    }

    /// Binds the port and starts the thread.
    ///
    /// # Errors
    /// If the port cannot be bound (already in use, most often), or if the thread or its runtime cannot be made.
    pub fn start(self) -> io::Result<Server> {
        let listener = StdListener::bind((Ipv4Addr::LOCALHOST, self.port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(self.shared());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&shared);
        let thread = thread::Builder::new().name("meters-local".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    () = accept(listener, served) => {}
                }
            });
        })?;
        Ok(Server { shared, address, stop: Some(stop), thread: Some(thread) })
    }
}

impl Builder {
    /// The state of a server that has no thread yet.
    pub(crate) fn shared(self) -> Shared {
        let state = State {
            store: Store::new(self.max_stored_bytes),
            requests: VecDeque::new(),
            max_requests: self.max_logged_requests,
            request_count: 0,
            generation: 0,
        };
        Shared {
            state: Mutex::new(state),
            changed: Condvar::new(),
            faults: Faults::default(),
            log_datums: self.log_datums,
            clock: self.clock,
            signature: self.signature,
            ids: AtomicU64::new(0),
        }
    }
}

async fn accept(listener: StdListener, shared: Arc<Shared>) {
    // It fails only without a runtime, and there is one.
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(serve(stream, Arc::clone(&shared)))),
            // Out of descriptors, most likely: connections that end give some back.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    // Small answers would wait for the client's acknowledgement otherwise.
    let _ = stream.set_nodelay(true);
    let reset = Notify::new();
    let service = service_fn(|request| exchange::answer(request, &shared, &reset));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // However a connection ends, it concerns its client only.
        _ = &mut connection => {}
        () = reset.notified() => {
            // With no linger time a close is a reset.
            let _ = connection.into_parts().io.into_inner().set_zero_linger();
        }
    }
}

pub(crate) struct State {
    pub(crate) store: Store,
    requests: VecDeque<LoggedRequest>,
    max_requests: usize,
    pub(crate) request_count: u64,
    /// Grows with every change that a waiting test may look for.
    generation: u64,
}

/// What the thread and the handle share.
pub(crate) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    pub(crate) faults: Faults,
    pub(crate) log_datums: bool,
    clock: Clock,
    pub(crate) signature: Option<Duration>,
    ids: AtomicU64,
}

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub(crate) fn now(&self) -> SystemTime {
        (self.clock)()
    }

    /// An identifier in the form of AWS, counted up.
    pub(crate) fn next_request_id(&self) -> String {
        format!("00000000-0000-4000-8000-{:012x}", self.ids.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Remembers a request and wakes those who wait. Comes before the answer, so that a client that has its answer
    /// finds its request in the log.
    pub(crate) fn log(&self, request: LoggedRequest) {
        let mut state = self.lock();
        state.requests.push_back(request);
        if state.requests.len() > state.max_requests {
            state.requests.pop_front();
        }
        state.request_count += 1;
        state.generation += 1;
        self.changed.notify_all();
    }
}

/// A running receiver. Dropping it closes its connections and ends its thread.
///
/// ```
/// let cw = meters_local::Server::builder().port(0).start()?;
/// assert!(cw.endpoint_url().starts_with("http://127.0.0.1:"));
/// assert_eq!(cw.metric("Duration").sample_count(), 0.0);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// How to start one, with the defaults.
    pub fn builder() -> Builder {
        Builder {
            port: 0,
            max_stored_bytes: 64 * 1024 * 1024,
            max_logged_requests: 10_000,
            log_datums: false,
            clock: Arc::new(SystemTime::now),
            signature: None,
        }
    }

    /// The URL to give to a client as its endpoint, such as `http://127.0.0.1:40123`.
    #[must_use]
    pub fn endpoint_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The environment variables that lead any AWS SDK to this server, with credentials that are good for it only.
    #[must_use]
    pub fn environment(&self) -> [(&'static str, String); 5] {
        [
            ("AWS_ENDPOINT_URL_CLOUDWATCH", self.endpoint_url()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ]
    }

    /// The script of faults.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// Selects the stored datums of a metric name, in any namespace and with any dimensions until narrowed.
    pub fn metric(&self, name: impl Into<String>) -> Metric<'_> {
        Metric::new(&self.shared, name.into())
    }

    /// The stored datums, in order of arrival.
    #[must_use]
    pub fn datums(&self) -> Vec<Datum> {
        self.shared.lock().store.datums(|_| true)
    }

    /// Datums dropped because the bound of bytes was reached.
    #[must_use]
    pub fn dropped_datums(&self) -> u64 {
        self.shared.lock().store.dropped()
    }

    /// The requests remembered, oldest first. A request is here before its client has the answer.
    #[must_use]
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.shared.lock().requests.iter().cloned().collect()
    }

    /// How many requests came since the start or [`clear`](Self::clear), remembered or not.
    #[must_use]
    pub fn request_count(&self) -> u64 {
        self.shared.lock().request_count
    }

    /// Waits until at least `n` requests came since the start or [`clear`](Self::clear); false if `timeout` passed
    /// first. It blocks the calling thread.
    #[must_use]
    pub fn wait_for_requests(&self, n: u64, timeout: Duration) -> bool {
        self.wait_until(|cw| cw.request_count() >= n, timeout)
    }

    /// Waits until `condition` holds, looking again after each request; false if `timeout` passed first.
    ///
    /// It blocks the calling thread: in an async test use a runtime with several threads, or `spawn_blocking`.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let cw = meters_local::start();
    /// let seen = cw.wait_until(|cw| cw.metric("Duration").exists(), Duration::from_millis(1));
    /// assert!(!seen);
    /// ```
    #[must_use]
    pub fn wait_until(&self, mut condition: impl FnMut(&Self) -> bool, timeout: Duration) -> bool {
        let deadline = Instant::now().checked_add(timeout);
        loop {
            // The lock is free while the condition looks, so it may ask this server anything.
            let seen = self.shared.lock().generation;
            if condition(self) {
                return true;
            }
            let mut state = self.shared.lock();
            while state.generation == seen {
                let left =
                    deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(Instant::now()));
                if left.is_zero() {
                    return false;
                }
                let waited = self.shared.changed.wait_timeout(state, left);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
        }
    }

    /// Forgets the stored datums and the requests, and starts their counts again. Faults stay.
    pub fn clear(&self) {
        let mut state = self.shared.lock();
        state.store.clear();
        state.requests.clear();
        state.request_count = 0;
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing left to stop.
            let _ = thread.join();
        }
    }
}
