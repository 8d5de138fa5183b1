//! Requests that nobody heard of are looked up: nothing is counted twice.

use meters::{Meters, Registry};
use meters_local::Fault;
use meters_redis_tests::Server;

use super::*;

/// Scaled down: signatures are good for a second less.
const AFTER: Duration = Duration::from_secs(3);

fn member(cw: &CloudWatch, redis: &Server, registry: &Registry) -> Meters {
    let storage = storage(&redis.url()).takeover_after(AFTER).claim_time(Duration::from_secs(8)).build();
    builder(cw).interval("1s").registry(registry).storage(storage).read_back_after(AFTER).start().unwrap()
}

fn stage() -> (CloudWatch, Server) {
    (CloudWatch::builder().signature_lifetime(AFTER - Duration::from_secs(1)).start().unwrap(), Server::start())
}

fn looked_up(cw: &CloudWatch) -> usize {
    cw.requests().iter().filter(|request| request.operation == "GetMetricData").count()
}

/// Until the Redis has nothing of it any more.
fn drained(redis: &Server) {
    meters_redis_tests::until("all is reported", || {
        let keys = redis.text(&["EVAL", "return table.concat(redis.call('KEYS', 'm1:*'), ' ')", "0"]);
        (!["}:o:", "}:b:", "}:c:"].iter().any(|part| keys.contains(part))).then_some(())
    });
}

#[test]
fn what_arrived_is_not_sent_again_and_what_did_not_is() {
    for (fault, puts) in [(Fault::ResetAfterStoring, 1), (Fault::Reset, 2)] {
        let (cw, redis) = stage();
        let registry = Registry::new();
        let meters = member(&cw, &redis, &registry);
        cw.faults().push(fault.clone());
        registry.counter("Orders").register().inc(7);
        meters.flush(PATIENCE);
        assert!(cw.wait_until(|cw| looked_up(cw) == 1, PATIENCE), "{fault:?}");
        drained(&redis);
        let report = meters.shutdown(PATIENCE);
        assert_eq!((report.ambiguous, report.pending), (0, 0), "{report}");
        // Beside it there may be a zero for what fell silent.
        assert_eq!(cw.metric("Orders").sum(), Some(7.0), "{fault:?}");
        let made =
            cw.requests().iter().filter(|request| request.operation == "PutMetricData" && request.datums == 2).count();
        assert_eq!(made, puts, "{fault:?}: the counter and the mark");
    }
}

#[test]
fn what_a_process_was_sending_when_it_ended_is_looked_up_by_the_next() {
    let (cw, redis) = stage();
    let (first, second) = (Registry::new(), Registry::new());
    let meters = member(&cw, &redis, &first);
    cw.faults().push(Fault::HangAfterStoring);
    first.counter("Orders").register().inc(7);
    meters.flush(PATIENCE);
    assert!(cw.wait_until(|cw| cw.metric("Orders").sum() == Some(7.0), PATIENCE));
    // It ends while it waits for the answer.
    meters.shutdown(Duration::ZERO);
    let next = member(&cw, &redis, &second);
    assert!(cw.wait_until(|cw| looked_up(cw) == 1, PATIENCE));
    drained(&redis);
    assert_eq!(next.shutdown(PATIENCE).ambiguous, 0);
    assert_eq!(cw.metric("Orders").sum(), Some(7.0));
}

#[test]
fn looking_up_wants_a_storage() {
    let error = builder(&CloudWatch::builder().start().unwrap()).read_back(true).start().unwrap_err();
    assert!(error.to_string().contains("wants a storage"), "{error}");
}
