//! What those call that keep and show totals.

use redis::Value;

use super::{Running, digits, int, parse, text};

impl Running<'_> {
    pub(super) fn totals(&mut self) -> Value {
        let (epoch, owner) = (self.get(2).unwrap_or_default(), self.field(1, "owner"));
        if owner.is_some() && !self.owns() {
            return Value::Array(vec![int(0), text(epoch)]);
        }
        let code = int(if owner.is_some() { 1 } else { -1 });
        if !self.data.exists(self.key(3)) {
            return Value::Array(vec![code, text(epoch), int(0), int(0), text("")]);
        }
        let kept = self.field(1, "kept").and_then(|kept| parse(&kept)).unwrap_or(0);
        let mut answer = vec![code, text(epoch), int(1), int(kept)];
        answer.extend(self.stored(3, 3));
        Value::Array(answer)
    }

    pub(super) fn keep(&mut self) -> Value {
        let (epoch, known) = (self.get(2).unwrap_or_default(), self.field(1, "owner").is_some());
        let code = match (known, self.arg(7) == b"1") {
            (true, _) if !self.owns() => 0,
            (false, false) => -1,
            _ if !self.data.exists(self.key(3)) => 2,
            _ if self.field(3, "version").unwrap_or_default() != self.arg(3) => 2,
            _ => 1,
        };
        if code == 1 {
            self.data.persist(&self.keys[0]);
            for (name, place) in [("version", 4), ("young", 5), ("old", 6)] {
                self.hset(3, name, self.arg(place).to_vec());
            }
            if known {
                self.hset(1, "kept", digits(1));
            }
        }
        Value::Array(vec![int(code), text(epoch)])
    }

    pub(super) fn wish(&mut self) -> Value {
        let now = self.now();
        self.hset(1, "asked", digits(now));
        self.data.pexpire(&self.keys[0], now + self.num(1));
        let mut answer = vec![int(now), text(self.get(2).unwrap_or_default())];
        answer.extend(self.stored(1, 2));
        Value::Array(answer)
    }

    fn owns(&self) -> bool {
        self.field(1, "owner").as_deref() == Some(self.arg(1)) && self.field(1, "at").as_deref() == Some(self.arg(2))
    }

    /// The version and, where it is not the known one, the parts.
    fn stored(&self, key: usize, known: usize) -> Vec<Value> {
        let field = |name| self.field(key, name).unwrap_or_default();
        let version = field("version");
        if version.is_empty() || version == self.arg(known) {
            return vec![text(version)];
        }
        vec![text(version), text(field("young")), text(field("old"))]
    }
}
