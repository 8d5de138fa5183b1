//! The protocol: how what many processes record is reported once, though any of them, the server and the network may fail at
//! any moment. Keys, the scripts that alone change them, and writer and reporter as state machines without I/O, clock or dice.
//!
//! # Pushing
//!
//! A [writer](writer) numbers its batches. One script stores batch *n* only if *n - 1* (or what the server says it has) came
//! before, together with the number: a retry is told apart from a new batch (`DUP`), a server that forgot something is noticed
//! (`GAP`), and gets again what it forgot. A stored batch is kept until it is older than what a server can forget, *and* its
//! period was reported (the watermark: nothing at or before it is open or claimed).
//!
//! ```text
//! waiting --freeze--> sent --OK, DUP--> kept --old enough, reported--> dropped
//!                      ^ `--unknown--'    |
//!                      `------GAP---------'
//! ```
//!
//! # Reporting
//!
//! A [drain](drain) renames a due bucket to a batch of its own (`claim`), waits until the server cannot forget that (the
//! barrier), and asks whether it is still the owner. History is forgotten from its end: what is in a durable claim was pushed
//! before it, and can never come back. Each request to CloudWatch is marked before it leaves (`begin`), and noted after
//! (`end`). The last note removes the claim.
//!
//! ```text
//! open --claim--> fresh --barrier--> settled --own--> durable --fetch--> ready --plan, (begin, end)*--> finished
//!                   ^                                                      | leave, deadline
//!                   `------------- take: own at once, another's after deadline + takeover --'
//! ```
//!
//! A claim belongs to its owner until its deadline, by a clock that does not stop while the machine sleeps. Another takes it
//! over a while later: longer than a signed request lives. Each term has its own name (`at`), so a request of an earlier term
//! that arrives late changes nothing.
//!
//! # What it promises
//!
//! What is recorded by a process that lives is reported once, or was sent again in doubt, and that counted, as long as the
//! server forgets no more than the barrier and the retention allow for. A server that loses everything loses nothing as long
//! as its writers and its leader live, and the leader goes on leading. Lost is what a writer had not pushed when it was killed,
//! and what a server forgot whose writer was killed, too. A mark that the server forgot together with the death of its owner
//! is not missed: another start of the server makes all that is not done doubtful.
//!
//! Not covered: the server's clock leaping ahead by more than the time of takeover while an owner sends; evicted keys.
//!
//! # Rights
//!
//! On `~m1:{app}:*`, writers need `evalsha eval script|load get set hset hincrby pexpire zadd zrange time`; reporters also `hget hmget
//! hgetall hkeys hdel exists rename persist zrem zrangebyscore unlink wait zcard info`.

pub(crate) mod call;
pub(crate) mod drain;
pub(crate) mod keys;
#[cfg(test)]
mod model;
pub(crate) mod period;
#[cfg(test)]
mod proofs;
pub(crate) mod reply;
pub(crate) mod scripts;
pub(crate) mod settings;
pub(crate) mod writer;
