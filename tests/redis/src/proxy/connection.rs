//! One connection through the proxy: two threads.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use super::Wire;

enum Fate {
    Through,
    Cut,
    Half,
    Late(Duration),
}

pub(super) fn carry(client: TcpStream, wire: &Arc<Wire>) {
    let target = *wire.target.lock().unwrap();
    // Nobody there: the client sees its connection closed.
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, target)) else { return };
    let (client, server) = (Arc::new(client), Arc::new(server));
    let mut open = wire.open.lock().unwrap();
    open.retain(|end| end.strong_count() > 0);
    for end in [&client, &server] {
        _ = end.set_nodelay(true);
        open.push(Arc::downgrade(end));
    }
    drop(open);
    let (client_too, server_too) = (client.clone(), server.clone());
    let (up, down) = (wire.clone(), wire.clone());
    thread::spawn(move || up.upwards(&client, &server));
    thread::spawn(move || down.downwards(&server_too, &client_too));
}

impl Wire {
    fn upwards(&self, mut client: &TcpStream, mut server: &TcpStream) {
        let mut bytes = vec![0; 1 << 16];
        while let Ok(count @ 1..) = client.read(&mut bytes) {
            self.wait_for_hole();
            let (sent, last) = match self.draw() {
                Fate::Through => (count, false),
                Fate::Cut => (count, true),
                Fate::Half => (count / 2, true),
                Fate::Late(by) => {
                    thread::sleep(by);
                    (count, false)
                }
            };
            if last {
                // First: the answer may be quicker than we are.
                _ = client.shutdown(Shutdown::Both);
            }
            if server.write_all(&bytes[..sent]).is_err() || last {
                break;
            }
        }
        _ = client.shutdown(Shutdown::Both);
        // Not both: a reset could make the server forget what it has not read yet.
        _ = server.shutdown(Shutdown::Write);
    }

    fn downwards(&self, mut server: &TcpStream, mut client: &TcpStream) {
        let mut bytes = vec![0; 1 << 16];
        while let Ok(count @ 1..) = server.read(&mut bytes) {
            self.wait_for_hole();
            // A client that has gone is no reason to leave the server unread.
            _ = client.write_all(&bytes[..count]);
        }
        _ = client.shutdown(Shutdown::Both);
    }

    fn wait_for_hole(&self) {
        let hole = self.hole.lock().unwrap();
        drop(self.hole_ended.wait_while(hole, |hole| *hole).unwrap());
    }

    fn draw(&self) -> Fate {
        let faults = self.faults.lock().unwrap().clone();
        let mut dice = self.dice.lock().unwrap();
        let drawn = dice.f64();
        let count = |counter: &AtomicU64| counter.fetch_add(1, SeqCst);
        if drawn < faults.cut {
            count(&self.happened.cut);
            return Fate::Cut;
        }
        if drawn < faults.cut + faults.half {
            count(&self.happened.half);
            return Fate::Half;
        }
        if drawn < faults.cut + faults.half + faults.delay && !faults.delayed.is_empty() {
            count(&self.happened.delay);
            let (from, to) = (faults.delayed.start.as_micros() as u64, faults.delayed.end.as_micros() as u64);
            return Fate::Late(Duration::from_micros(dice.u64(from..to)));
        }
        Fate::Through
    }
}
