use super::*;

/// What arrived, by name, and how often.
type Arrived = Arc<Mutex<HashMap<String, u64>>>;

/// A server that fails at random, and refuses what is called `bad…`.
fn server(seed: u64, arrived: &Arrived) -> Server {
    let (mut random, arrived) = (fastrand::Rng::with_seed(seed), arrived.clone());
    Server::judging(move |body| {
        let names = names(body);
        let store = || {
            for name in &names {
                *arrived.lock().unwrap().entry(name.clone()).or_default() += 1;
            }
        };
        match random.u32(..12) {
            0 => Answer::Error(400, Some("Throttling"), "Rate exceeded"),
            1 => Answer::Error(500, Some("InternalServiceError"), ""),
            2 => Answer::NoConnection,
            3 => Answer::Error(403, Some("ExpiredToken"), ""),
            4 => Answer::Error(404, None, ""),
            5 if names.len() > 2 => Answer::Error(413, None, ""),
            6 => Answer::Cut,
            7 if !names.iter().any(|name| name.starts_with("bad")) => {
                store();
                Answer::Cut
            }
            _ if names.iter().any(|name| name.starts_with("bad")) => {
                Answer::Error(400, Some("InvalidParameterValue"), "bad")
            }
            _ => {
                store();
                Answer::Ok
            }
        }
    })
}

/// Recorded = sent + pending + refused + dropped, whatever happens; and what was sent arrived, once where it is certain.
#[test]
fn every_datum_is_accounted_for() {
    for seed in 0..25 {
        let arrived = Arrived::default();
        let server = server(seed, &arrived);
        let mut random = fastrand::Rng::with_seed(seed);
        let on_ambiguous = if seed % 3 == 0 { Ambiguous::Drop } else { Ambiguous::Resend };
        let most = random.usize(1..=20);
        let mut exporter = exporter(&server, Settings { on_ambiguous, max_datums_per_request: most, ..settings() });
        let (mut all, mut total) = (Vec::new(), FlushReport::default());
        for round in 0..10 {
            let count = random.usize(..40);
            let bad = |random: &mut fastrand::Rng| if random.u32(..20) == 0 { "bad" } else { "good" };
            let names: Vec<_> = (0..count).map(|one| format!("{}-{round}-{one}", bad(&mut random))).collect();
            total.merge(block_on(exporter.export(gauges(&names), Cause::Asked, far())));
            all.extend(names);
            let counted = total.sent + total.pending + total.refused + total.dropped;
            assert_eq!(counted, all.len() as u64, "seed {seed}, round {round}: {total}");
        }
        while total.pending > 0 {
            total.merge(block_on(exporter.export(None, Cause::Asked, far())));
        }
        let arrived = arrived.lock().unwrap();
        let bad = all.iter().filter(|name| name.starts_with("bad")).count() as u64;
        let lost = all.iter().filter(|name| name.starts_with("good") && !arrived.contains_key(*name)).count() as u64;
        let twice: u64 = arrived.values().map(|times| times - 1).sum();
        match on_ambiguous {
            Ambiguous::Resend => {
                assert_eq!((lost, total.dropped, total.refused), (0, 0, bad), "seed {seed}: {total}");
                assert!(twice <= total.ambiguous, "seed {seed}: {twice} twice, {total}");
            }
            _ => {
                assert_eq!((twice, total.dropped), (0, total.ambiguous), "seed {seed}: {total}");
                assert!(lost <= total.dropped, "seed {seed}: {lost} lost, {total}");
            }
        }
    }
}
