//! The same random calls to a real server and to the model: the same answers, and the same left behind.

use std::collections::BTreeMap;

use proptest::prelude::*;
use redis::Value;

use super::super::call::{Call, number};
use super::super::keys::Keys;
use super::super::model::data::Held;
use super::super::model::{Data, Server};
use super::super::scripts::{self, Script};
use super::real::Real;

const DAY: u64 = 86_400_000;

#[derive(Clone, Debug)]
enum Op {
    Push {
        writer: u8,
        seq: u64,
        after: u64,
        period: u64,
        again: bool,
        lost: u64,
    },
    Look {
        writer: u8,
    },
    Check {
        terms: u8,
    },
    Lease {
        owner: u8,
        led: bool,
        server: u8,
    },
    Resign {
        owner: u8,
    },
    Free {
        bid: u8,
        owner: u8,
        at: u8,
    },
    List {
        after: u64,
        most: u64,
    },
    Claim {
        bid: u8,
        owner: u8,
        period: u64,
        long: bool,
        seconds: u64,
    },
    Take {
        bid: u8,
        owner: u8,
        at: u8,
        grace: u64,
        server: u8,
    },
    Own {
        bid: u8,
        owner: u8,
        at: u8,
        touch: bool,
    },
    Plan {
        bid: u8,
        owner: u8,
        at: u8,
        plan: u8,
    },
    Begin {
        bid: u8,
        owner: u8,
        at: u8,
        mark: u8,
        plan: u8,
        doubtful: u64,
    },
    End {
        bid: u8,
        owner: u8,
        at: u8,
        mark: u8,
        done: bool,
        finish: bool,
        plan: u8,
        all: bool,
    },
    Totals {
        bid: u8,
        owner: u8,
        at: u8,
        known: u8,
    },
    Keep {
        bid: u8,
        owner: u8,
        at: u8,
        was: u8,
        alone: bool,
    },
    Wish {
        known: u8,
    },
    /// The epoch began long ago.
    Old,
    /// A key is gone: it was too old, or evicted.
    Gone {
        key: u8,
    },
    Wipe,
}

fn op() -> impl Strategy<Value = Op> {
    let (who, bid, period) = (0..2u8, 0..3u8, 0..3u64);
    // Mostly the term that is right.
    let at = prop_oneof![8 => Just(0u8), 1 => Just(1u8), 1 => Just(2u8)];
    let (c, o, a) = (bid.clone(), who.clone(), at.clone());
    prop_oneof![
        6 => (who.clone(), 1..5u64, prop::option::of(0..4u64), period.clone(), any::<bool>(), 0..3u64).prop_map(
            |(writer, seq, after, period, again, lost)|
            Op::Push { writer, seq, after: after.unwrap_or(seq - 1), period, again, lost }),
        1 => who.clone().prop_map(|writer| Op::Look { writer }),
        1 => who.clone().prop_map(|terms| Op::Check { terms }),
        2 => (who.clone(), any::<bool>(), 0..3u8).prop_map(|(owner, led, server)| Op::Lease { owner, led, server }),
        1 => who.clone().prop_map(|owner| Op::Resign { owner }),
        1 => (bid.clone(), who.clone(), at.clone()).prop_map(|(bid, owner, at)| Op::Free { bid, owner, at }),
        2 => (prop_oneof![Just(0), Just(1 << 50)], 1..4u64).prop_map(|(after, most)| Op::List { after, most }),
        6 => (bid.clone(), who.clone(), period, any::<bool>(), prop_oneof![Just(0), Just(4), Just(5000)])
            .prop_map(|(bid, owner, period, long, seconds)| Op::Claim { bid, owner, period, long, seconds }),
        3 => (bid.clone(), who.clone(), at.clone(), prop_oneof![Just(0), Just(DAY)], 0..2u8)
            .prop_map(|(bid, owner, at, grace, server)| Op::Take { bid, owner, at, grace, server }),
        1 => (c.clone(), o.clone(), a.clone(), any::<bool>()).prop_map(|(bid, owner, at, touch)|
            Op::Own { bid, owner, at, touch }),
        2 => (c.clone(), o.clone(), a.clone(), 0..2u8).prop_map(|(bid, owner, at, plan)| Op::Plan { bid, owner, at, plan }),
        3 => (c.clone(), o.clone(), a.clone(), 0..3u8, 0..2u8, 0..3u64).prop_map(|(bid, owner, at, mark, plan, doubtful)|
            Op::Begin { bid, owner, at, mark, plan, doubtful }),
        4 => (c, o, a, 0..3u8, any::<bool>(), prop::bool::weighted(0.2), 0..2u8, any::<bool>()).prop_map(
            |(bid, owner, at, mark, done, finish, plan, all)|
            Op::End { bid, owner, at, mark, done, finish, plan, all }),
        2 => (bid.clone(), who.clone(), at.clone(), 0..3u8).prop_map(|(bid, owner, at, known)|
            Op::Totals { bid, owner, at, known }),
        3 => (bid, who, at, 0..3u8, any::<bool>()).prop_map(|(bid, owner, at, was, alone)|
            Op::Keep { bid, owner, at, was, alone }),
        2 => (0..3u8).prop_map(|known| Op::Wish { known }),
        1 => Just(Op::Old),
        1 => (0..14u8).prop_map(|key| Op::Gone { key }),
        1 => Just(Op::Wipe),
    ]
}

