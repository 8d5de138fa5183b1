//! A server in plain Rust, which does what the scripts do: for models, that go through all states. That it does the same as
//! the real one is proven (`super::proofs`) by doing the same with both.

pub(crate) mod data;
mod drain;
mod totals;
mod writer;

use redis::Value;

pub(crate) use self::data::Data;
use super::call::Call;

/// A server: what it holds, at a moment. A copy is a moment to which it can be rolled back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Server {
    pub(crate) data: Data,
}

/// A call in the server, at a moment in microseconds.
struct Running<'a> {
    data: &'a mut Data,
    keys: &'a [Vec<u8>],
    args: &'a [Vec<u8>],
    micros: u64,
}

impl Server {
    /// Runs a script.
    pub(crate) fn call(&mut self, call: &Call, micros: u64) -> Value {
        self.data.expire(micros / 1000);
        let mut run = Running { data: &mut self.data, keys: &call.keys, args: &call.args, micros };
        match call.script.name {
            "push" => run.push(),
            "look" => run.look(),
            "check" => run.check(),
            "lease" => run.lease(),
            "list" => run.list(),
            "claim" => run.claim(),
            "take" => run.take(),
            "own" => run.own(),
            "plan" => run.plan(),
            "begin" => run.begin(),
            "end" => run.end(),
            "totals" => run.totals(),
            "keep" => run.keep(),
            "wish" => run.wish(),
            "free" => run.free(),
            "resign" => run.resign(),
            name => panic!("no model of {name}"),
        }
    }
}

impl Running<'_> {
    fn now(&self) -> u64 {
        self.micros / 1000
    }

    fn key(&self, place: usize) -> &[u8] {
        &self.keys[place - 1]
    }

    fn arg(&self, place: usize) -> &[u8] {
        &self.args[place - 1]
    }

    fn num(&self, place: usize) -> u64 {
        parse(self.arg(place)).expect("a number")
    }

    fn get(&self, place: usize) -> Option<Vec<u8>> {
        self.data.get(self.key(place)).map(<[u8]>::to_vec)
    }

    fn field(&self, place: usize, field: &str) -> Option<Vec<u8>> {
        self.data.hget(self.key(place), field.as_bytes()).map(<[u8]>::to_vec)
    }

    fn hset(&mut self, place: usize, field: &str, value: Vec<u8>) {
        let key = self.keys[place - 1].clone();
        self.data.hset(key, field.as_bytes().to_vec(), value);
    }
}

fn parse(bytes: &[u8]) -> Option<u64> {
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

fn int(number: impl TryInto<i64>) -> Value {
    Value::Int(number.try_into().ok().expect("fits"))
}

fn text(text: impl Into<Vec<u8>>) -> Value {
    Value::BulkString(text.into())
}

fn digits(number: u64) -> Vec<u8> {
    number.to_string().into_bytes()
}

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}
