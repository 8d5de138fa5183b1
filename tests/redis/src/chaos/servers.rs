//! The servers of a run and the network before them, and what is done to them.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::time::Duration;

use super::account::Rollback;
use super::options::Mode;
use super::{now, times};
use crate::proxy::{Faults, Proxy};
use crate::server::{Append, Server};

const SECOND: u64 = 1_000_000;

#[derive(Debug)]
pub(crate) struct Servers {
    mode: Mode,
    /// The master, and where there is one, the replica.
    servers: Vec<Server>,
    pub(crate) proxy: Proxy,
    /// Between master and replica.
    link: Option<Proxy>,
    /// When the append-only file had which length.
    lengths: VecDeque<(u64, u64)>,
    pub(crate) rollbacks: Vec<Rollback>,
    /// What is to be mended, and when.
    repairs: Vec<(u64, Repair)>,
    /// When the replica was cut off.
    lagging: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Repair {
    Restart,
    Promote,
    Memory,
    Writable,
    Hole,
}

impl Servers {
    pub(crate) fn start(mode: Mode, seed: u64) -> Self {
        let append = match mode {
            Mode::Always => Append::Always,
            Mode::Everysec => Append::Everysec,
            Mode::Failover | Mode::None => Append::No,
        };
        let build = || Server::build().append(append).in_memory().line("repl-timeout 600");
        let master = build().start();
        let proxy = Proxy::before(master.port(), seed);
        let mut servers = Self {
            mode,
            servers: vec![master],
            proxy,
            link: None,
            lengths: VecDeque::new(),
            rollbacks: Vec::new(),
            repairs: Vec::new(),
            lagging: None,
        };
        if mode == Mode::Failover {
            let link = Proxy::before(servers.servers[0].port(), seed);
            let replica = build().replica_of(link.port()).start();
            replica.followed();
            servers.servers.push(replica);
            servers.link = Some(link);
        }
        servers
    }

    pub(crate) fn master(&self) -> &Server {
        &self.servers[0]
    }

    /// The network is bad from now on.
    pub(crate) fn disturb(&self) {
        if self.mode != Mode::None {
            let delayed = Duration::from_millis(300)..Duration::from_millis(1_500);
            self.proxy.set(Faults { cut: 0.01, half: 0.01, delay: 0.02, delayed });
        }
    }

    /// What is being mended, and does not bear more.
    fn busy(&self, with: &[Repair]) -> bool {
        self.repairs.iter().any(|(_, repair)| with.contains(repair))
    }

    fn later(&mut self, micros: u64, repair: Repair) -> bool {
        self.repairs.push((now() + micros, repair));
        true
    }

    fn up(&self) -> bool {
        !self.busy(&[Repair::Restart, Repair::Promote])
    }

    pub(crate) fn kill(&mut self, dice: &mut fastrand::Rng) -> bool {
        if !self.up() {
            return false;
        }
        self.servers[0].kill();
        let to = now();
        if self.mode == Mode::None {
            self.rollbacks.push(Rollback { from: 0, to });
        }
        self.later(dice.u64(SECOND / 10..SECOND), Repair::Restart)
    }

    pub(crate) fn lose_power(&mut self, dice: &mut fastrand::Rng) -> bool {
        if !self.up() || self.lengths.is_empty() {
            return false;
        }
        let age = dice.u64(0..times::UNSYNCED.as_micros() as u64);
        let until = now() - age;
        let (from, keep) = *self.lengths.iter().rfind(|(at, _)| *at <= until).unwrap_or(&self.lengths[0]);
        self.servers[0].lose_power(keep);
        // It writes before it answers: what was acknowledged by then is in the file.
        self.rollbacks.push(Rollback { from, to: now() });
        self.lengths.clear();
        self.later(dice.u64(SECOND / 10..SECOND), Repair::Restart)
    }

    /// Cuts the replica off; the master goes on for a while, and dies.
    pub(crate) fn fail_over(&mut self, dice: &mut fastrand::Rng) -> bool {
        let follows = |replica: &Server| replica.info("master_link_status").as_deref() == Some("up");
        if self.link.is_none() || !self.repairs.is_empty() || !follows(&self.servers[1]) {
            return false;
        }
        let from = now();
        if !self.is_followed() {
            return false;
        }
        self.lagging = Some(from);
        let link = self.link.as_ref().expect("just seen");
        link.black_hole(true);
        if dice.bool() {
            // The master knows then that nobody follows it any more.
            self.servers[1].promote();
        }
        self.later(dice.u64(0..times::LAG.as_micros() as u64), Repair::Promote)
    }

