//! What a real server does with the scripts that the model does not know of: full memory, and rights.

use redis::Value;

use super::super::call::{Call, number};
use super::super::keys::Keys;
use super::super::scripts;
use super::real::Real;

/// Rights of a process that only pushes.
const WRITER: &str = "+evalsha +eval +script|load +get +set +hset +hincrby +pexpire +zadd +zrange +time";
/// What a process needs besides that reports.
const REPORTER: &str = "+hget +hmget +hgetall +hkeys +hdel +exists +rename +persist +zrem +zrangebyscore +unlink +wait \
                        +zcard +info";

struct Calls(Keys);

impl Calls {
    fn push(&self, seq: u64) -> Call {
        let k = &self.0;
        let keys = [k.writer("w"), k.bucket(60_000), k.open(), k.epoch(), k.newest(), k.claims(), k.counts()];
        let [period, body, id] = [number(60_000), b"batch".to_vec(), b"w".to_vec()];
        Call::new(
            &scripts::PUSH,
            keys,
            [number(seq), number(seq - 1), period, body, number(90_000), number(90_000), id, number(1), number(7)],
        )
    }

    fn look(&self) -> Call {
        let k = &self.0;
        Call::new(&scripts::LOOK, [k.writer("w"), k.epoch(), k.open(), k.newest(), k.claims()], [number(90_000)])
    }

    fn lease(&self) -> Call {
        let args = [b"me".to_vec(), number(30_000), number(1), number(90_000), b"run".to_vec()];
        Call::new(&scripts::LEASE, [self.0.lease(), self.0.epoch(), self.0.terms(), self.0.server()], args)
    }

    fn claim(&self) -> Call {
        let k = &self.0;
        let [bucket, batch] = [k.bucket(60_000), k.batch("bid")];
        let keys = [bucket, batch, k.open(), k.claims(), k.claim("bid"), k.newest(), k.epoch(), k.marks(), k.counts()];
        let args = [b"bid".to_vec(), b"me".to_vec(), number(60_000), number(90_000), b"run".to_vec(), number(4)];
        Call::new(&scripts::CLAIM, keys, args)
    }

    /// What an owner calls: renewed by itself, settled, planned, begun, not sent, begun, done, finished.
    fn owner(&self, at: &str) -> Vec<Call> {
        let k = &self.0;
        let (me, at) = (b"me".to_vec(), at.as_bytes().to_vec());
        let keys = || [k.claim("bid"), k.epoch()];
        let begin = |mark: &str| {
            let args = [me.clone(), at.clone(), mark.into(), b"0-1".to_vec(), number(1), b"1:f".to_vec(), number(1)];
            Call::new(&scripts::BEGIN, [k.claim("bid"), k.epoch(), k.counts()], args)
        };
        let end = |mark: &str, done, finish| {
            let keys = [k.claim("bid"), k.batch("bid"), k.claims(), k.epoch(), k.counts()];
            let [done, finish] = [number(done), number(finish)];
            let plan = b"1:f".to_vec();
            let (range, bid) = (b"0-1".to_vec(), b"bid".to_vec());
            let args = [me.clone(), at.clone(), mark.into(), range, done, bid, finish, plan, number(1)];
            Call::new(&scripts::END, keys, args)
        };
        vec![
            Call::new(&scripts::OWN, keys(), [me.clone(), at.clone(), number(1)]),
            Call::new(&scripts::PLAN, keys(), [me.clone(), at.clone(), b"1:f".to_vec()]),
            begin("1.1"),
            end("1.1", 0, 0),
            begin("1.2"),
            end("1.2", 1, 0),
            Call::new(&scripts::FREE, keys(), [me.clone(), at.clone()]),
            end("1.3", 1, 1),
        ]
    }

    fn take(&self, at: &str) -> Call {
        let keys = [self.0.claim("bid"), self.0.claims(), self.0.epoch()];
        let args = ["bid", "me", "90000", "0", "run", at].map(|word| word.as_bytes().to_vec());
        Call::new(&scripts::TAKE, keys, args)
    }

