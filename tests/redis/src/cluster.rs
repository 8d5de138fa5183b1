//! A Redis Cluster of masters.

use std::ops::RangeInclusive;

use crate::patience::until;
use crate::server::{Append, Server};

/// Slots of a cluster.
pub const SLOTS: u16 = 16_384;

/// Masters that share the slots evenly. Killed when dropped.
#[derive(Debug)]
pub struct Cluster {
    nodes: Vec<Server>,
}

impl Cluster {
    /// This many masters; returns when all of them say that the cluster is well.
    pub fn start(masters: usize, append: Append) -> Self {
        let node = || {
            let build =
                Server::build().append(append).line("cluster-enabled yes").line("cluster-config-file nodes.conf");
            build.line("cluster-node-timeout 2000").start()
        };
        let cluster = Self { nodes: (0..masters).map(|_| node()).collect() };
        let share = usize::from(SLOTS).div_ceil(masters);
        for (place, node) in cluster.nodes.iter().enumerate() {
            let slots: Vec<String> =
                (place * share..((place + 1) * share).min(usize::from(SLOTS))).map(|slot| slot.to_string()).collect();
            let mut command = vec!["CLUSTER", "ADDSLOTS"];
            command.extend(slots.iter().map(String::as_str));
            node.ask(&command);
            node.ask(&["CLUSTER", "SET-CONFIG-EPOCH", &(place + 1).to_string()]);
        }
        for node in &cluster.nodes[1..] {
            node.ask(&["CLUSTER", "MEET", "127.0.0.1", &cluster.nodes[0].port().to_string()]);
        }
        cluster.well();
        cluster
    }

    /// Returns when all nodes know each other, and say that every slot is served.
    pub fn well(&self) {
        let known = self.nodes.len().to_string();
        for node in &self.nodes {
            until("the cluster is well", || {
                let info: String = redis::from_redis_value(node.try_ask(&["CLUSTER", "INFO"]).ok()?).ok()?;
                let says = |name: &str, value: &str| info.lines().any(|line| line == format!("{name}:{value}"));
                (says("cluster_state", "ok") && says("cluster_known_nodes", &known)).then_some(())
            });
        }
    }

    /// URLs of all nodes.
    pub fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(Server::url).collect()
    }

    /// A node.
    pub fn node(&mut self, place: usize) -> &mut Server {
        &mut self.nodes[place]
    }

    /// The node that serves this slot, as the first one that answers says.
    pub fn owner(&self, slot: u16) -> usize {
        until("a node says who serves a slot", || {
            let ranges = self.nodes.iter().find_map(|node| node.try_ask(&["CLUSTER", "SLOTS"]).ok())?;
            let (_, port) = read_ranges(ranges)?.into_iter().find(|(slots, _)| slots.contains(&slot))?;
            self.nodes.iter().position(|node| node.port() == port)
        })
    }

    /// Moves a slot to another node, key by key, as `redis-cli --cluster reshard` does; `between` is called between all
    /// steps, so that a test can have others at work right then: with true after a key has moved, and with false where one
    /// of the two nodes knows something that the other does not.
    pub fn move_slot(&self, slot: u16, to: usize, mut between: impl FnMut(bool)) {
        let from = self.owner(slot);
        if from == to {
            return;
        }
        let (source, target, slot) = (&self.nodes[from], &self.nodes[to], slot.to_string());
        let (source_id, target_id) = (source.text(&["CLUSTER", "MYID"]), target.text(&["CLUSTER", "MYID"]));
        target.ask(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &source_id]);
        between(false);
        source.ask(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &target_id]);
        between(false);
        let port = target.port().to_string();
        loop {
            let keys = source.ask(&["CLUSTER", "GETKEYSINSLOT", &slot, "1"]);
            let keys: Vec<String> = redis::from_redis_value(keys).unwrap();
            let Some(key) = keys.first() else { break };
            // A key may expire or be deleted meanwhile: NOKEY is no error.
            source.ask(&["MIGRATE", "127.0.0.1", &port, key, "0", "60000"]);
            between(true);
        }
        for node in [target, source] {
            node.ask(&["CLUSTER", "SETSLOT", &slot, "NODE", &target_id]);
            between(false);
        }
        for node in &self.nodes {
            _ = node.try_ask(&["CLUSTER", "SETSLOT", &slot, "NODE", &target_id]);
        }
    }
}

/// The slots of a range, and the port of their master; replicas and metadata are left out.
fn read_ranges(ranges: redis::Value) -> Option<Vec<(RangeInclusive<u16>, u16)>> {
    let ranges: Vec<Vec<redis::Value>> = redis::from_redis_value(ranges).ok()?;
    let read = |range: Vec<redis::Value>| {
        let mut parts = range.into_iter();
        let (from, to) = (redis::from_redis_value(parts.next()?).ok()?, redis::from_redis_value(parts.next()?).ok()?);
        let master: Vec<redis::Value> = redis::from_redis_value(parts.next()?).ok()?;
        Some((from..=to, redis::from_redis_value(master.into_iter().nth(1)?).ok()?))
    };
    ranges.into_iter().map(read).collect()
}

/// The slot of a key: CRC-16/XMODEM of what stands in its first braces, or of the whole.
///
/// The rule is that of the [cluster's specification](https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#key-distribution-model).
pub fn slot(key: &str) -> u16 {
    let tagged = key.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map(|(tag, _)| tag);
    let hashed = tagged.filter(|tag| !tag.is_empty()).unwrap_or(key);
    let crc = hashed.bytes().fold(0_u16, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(byte) << 8), |crc, _| (crc << 1) ^ (0x1021 * (crc >> 15)))
    });
    crc % SLOTS
}