    /// Whether the replica has all that was written until now.
    fn is_followed(&self) -> bool {
        let Ok(mut connection) = self.master().connect() else { return false };
        let write = redis::cmd("SET").arg("fence").arg(now()).query::<()>(&mut connection);
        write.is_ok() && redis::cmd("WAIT").arg(1).arg(1_000).query::<u64>(&mut connection).is_ok_and(|have| have > 0)
    }

    pub(crate) fn flush_scripts(&self) -> bool {
        self.up() && self.master().try_ask(&["SCRIPT", "FLUSH"]).is_ok()
    }

    pub(crate) fn kill_clients(&self) -> bool {
        self.up() && self.master().try_ask(&["CLIENT", "KILL", "TYPE", "normal"]).is_ok()
    }

    pub(crate) fn fill_memory(&mut self, dice: &mut fastrand::Rng) -> bool {
        let fill = self.up() && self.master().try_ask(&["CONFIG", "SET", "maxmemory", "1"]).is_ok();
        fill && self.later(dice.u64(SECOND / 5..2 * SECOND), Repair::Memory)
    }

    pub(crate) fn read_only(&mut self, dice: &mut fastrand::Rng) -> bool {
        let fine = self.up() && !self.busy(&[Repair::Writable]);
        // Of nobody: nothing is taken over from there.
        let done = fine && self.master().try_ask(&["REPLICAOF", "127.0.0.1", "1"]).is_ok();
        done && self.later(dice.u64(SECOND / 5..2 * SECOND), Repair::Writable)
    }

    pub(crate) fn black_hole(&mut self, dice: &mut fastrand::Rng) -> bool {
        if self.busy(&[Repair::Hole]) {
            return false;
        }
        self.proxy.black_hole(true);
        self.later(dice.u64(SECOND / 2..4 * SECOND), Repair::Hole)
    }

    /// Notes how long the file is, and mends what is due; all that is broken, at the end.
    pub(crate) fn tick(&mut self, all: bool) {
        if self.mode == Mode::Everysec && self.up() {
            self.lengths.push_back((now(), self.master().appended()));
            if self.lengths.len() > 400 {
                self.lengths.pop_front();
            }
        }
        let due = |at: u64| all || at <= now();
        let (repairs, later) = self.repairs.drain(..).partition(|(at, _)| due(*at));
        self.repairs = later;
        let repairs: Vec<(u64, Repair)> = repairs;
        for (_, repair) in repairs {
            match repair {
                Repair::Restart => self.servers[0].restart(),
                Repair::Promote => self.promote(),
                Repair::Hole => self.proxy.black_hole(false),
                Repair::Memory if self.up() => _ = self.master().try_ask(&["CONFIG", "SET", "maxmemory", "0"]),
                Repair::Writable if self.up() => _ = self.master().try_ask(&["REPLICAOF", "NO", "ONE"]),
                // A server that starts again has forgotten this.
                Repair::Memory | Repair::Writable => {}
            }
        }
    }

    fn promote(&mut self) {
        let (link, lagging) = (self.link.as_ref().unwrap(), self.lagging.take().unwrap());
        self.servers[0].kill();
        link.cut_all();
        self.servers[1].promote();
        self.servers.swap(0, 1);
        self.proxy.switch(self.servers[0].port());
        self.rollbacks.push(Rollback { from: lagging, to: now() });
        link.switch(self.servers[0].port());
        link.black_hole(false);
        self.servers[1].restart();
        self.servers[1].ask(&["REPLICAOF", "127.0.0.1", &link.port().to_string()]);
    }

    /// Everything works from now on.
    pub(crate) fn heal(&mut self) {
        self.tick(true);
        self.proxy.set(Faults::NONE);
        if self.mode == Mode::Everysec {
            // Each claim waits for 2.5 s, and periods are 1 s: to report what is left would take longer than the faults did.
            self.master().ask(&["CONFIG", "SET", "appendfsync", "always"]);
        }
    }

    /// What the storage itself has counted.
    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        let counts = self.master().try_ask(&["HGETALL", "m1:{chaos}:counts"]).ok();
        counts.and_then(|counts| redis::from_redis_value(counts).ok()).unwrap_or_default()
    }

    /// Periods and claims that are in the storage.
    pub(crate) fn left(&self) -> Vec<String> {
        let keys = self.master().try_ask(&["KEYS", "m1:*"]).ok();
        let keys: Vec<String> = keys.and_then(|keys| redis::from_redis_value(keys).ok()).unwrap_or_default();
        keys.into_iter().filter(|key| ["}:o:", "}:b:", "}:c:"].iter().any(|part| key.contains(part))).collect()
    }
}