    fn others(&self) -> Vec<Call> {
        let k = &self.0;
        let status = [k.open(), k.claims(), k.newest(), k.epoch(), k.lease(), k.terms(), k.counts()];
        vec![
            Call::new(&scripts::LIST, [k.open(), k.claims()], [number(0), number(9)]),
            Call::new(&scripts::STATUS, status, [number(9)]),
            Call::new(&scripts::TIME, [k.terms()], []),
            Call::new(&scripts::RESIGN, [k.lease()], [b"me".to_vec()]),
        ]
    }
}

fn text(answer: &Value, place: usize) -> String {
    let Value::Array(parts) = answer else { panic!("{answer:?}") };
    let Value::BulkString(text) = &parts[place] else { panic!("{answer:?}") };
    String::from_utf8(text.clone()).unwrap()
}

fn first(answer: &Value) -> &Value {
    let Value::Array(parts) = answer else { panic!("{answer:?}") };
    &parts[0]
}

#[test]
fn a_full_server_refuses_a_push_whole_and_lets_all_pass_that_frees_memory() {
    let mut real = Real::start("full", &[]);
    let calls = Calls(Keys::new("Shop", None));
    real.call(&calls.push(1)).unwrap();
    real.run::<()>(&[b"CONFIG", b"SET", b"maxmemory", b"1"]).unwrap();
    let error = real.call(&calls.push(2)).unwrap_err();
    assert_eq!(error.code(), Some("OOM"), "{error}");
    let look = real.call(&calls.look()).unwrap();
    let Value::Array(parts) = look else { panic!() };
    assert_eq!(parts[1], Value::Int(1));
    assert_eq!(first(&real.call(&calls.lease()).unwrap()), &Value::Int(1));
    let claim = real.call(&calls.claim()).unwrap();
    let taken = real.call(&calls.take(&text(&claim, 3))).unwrap();
    assert_eq!(first(&taken), &Value::Int(1));
    for (call, expected) in calls.owner(&text(&taken, 3)).iter().zip([1, 1, 1, 1, 1, 1, 1, 2]) {
        assert_eq!(first(&real.call(call).unwrap()), &Value::Int(expected), "{call:?}");
    }
    let left: Vec<String> = real.run(&[b"KEYS", b"*"]).unwrap();
    assert!(!left.iter().any(|key| key.contains(":b:") || key.contains(":c:") || key.contains("claims")), "{left:?}");
}

/// Goes on as a user with these rights.
fn become_user(real: &mut Real, rights: &str) {
    let rule = format!("ACL SETUSER u reset on >p ~m1:{{Shop}}:* {rights}");
    let words: Vec<_> = rule.split_whitespace().map(str::as_bytes).collect();
    real.run::<()>(&[b"AUTH", b"default", b""]).unwrap();
    real.run::<()>(&words).unwrap();
    real.run::<()>(&[b"AUTH", b"u", b"p"]).unwrap();
}

#[test]
fn a_writer_and_a_reporter_need_no_more_rights_than_these() {
    let mut real = Real::start("rights", &[]);
    let calls = Calls(Keys::new("Shop", None));
    become_user(&mut real, WRITER);
    let check = Call::new(&scripts::CHECK, [calls.0.terms()], [b"terms".to_vec(), number(90_000)]);
    for call in [&check, &check, &calls.push(1), &calls.look(), &Call::new(&scripts::TIME, [calls.0.terms()], [])] {
        real.call(call).unwrap_or_else(|error| panic!("{call:?}: {error}"));
    }
    let error = real.call(&calls.claim()).unwrap_err();
    assert!(error.to_string().contains("can't run this command"), "{error}");
    let foreign = Calls(Keys::new("Other", None));
    assert!(real.call(&foreign.push(1)).is_err());

    become_user(&mut real, &format!("{WRITER} {REPORTER}"));
    real.call(&calls.lease()).unwrap();
    for call in calls.others() {
        real.call(&call).unwrap_or_else(|error| panic!("{call:?}: {error}"));
    }
    let claim = real.call(&calls.claim()).unwrap();
    let taken = real.call(&calls.take(&text(&claim, 3))).unwrap();
    for call in calls.owner(&text(&taken, 3)) {
        real.call(&call).unwrap_or_else(|error| panic!("{call:?}: {error}"));
    }
}
