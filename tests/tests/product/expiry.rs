//! Series that expire and come back are reported exactly, and only while they move.

use crate::stage::Stage;

#[test]
fn a_series_that_expired_and_is_back_is_reported_exactly() {
    let stage = Stage::with(|builder| builder.expire_after(2).limit(2));
    let tenant = |n: u32| stage.registry.counter("Orders").dimension("Tenant", n).register();
    let (first, size) = (tenant(1), stage.registry.histogram("Size").register());
    let reported = |n: u32| stage.cw.metric("Orders").with("Tenant", n.to_string()).sum().unwrap_or(0.0);
    for round in 1..=3u32 {
        first.inc(5);
        (0..40).for_each(|_| size.observe(2.0));
        stage.flush();
        assert_eq!(reported(1), f64::from(5 * round));
        assert_eq!(stage.cw.metric("Size").sample_count(), f64::from(40 * round));
        assert_eq!(stage.cw.metric("Size").sum(), Some(f64::from(80 * round)));
        // The zero of a counter that went idle, and then nothing.
        let sent: Vec<u64> = (0..3).map(|_| stage.flush().sent).collect();
        assert_eq!(sent, [1, 0, 0], "round {round}");
        assert_eq!(stage.registry.snapshot().iter().len(), 0);
        // Two new ones find room each round.
        [10 * round, 10 * round + 1].iter().for_each(|n| tenant(*n).inc(1));
        stage.flush();
        assert_eq!((reported(10 * round), reported(10 * round + 1)), (1.0, 1.0));
        (0..3).for_each(|_| drop(stage.flush()));
    }
    assert_eq!(stage.cw.metric("Orders").sum(), Some(15.0 + 6.0));
    assert!(stage.cw.metric("Orders").with("Tenant", "_other").datums().is_empty());
}
