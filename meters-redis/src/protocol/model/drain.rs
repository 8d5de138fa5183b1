//! What a drain calls.

use redis::Value;

use super::{Running, digits, int, joined, parse, text};

impl Running<'_> {
    pub(super) fn lease(&mut self) -> Value {
        let now = self.now();
        let epoch = self.get(2).unwrap_or_else(|| {
            let epoch = joined(&[&digits(now), b"-", self.arg(1)]);
            self.data.set(&self.keys[1], epoch.clone(), None);
            epoch
        });
        let born = epoch.split(|byte| *byte == b'-').next().and_then(parse).unwrap_or(0);
        let mine = match self.get(1) {
            Some(holder) => holder == self.arg(1),
            None => self.arg(3) == b"1" || now >= born + self.num(2),
        };
        if mine {
            self.data.set(&self.keys[0], self.args[0].clone(), Some(now + self.num(2)));
            let end = now + self.num(4);
            self.data.pexpire(&self.keys[2], end);
        }
        let mut since = now;
        if !self.arg(5).is_empty() {
            let known = self.get(4).unwrap_or_default();
            let known = known.iter().position(|byte| *byte == b' ').map(|place| known.split_at(place));
            match known {
                Some((server, at)) if server == self.arg(5) => {
                    since = parse(&at[1..]).expect("a moment");
                    let end = now + self.num(4);
                    self.data.pexpire(&self.keys[3], end);
                }
                _ => {
                    let new = joined(&[self.arg(5), b" ", &digits(now)]);
                    self.data.set(&self.keys[3], new, Some(now + self.num(4)));
                }
            }
        }
        Value::Array(vec![int(u8::from(mine)), text(epoch), int(now), int(since)])
    }

    pub(super) fn resign(&mut self) -> Value {
        let led = self.get(1).as_deref() == Some(self.arg(1));
        if led {
            self.data.del(&self.keys[0]);
        }
        Value::Array(vec![int(u8::from(led))])
    }

    pub(super) fn free(&mut self) -> Value {
        if let Some(refusal) = self.refusal(2) {
            return refusal;
        }
        self.hset(1, "deadline", b"0".to_vec());
        self.answer(1, 2)
    }

    pub(super) fn list(&mut self) -> Value {
        let most = self.num(2) as usize;
        let due = self.now().checked_sub(self.num(1));
        let open = self.data.sorted(self.key(1)).into_iter().filter(|(period, _)| Some(*period) <= due).take(most);
        let open = open.map(|(_, member)| text(member)).collect();
        let claims = self.data.sorted(self.key(2)).into_iter().take(most);
        let claims = claims.flat_map(|(period, bid)| [text(bid), text(digits(period))]).collect();
        Value::Array(vec![int(self.now()), Value::Array(open), Value::Array(claims)])
    }

    pub(super) fn claim(&mut self) -> Value {
        let (now, epoch) = (self.now(), self.get(7).unwrap_or_default());
        if let Some(owner) = self.field(5, "owner") {
            if owner != self.arg(2) {
                return Value::Array(vec![int(-1), text(epoch), int(now)]);
            }
            let [at, deadline, late] = ["at", "deadline", "late"].map(|name| self.field(5, name).expect("a claim"));
            let (deadline, late) = (parse(&deadline).unwrap(), parse(&late).unwrap());
            let mark = self.field(5, "mark").and_then(|mark| parse(&mark)).unwrap_or(0);
            return Value::Array(vec![int(1), text(epoch), int(now), text(at), int(deadline), int(late), int(mark)]);
        }
        if !self.data.exists(self.key(1)) {
            if self.data.zrem(&self.keys[2], &self.args[2]) {
                self.data.hincrby(&self.keys[8], "expired", 1);
            }
            return Value::Array(vec![int(0), text(epoch), int(now)]);
        }
        let period = self.num(3);
        let late = self.get(6).and_then(|newest| parse(&newest)).is_some_and(|newest| newest >= period);
        let deadline = now + self.num(4);
        let free = self.get(8).and_then(|free| parse(&free)).unwrap_or(now / 1000 + 60).max(now / 1000);
        let mark = if self.num(6) > 0 && free <= now / 1000 + 3600 { free } else { 0 };
        self.data.persist(&self.keys[0]);
        for (name, value) in [
            ("owner", self.args[1].clone()),
            ("at", digits(self.micros)),
            ("deadline", digits(deadline)),
            ("period", self.args[2].clone()),
            ("attempt", digits(1)),
            ("server", self.args[4].clone()),
            ("late", digits(late.into())),
        ] {
            self.hset(5, name, value);
        }
        if mark > 0 {
            self.hset(5, "mark", digits(mark));
            self.data.set(&self.keys[7], digits(mark + self.num(6)), None);
        }
        self.data.zadd(&self.keys[3], period, self.args[0].clone());
        if !late {
            self.data.set(&self.keys[5], self.args[2].clone(), None);
        }
        self.data.rename(&self.keys[0], self.keys[1].clone());
        self.data.zrem(&self.keys[2], &self.args[2]);
        let at = text(digits(self.micros));
        Value::Array(vec![int(1), text(epoch), int(now), at, int(deadline), int(u8::from(late)), int(mark)])
    }

    pub(super) fn take(&mut self) -> Value {
        let (now, epoch) = (self.now(), self.get(3).unwrap_or_default());
        let Some(owner) = self.field(1, "owner") else {
            self.data.zrem(&self.keys[1], &self.args[0]);
            return Value::Array(vec![int(0), text(epoch), int(now)]);
        };
        let at = self.field(1, "at").expect("a claim");
        let number = |name| self.field(1, name).and_then(|value| parse(&value));
        let [deadline, period, attempt, late] =
            ["deadline", "period", "attempt", "late"].map(|name| number(name).expect("a claim"));
        let [doubt, mark] = ["doubt", "mark"].map(|name| number(name).unwrap_or(0));
        let own = owner == self.arg(2);
        let reply = |at: Vec<u8>, deadline: u64, attempt: u64, doubt: u64| {
            let head = [int(1), text(epoch.clone()), int(now), text(at)];
            Value::Array(head.into_iter().chain([deadline, late, period, attempt, doubt, mark].map(int)).collect())
        };
        if own && at != self.arg(6) {
            return reply(at, deadline, attempt, doubt);
        }
        if !own && deadline > 0 && deadline + self.num(4) >= now {
            return Value::Array(vec![int(-1), text(epoch), int(now), int(deadline)]);
        }
        let same = self.field(1, "server").as_deref() == Some(self.arg(5));
        let (doubt, at) = (if same { doubt } else { 1 }, digits(self.micros));
        let (deadline, attempt) = (now + self.num(3), attempt + 1);
        for (name, value) in [
            ("owner", self.args[1].clone()),
            ("at", at.clone()),
            ("deadline", digits(deadline)),
            ("attempt", digits(attempt)),
            ("server", self.args[4].clone()),
            ("doubt", digits(doubt)),
        ] {
            self.hset(1, name, value);
        }
        reply(at, deadline, attempt, doubt)
    }

    /// What a script answers that is not its owner's to call.
    fn refusal(&self, epoch: usize) -> Option<Value> {
        let code = match self.field(1, "owner") {
            None => -1,
            Some(owner) if owner == self.arg(1) && self.field(1, "at").as_deref() == Some(self.arg(2)) => return None,
            Some(_) => 0,
        };
        Some(self.answer(code, epoch))
    }

    fn answer(&self, code: i64, epoch: usize) -> Value {
        Value::Array(vec![int(code), text(self.get(epoch).unwrap_or_default())])
    }

    pub(super) fn own(&mut self) -> Value {
        if let Some(refusal) = self.refusal(2) {
            return refusal;
        }
        if self.arg(3) == b"1" {
            self.hset(1, "settled", self.args[1].clone());
        }
        self.answer(1, 2)
    }

    pub(super) fn plan(&mut self) -> Value {
        if let Some(refusal) = self.refusal(2) {
            return refusal;
        }
        let all = self.data.hash(self.key(1)).expect("a claim").clone();
        let mut notes: Vec<_> = all.into_iter().filter(|(name, _)| is_note(name)).collect();
        let mut changed = false;
        if self.field(1, "plan").as_deref() != Some(self.arg(3)) {
            if !notes.is_empty() {
                changed = true;
                self.hset(1, "mixed", digits(1));
                notes.drain(..).for_each(|(name, _)| self.data.hdel(&self.keys[0], &name));
            }
            self.hset(1, "plan", self.args[2].clone());
        }
        let flag = |name| int(self.field(1, name).and_then(|value| parse(&value)).unwrap_or(0));
        let epoch = text(self.get(2).unwrap_or_default());
        let head = [int(1), epoch, int(u8::from(changed)), flag("mixed"), flag("doubt")];
        let notes = notes.into_iter().flat_map(|(name, value)| [text(name), text(value)]).collect();
        Value::Array(head.into_iter().chain([Value::Array(notes)]).collect())
    }

    pub(super) fn begin(&mut self) -> Value {
        if let Some(refusal) = self.refusal(2) {
            return refusal;
        }
        let deadline = self.field(1, "deadline").and_then(|value| parse(&value)).expect("a claim");
        if deadline < self.now() + self.num(5) {
            return self.answer(2, 2);
        }
        self.planned_as(6);
        let field = joined(&[b"s", self.arg(3)]);
        if self.data.hget(self.key(1), &field).is_none() && self.num(7) > 0 {
            self.data.hincrby(&self.keys[2], "again", self.num(7));
        }
        self.data.hset(self.keys[0].clone(), field, self.args[3].clone());
        self.answer(1, 2)
    }

    /// Sees to it that notes are made under the plan that they are of.
    fn planned_as(&mut self, plan: usize) {
        let known = self.field(1, "plan");
        if known.as_deref() == Some(self.arg(plan)) {
            return;
        }
        if known.is_some() {
            self.hset(1, "mixed", digits(1));
            let all = self.data.hash(self.key(1)).expect("a claim").clone();
            for name in all.into_keys().filter(|name| is_note(name)) {
                self.data.hdel(&self.keys[0], &name);
            }
        }
        self.hset(1, "plan", self.args[plan - 1].clone());
    }

    pub(super) fn end(&mut self) -> Value {
        if let Some(refusal) = self.refusal(4) {
            return refusal;
        }
        if self.arg(7) == b"1" {
            self.data.del(&self.keys[1]);
            self.data.del(&self.keys[0]);
            self.data.zrem(&self.keys[2], &self.args[5]);
            if self.num(9) > 0 {
                self.data.hincrby(&self.keys[4], "damaged", self.num(9));
            }
            return self.answer(2, 4);
        }
        if self.arg(3).is_empty() {
            let all = self.data.hash(self.key(1)).expect("a claim").clone();
            for (name, range) in all.into_iter().filter(|(name, _)| is_note(name)) {
                if name[0] == b's' && range == self.arg(4) {
                    self.data.hdel(&self.keys[0], &name);
                }
            }
        } else {
            self.data.hdel(&self.keys[0], &joined(&[b"s", self.arg(3)]));
        }
        if self.arg(5) == b"1" {
            self.planned_as(8);
            self.data.hset(self.keys[0].clone(), joined(&[b"a", self.arg(3)]), self.args[3].clone());
        }
        self.answer(1, 4)
    }
}

/// A mark or an ack.
fn is_note(name: &[u8]) -> bool {
    matches!(name, [b'a' | b's', b'0'..=b'9', ..])
}