/// A version of totals; none for the first.
fn version(which: u8) -> Vec<u8> {
    if which == 0 { Vec::new() } else { number(which.into()) }
}

/// Both servers, and the terms that were given, newest first.
struct Both<'a> {
    keys: Keys,
    real: &'a mut Real,
    model: Server,
    micros: u64,
    terms: BTreeMap<u8, Vec<Vec<u8>>>,
}

impl Both<'_> {
    fn at(&self, bid: u8, at: u8) -> Vec<u8> {
        let given = self.terms.get(&bid).and_then(|terms| terms.get(usize::from(at)));
        given.cloned().unwrap_or_else(|| b"7".to_vec())
    }

    fn apply(&mut self, op: &Op) -> Result<(), TestCaseError> {
        let k = self.keys.clone();
        let bid_name = |bid: u8| format!("bid{bid}");
        let owner_name = |owner: u8| format!("owner{owner}").into_bytes();
        let claim = |bid: u8| k.claim(&bid_name(bid));
        let mut claimed = None;
        let call = |script: &'static Script, keys: Vec<Vec<u8>>, args: Vec<Vec<u8>>| Call { script, keys, args };
        let call = match *op {
            Op::Push { writer, seq, after, period, again, lost } => {
                let id = format!("w{writer}");
                let keys =
                    vec![k.writer(&id), k.bucket(period), k.open(), k.epoch(), k.newest(), k.claims(), k.counts()];
                let (body, id) = (format!("{id}/{seq}").into_bytes(), id.into_bytes());
                let [ttl, bucket, again, lost] = [9 * DAY, 5 * DAY, again.into(), lost].map(number);
                let args = vec![number(seq), number(after), number(period), body, ttl, bucket, id, again, lost];
                call(&scripts::PUSH, keys, args)
            }
            Op::Look { writer } => {
                let keys = vec![k.writer(&format!("w{writer}")), k.epoch(), k.open(), k.newest(), k.claims()];
                call(&scripts::LOOK, keys, vec![number(7 * DAY)])
            }
            Op::Check { terms } => call(&scripts::CHECK, vec![k.terms()], vec![number(terms.into()), number(3 * DAY)]),
            Op::Lease { owner, led, server } => {
                let server = [&b""[..], b"run0", b"run1"][usize::from(server)].to_vec();
                let args = vec![owner_name(owner), number(9 * DAY), number(led.into()), number(6 * DAY), server];
                call(&scripts::LEASE, vec![k.lease(), k.epoch(), k.terms(), k.server()], args)
            }
            Op::Resign { owner } => call(&scripts::RESIGN, vec![k.lease()], vec![owner_name(owner)]),
            Op::Free { bid, owner, at } => {
                call(&scripts::FREE, vec![claim(bid), k.epoch()], vec![owner_name(owner), self.at(bid, at)])
            }
            Op::List { after, most } => {
                call(&scripts::LIST, vec![k.open(), k.claims()], vec![number(after), number(most)])
            }
            Op::Claim { bid, owner, period, long, seconds } => {
                claimed = Some(bid);
                let name = bid_name(bid);
                let [bucket, batch] = [k.bucket(period), k.batch(&name)];
                let keys =
                    vec![bucket, batch, k.open(), k.claims(), claim(bid), k.newest(), k.epoch(), k.marks(), k.counts()];
                let time = number(if long { DAY } else { 0 });
                let (name, server) = (name.into_bytes(), b"run0".to_vec());
                let args = vec![name, owner_name(owner), number(period), time, server, number(seconds)];
                call(&scripts::CLAIM, keys, args)
            }
            Op::Take { bid, owner, at, grace, server } => {
                claimed = Some(bid);
                let server = format!("run{server}").into_bytes();
                let name = bid_name(bid).into_bytes();
                let args = vec![name, owner_name(owner), number(DAY), number(grace), server, self.at(bid, at)];
                call(&scripts::TAKE, vec![claim(bid), k.claims(), k.epoch()], args)
            }
            Op::Own { bid, owner, at, touch } => {
                let args = vec![owner_name(owner), self.at(bid, at), number(touch.into())];
                call(&scripts::OWN, vec![claim(bid), k.epoch()], args)
            }
            Op::Plan { bid, owner, at, plan } => {
                let args = vec![owner_name(owner), self.at(bid, at), number(plan.into())];
                call(&scripts::PLAN, vec![claim(bid), k.epoch()], args)
            }
            Op::Begin { bid, owner, at, mark, plan, doubtful } => {
                let [mark, range] = [format!("1.{mark}").into_bytes(), format!("{mark}-9").into_bytes()];
                let [time, plan, doubtful] = [1, plan.into(), doubtful].map(number);
                let args = vec![owner_name(owner), self.at(bid, at), mark, range, time, plan, doubtful];
                call(&scripts::BEGIN, vec![claim(bid), k.epoch(), k.counts()], args)
            }
            Op::End { bid, owner, at, mark, done, finish, plan, all } => {
                let name = bid_name(bid);
                let [token, range] = [format!("1.{mark}").into_bytes(), format!("{mark}-9").into_bytes()];
                let token = if all && !done { Vec::new() } else { token };
                let keys = vec![claim(bid), k.batch(&name), k.claims(), k.epoch(), k.counts()];
                let [done, finish] = [number(done.into()), number(finish.into())];
                let (name, plan) = (name.into_bytes(), number(plan.into()));
                let damaged = number(mark.into());
                let args = vec![owner_name(owner), self.at(bid, at), token, range, done, name, finish, plan, damaged];
                call(&scripts::END, keys, args)
            }
            Op::Totals { bid, owner, at, known } => {
                let args = vec![owner_name(owner), self.at(bid, at), version(known)];
                call(&scripts::TOTALS, vec![claim(bid), k.epoch(), k.totals()], args)
            }
            Op::Keep { bid, owner, at, was, alone } => {
                let (next, parts) = (version(1 + was % 2), [b"young".to_vec(), b"old".to_vec()]);
                let args = [owner_name(owner), self.at(bid, at), version(was), next];
                let args = args.into_iter().chain(parts).chain([number(alone.into())]).collect();
                call(&scripts::KEEP, vec![claim(bid), k.epoch(), k.totals()], args)
            }
            Op::Wish { known } => {
                call(&scripts::WISH, vec![k.totals(), k.terms()], vec![number(4 * DAY), version(known)])
            }
            Op::Old => {
                self.real.run::<()>(&[b"SET", &k.epoch(), b"5-old"]).unwrap();
                self.model.data.0.insert(k.epoch(), (Held::Text(b"5-old".to_vec()), None));
                return Ok(());
            }
            Op::Gone { key } => {
                let key = match key {
                    0..2 => k.writer(&format!("w{key}")),
                    2..5 => k.bucket(u64::from(key) - 2),
                    5..8 => claim(key - 5),
                    8 => k.open(),
                    9 => k.epoch(),
                    10 => k.newest(),
                    11 => k.totals(),
                    12 => k.marks(),
                    _ => k.lease(),
                };
                self.real.run::<()>(&[b"DEL", &key]).unwrap();
                self.model.data.0.remove(&key);
                return Ok(());
            }
            Op::Wipe => {
                self.real.run::<()>(&[b"FLUSHALL"]).unwrap();
                self.model = Server::default();
                return Ok(());
            }
        };
        let answer = self.real.call(&call).expect("the script runs");
        self.micros = self.moment(&call, &answer);
        let expected = self.model.call(&call, self.micros);
        prop_assert_eq!(sorted(&call, expected), sorted(&call, answer.clone()), "{:?}", op);
        if let (Some(bid), Value::Array(parts)) = (claimed, &answer)
            && let Some(Value::BulkString(at)) = parts.get(3)
        {
            let terms = self.terms.entry(bid).or_default();
            if terms.first() != Some(at) {
                terms.insert(0, at.clone());
            }
        }
        Ok(())
    }

    /// When the real server ran it, as far as it tells.
    fn moment(&self, call: &Call, answer: &Value) -> u64 {
        let Value::Array(parts) = answer else { return self.micros };
        let place = match call.script.name {
            "push" | "look" => 4,
            "check" => 1,
            "lease" | "claim" | "take" => 2,
            "list" | "wish" => 0,
            _ => return self.micros,
        };
        let Some(Value::Int(now)) = parts.get(place) else { return self.micros };
        let now = *now as u64;
        match parts.get(3) {
            Some(Value::BulkString(at)) if matches!(call.script.name, "claim" | "take") => {
                let at: u64 = std::str::from_utf8(at).unwrap().parse().unwrap();
                if at / 1000 == now { at } else { now * 1000 }
            }
            _ => now * 1000,
        }
    }

    /// What the real server holds, with days to live.
    fn real(&mut self) -> BTreeMap<Vec<u8>, (Held, Option<u64>)> {
        let mut all = BTreeMap::new();
        for key in self.real.run::<Vec<Vec<u8>>>(&[b"KEYS", b"*"]).unwrap() {
            let ttl: i64 = self.real.run(&[b"PTTL", &key]).unwrap();
            let kind: String = self.real.run(&[b"TYPE", &key]).unwrap();
            let held = match kind.as_str() {
                "string" => Held::Text(self.real.run(&[b"GET", &key]).unwrap()),
                "hash" => Held::Hash(self.real.run(&[b"HGETALL", &key]).unwrap()),
                _ => Held::Sorted(
                    self.real
                        .run::<Vec<(Vec<u8>, f64)>>(&[b"ZRANGE", &key, b"0", b"-1", b"WITHSCORES"])
                        .unwrap()
                        .into_iter()
                        .map(|(member, score)| (member, score as u64))
                        .collect(),
                ),
            };
            all.insert(key, (held, u64::try_from(ttl).ok().map(days)));
        }
        all
    }
}

