//! Servers that move: clusters, and what Sentinels watch.

use meters_redis_tests::{Append, Cluster, Sentinel, Server, slot};

use super::*;

#[tokio::test]
async fn the_node_of_a_slot_is_found_and_followed() {
    let mut cluster = Cluster::start(3, Append::No);
    let slot = slot("m1:{app}:x");
    let owner = cluster.owner(slot);
    for url in cluster.urls() {
        let mut connection = to(&url);
        assert_eq!(eventually(&mut connection, &echo("a")).await, text("a"));
        let seen = super::super::Server::look(&mut connection, &mut Refused::default(), deadline()).await.unwrap();
        assert_eq!(seen.aof, Aof::Off);
    }
    let other = (owner + 1) % 3;
    let mut connection = to(&cluster.urls().join(",").replace(",redis://", ","));
    eventually(&mut connection, &echo("b")).await;
    cluster.move_slot(slot, other, || {});
    assert_eq!(eventually(&mut connection, &echo("c")).await, text("c"));
    // The seeds that live lead on when the node of the slot is gone and back.
    cluster.node(other).restart();
    cluster.well();
    assert_eq!(eventually(&mut connection, &echo("d")).await, text("d"));
}

#[tokio::test]
async fn a_node_that_died_is_looked_for_among_the_others() {
    let mut cluster = Cluster::start(3, Append::No);
    let slot = slot("m1:{app}:x");
    let owner = cluster.owner(slot);
    let other = (owner + 1) % 3;
    let mut connection = to(&cluster.urls()[other]);
    eventually(&mut connection, &echo("a")).await;
    for node in 0..3 {
        // Its other slots die with it.
        cluster.node(node).ask(&["CONFIG", "SET", "cluster-require-full-coverage", "no"]);
    }
    cluster.move_slot(slot, other, || {});
    cluster.node(owner).kill();
    assert_eq!(eventually(&mut connection, &echo("b")).await, text("b"));
}

#[tokio::test]
async fn a_slot_that_is_on_the_move_is_asked_for() {
    let cluster = Cluster::start(2, Append::No);
    let slot = slot("m1:{app}:x");
    let owner = cluster.owner(slot);
    let mut connection = to(&cluster.urls()[owner]);
    // No key there yet: the node that imports the slot is asked.
    cluster.move_slot(slot, 1 - owner, || {
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async {
                    assert_eq!(eventually(&mut connection, &echo("moving")).await, text("moving"));
                });
            });
        });
    });
    let mut connection = to(&cluster.urls()[owner]);
    assert_eq!(eventually(&mut connection, &echo("moved")).await, text("moved"));
}

#[tokio::test]
async fn sentinels_lead_to_the_master_and_to_the_next() {
    let mut master = Server::start();
    let replica = Server::build().replica_of(master.port()).start();
    replica.followed();
    let sentinel = Sentinel::watch(&master, 1);
    let url = format!("{}/{}", sentinel.url().replace("redis://", "redis+sentinel://127.0.0.1:1,"), sentinel.name());
    let mut connection = to(&url);
    assert_eq!(eventually(&mut connection, &echo("a")).await, text("a"));
    assert_eq!(master.text(&["GET", "m1:{app}:x"]), "a");
    let port = master.port();
    master.kill();
    assert_eq!(sentinel.failed_over(port), replica.port());
    assert_eq!(eventually(&mut connection, &echo("b")).await, text("b"));
    assert_eq!(replica.text(&["GET", "m1:{app}:x"]), "b");

    let failure = to(&url.replace("/shop", "/other")).call(&echo("a"), deadline()).await.unwrap_err();
    assert_eq!(failure.doubt, Doubt::Configuration);
    assert!(failure.error.to_string().contains("knows no service \"other\""), "{failure:?}");
}
