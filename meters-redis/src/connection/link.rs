//! One open connection. Whoever drops it closes it at once: nothing runs behind it.

use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Cmd, RedisConnectionInfo, RedisError, Value};
use tokio::io::{AsyncRead, AsyncWrite};

/// Bytes to and from a server.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

type Driver = Pin<Box<dyn Future<Output = ()> + Send>>;

pub(crate) struct Link {
    open: Option<(MultiplexedConnection, Option<Driver>)>,
    process: u32,
}

impl Link {
    /// Speaks the protocol on a stream. Sends nothing yet.
    pub(crate) async fn new(stream: Box<dyn Stream>) -> Result<Self, RedisError> {
        let silent = RedisConnectionInfo::default().set_skip_set_lib_name();
        // Limits of time are set per call, by who calls.
        let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let (connection, driver) = MultiplexedConnection::new_with_config(&silent, stream, config).await?;
        Ok(Self { open: Some((connection, Some(Box::pin(driver)))), process: std::process::id() })
    }

    /// Sends a command, and waits for its answer. A link whose answer was not waited for is not to be used again.
    pub(crate) async fn ask(&mut self, command: &Cmd) -> Result<Value, RedisError> {
        let (connection, driver) = self.open.as_mut().expect("open until dropped");
        let mut answer = Box::pin(connection.send_packed_command(command));
        std::future::poll_fn(|context| {
            if let Poll::Ready(answer) = answer.as_mut().poll(context) {
                return Poll::Ready(answer);
            }
            drive(driver, context);
            // What the driver just did may be the answer, or the end of all hope for one.
            answer.as_mut().poll(context)
        })
        .await?
        .extract_error()
    }

    /// Whether the server has closed it, as far as is known without asking.
    pub(crate) fn is_closed(&mut self) -> bool {
        let (_, driver) = self.open.as_mut().expect("open until dropped");
        drive(driver, &mut Context::from_waker(Waker::noop()));
        driver.is_none()
    }

    /// Whether it was the parent's of this process.
    pub(crate) fn is_inherited(&self) -> bool {
        self.process != std::process::id()
    }

    /// As in a child, which a test of safe code cannot make.
    #[cfg(test)]
    pub(crate) fn pretend_inherited(&mut self) {
        self.process += 1;
    }
}

/// Reads and writes what can be. Ends where the server has closed.
fn drive(driver: &mut Option<Driver>, context: &mut Context<'_>) {
    if driver.as_mut().is_some_and(|driver| driver.as_mut().poll(context).is_ready()) {
        *driver = None;
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // Parent and child share the socket and the poller: to close it here would take it out of the parent's.
        if self.is_inherited() {
            mem::forget(self.open.take());
        }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("process", &self.process).finish_non_exhaustive()
    }
}
