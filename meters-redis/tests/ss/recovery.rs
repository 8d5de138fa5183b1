//! A flusher that dies, or is two.

use super::*;

#[tokio::test]
async fn what_is_counted_meanwhile_waits_for_the_next() {
    let server = Server::start();
    let (one, two) = (meters(&server.url()), meters(&server.url()));
    python(&server, r#"["e", []]"#);
    let first = drained(&one).await;
    python(&server, r#"["e", []]"#);
    python(&server, r#"["e", []]"#);
    // Neither another process nor another task of this one.
    nothing(&two).await;
    nothing(&one).await;
    assert_eq!(events(&first), of([("e", 1)]));
    assert!(one.acknowledge(first, deadline()).await.unwrap());
    let second = drained(&two).await;
    assert_eq!(events(&second), of([("e", 2)]));
    assert!(!second.again);
    assert!(two.acknowledge(second, deadline()).await.unwrap());
    nothing(&one).await;
}

#[tokio::test]
async fn who_dies_is_replaced_and_its_late_word_counts_nothing() {
    let server = Server::start();
    let (dead, next) = (meters(&server.url()), meters(&server.url()));
    python(&server, r#"["e", [["k", "v"]]]"#);
    let first = drained(&dead).await;
    assert!(!first.again);
    // As if its time were over.
    server.ask(&["HSET", CLAIM, "deadline", "0"]);
    python(&server, r#"["e", [["k", "v"]]]"#);
    let again = drained(&next).await;
    assert!(again.again && again.until > Instant::now());
    assert_eq!(
        (events(&again), again.window.start(), again.window.end()),
        (of([("e", 1)]), first.window.start(), first.window.end())
    );
    assert!(!dead.acknowledge(first, deadline()).await.unwrap());
    assert!(next.acknowledge(again, deadline()).await.unwrap());
    let rest = drained(&dead).await;
    assert_eq!(events(&rest), of([("e", 1)]));
}

#[tokio::test]
async fn what_is_given_back_is_had_at_once() {
    let server = Server::start();
    let (one, two) = (meters(&server.url()), meters(&server.url()));
    python(&server, r#"["e", []]"#);
    let first = drained(&one).await;
    assert!(one.give_back(first, deadline()).await.unwrap());
    let again = drained(&two).await;
    assert_eq!(events(&again), of([("e", 1)]));
    assert!(two.acknowledge(again, deadline()).await.unwrap());
    nothing(&one).await;
}

#[tokio::test]
async fn counts_without_a_claim_are_no_orphans_for_long() {
    let server = Server::start();
    let (one, two) = (meters(&server.url()), meters(&server.url()));
    python(&server, r#"["e", []]"#);
    let first = drained(&one).await;
    // Evicted.
    server.ask(&["DEL", CLAIM]);
    python(&server, r#"["e", []]"#);
    let orphan = drained(&two).await;
    assert!(orphan.again);
    assert_eq!(events(&orphan), of([("e", 1)]));
    assert!(!one.acknowledge(first, deadline()).await.unwrap());
    assert!(two.acknowledge(orphan, deadline()).await.unwrap());
    assert_eq!(events(&drained(&one).await), of([("e", 1)]));
}

#[tokio::test]
async fn a_claim_without_counts_holds_up_nobody() {
    let server = Server::start();
    let meters = meters(&server.url());
    python(&server, r#"["e", []]"#);
    let first = drained(&meters).await;
    server.ask(&["DEL", "ssinstr:meter:pending"]);
    python(&server, r#"["f", []]"#);
    let second = drained(&meters).await;
    assert_eq!(events(&second), of([("f", 1)]));
    assert!(!meters.acknowledge(first, deadline()).await.unwrap());
    assert!(meters.acknowledge(second, deadline()).await.unwrap());
}

#[tokio::test]
async fn one_series_of_two_fields_is_one() {
    let server = Server::start();
    let meters = meters(&server.url());
    for field in [r#"["e", [["n", 5]]]"#, r#"["e", [["n", "5"]]]"#, r#"["e", [["n", "6"]]]"#] {
        python(&server, field);
    }
    server.ask(&["HSET", COUNTS, "no json", "7", r#"["f", []]"#, "-3"]);
    let drained = drained(&meters).await;
    let counts: Vec<_> = drained
        .window
        .iter()
        .map(|(series, value)| (series.dimension("n").unwrap().to_owned(), value.clone()))
        .collect();
    assert_eq!(counts, [("5".to_owned(), Value::Meter(2)), ("6".to_owned(), Value::Meter(1))]);
    let refused: Vec<_> = drained.refused.iter().map(|(field, count)| (field.as_str(), count.as_str())).collect();
    assert_eq!(refused, [(r#"["f", []]"#, "-3"), ("no json", "7")]);
}
