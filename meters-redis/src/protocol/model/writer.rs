//! `push`, `look` and `check`.

use redis::Value;

use super::{Running, digits, int, joined, parse, text};

impl Running<'_> {
    pub(super) fn push(&mut self) -> Value {
        let (now, seq) = (self.now(), self.num(1));
        let last = self.get(1).and_then(|last| parse(&last)).unwrap_or(0);
        let epoch = self.get(4).unwrap_or_else(|| {
            let epoch = joined(&[&digits(now), b"-", self.arg(7)]);
            self.data.set(&self.keys[3], epoch.clone(), None);
            epoch
        });
        let (status, last) = if last >= seq {
            ("DUP", last)
        } else if last != self.num(2) {
            ("GAP", last)
        } else {
            let field = joined(&[self.arg(7), b":", self.arg(1)]);
            self.data.hset(self.keys[1].clone(), field, self.args[3].clone());
            self.data.pexpire(&self.keys[1], now + self.num(6));
            self.data.zadd(&self.keys[2], self.num(3), self.args[2].clone());
            self.data.set(&self.keys[0], self.args[0].clone(), Some(now + self.num(5)));
            if self.arg(8) == b"1" {
                self.data.hincrby(&self.keys[6], "replayed", 1);
            }
            if self.num(9) > 0 {
                self.data.hincrby(&self.keys[6], "lost", self.num(9));
            }
            ("OK", seq)
        };
        Value::Array(vec![text(status), int(last), text(epoch), int(self.mark(5, 3, 6)), int(now)])
    }

    pub(super) fn look(&mut self) -> Value {
        let last = self.get(1).and_then(|last| parse(&last)).unwrap_or(0);
        let end = self.now() + self.num(1);
        self.data.pexpire(&self.keys[0], end);
        let epoch = self.get(2).unwrap_or_default();
        Value::Array(vec![text("LOOK"), int(last), text(epoch), int(self.mark(4, 3, 5)), int(self.now())])
    }

    fn mark(&self, newest: usize, open: usize, claims: usize) -> i64 {
        let mut mark = self.get(newest).and_then(|mark| parse(&mark)).unwrap_or(0) as i64;
        for place in [open, claims] {
            if let Some((first, _)) = self.data.sorted(self.key(place)).first() {
                mark = mark.min(*first as i64 - 1);
            }
        }
        mark
    }

    pub(super) fn check(&mut self) -> Value {
        let end = self.now() + self.num(2);
        match self.get(1) {
            Some(theirs) if theirs != self.arg(1) => {
                return Value::Array(vec![int(0), int(self.now()), text(theirs)]);
            }
            Some(_) => self.data.pexpire(&self.keys[0], end),
            None => self.data.set(&self.keys[0], self.args[0].clone(), Some(end)),
        }
        Value::Array(vec![int(1), int(self.now()), text(self.arg(1))])
    }
}