fn days(millis: u64) -> u64 {
    (millis + DAY / 2) / DAY
}

/// A server tells the fields of a hash in any order.
fn sorted(call: &Call, answer: Value) -> Value {
    let Value::Array(mut parts) = answer else { return answer };
    if call.script.name == "plan"
        && let Some(Value::Array(notes)) = parts.last_mut()
    {
        let mut pairs: Vec<_> = notes.chunks(2).map(<[_]>::to_vec).collect();
        pairs.sort_by_key(|pair| format!("{pair:?}"));
        *notes = pairs.concat();
    }
    Value::Array(parts)
}

fn model_with_days(data: &Data, now: u64) -> BTreeMap<Vec<u8>, (Held, Option<u64>)> {
    let days = |end: Option<u64>| end.map(|end| days(end.saturating_sub(now)));
    data.0.iter().map(|(key, (held, end))| (key.clone(), (held.clone(), days(*end)))).collect()
}

#[test]
fn the_model_does_what_the_scripts_do() {
    let mut real = Real::start("same", &[]);
    let cases = ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(cases);
    let real = std::cell::RefCell::new(&mut real);
    let outcome = runner.run(&prop::collection::vec(op(), 1..40), |ops| {
        let mut real = real.borrow_mut();
        real.run::<()>(&[b"FLUSHALL"]).unwrap();
        let keys = Keys::new("Shop", None);
        let (model, terms) = (Server::default(), BTreeMap::new());
        let mut both = Both { keys, real: &mut real, model, micros: 0, terms };
        for op in &ops {
            both.apply(op)?;
            let expected = model_with_days(&both.model.data, both.micros / 1000);
            prop_assert_eq!(expected, both.real(), "after {:?}", op);
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}
