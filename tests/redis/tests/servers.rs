//! The servers themselves: what they keep, forget, refuse, and that nothing of them stays.

use std::time::Duration;

use meters_redis_tests::{Append, Cluster, Faults, Proxy, SLOTS, Sentinel, Server, slot, until};
use redis::{Connection, RedisResult};

fn get(connection: &mut Connection, key: &str) -> RedisResult<Option<String>> {
    redis::cmd("GET").arg(key).query(connection)
}

fn connect(url: &str) -> Connection {
    let connection = redis::Client::open(url).unwrap().get_connection().unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    connection
}

fn alive(id: u32) -> bool {
    std::path::Path::new(&format!("/proc/{id}")).exists()
}

#[test]
fn what_is_always_appended_outlives_a_kill_and_nothing_else_does() {
    for (append, kept) in [(Append::Always, "v"), (Append::Everysec, "v"), (Append::No, "")] {
        let mut server = Server::build().append(append).start();
        server.ask(&["SET", "k", "v"]);
        server.kill();
        assert!(server.try_ask(&["PING"]).is_err());
        server.restart();
        assert_eq!(get(&mut connect(&server.url()), "k").unwrap().unwrap_or_default(), kept, "{append:?}");
    }
}

#[test]
fn a_loss_of_power_takes_back_what_came_after_a_length() {
    let mut server = Server::build().append(Append::Everysec).start();
    server.ask(&["SET", "early", "v"]);
    let kept = server.appended();
    server.ask(&["SET", "late", "v"]);
    assert!(server.appended() > kept);
    server.lose_power(kept);
    server.restart();
    let mut connection = connect(&server.unix_url());
    assert_eq!(get(&mut connection, "early").unwrap().as_deref(), Some("v"));
    assert_eq!(get(&mut connection, "late").unwrap(), None);
}

#[test]
fn passwords_and_users_are_asked_for() {
    let server = Server::build().password("secret").start();
    assert!(redis::Client::open(server.url()).unwrap().get_connection().and_then(|mut c| get(&mut c, "k")).is_err());
    assert_eq!(get(&mut connect(&server.url_as("default", "secret")), "k").unwrap(), None);
    let server = Server::build().user("writer on >pw ~m1:* +get").user("default off").start();
    let mut writer = connect(&server.url_as("writer", "pw"));
    assert_eq!(get(&mut writer, "m1:k").unwrap(), None);
    assert_eq!(get(&mut writer, "other").unwrap_err().code(), Some("NOPERM"));
}

#[test]
fn a_server_that_speaks_tls_starts_with_certificates_of_its_own() {
    let server = Server::build().tls().start();
    let certificates = server.certificates();
    assert!(server.tls_url().starts_with("rediss://localhost:"));
    let text = std::fs::read_to_string(&certificates.authority).unwrap();
    assert!(text.starts_with("-----BEGIN CERTIFICATE-----"));
}

#[test]
fn a_replica_that_is_promoted_has_what_the_master_had_sent_it() {
    let (master, replica) = (Server::start(), Server::start());
    replica.follow(&master);
    master.ask(&["SET", "k", "v"]);
    assert_eq!(master.text(&["WAIT", "1", "30000"]), "1");
    assert_eq!(replica.try_ask(&["SET", "k", "w"]).unwrap_err().code(), Some("READONLY"));
    replica.promote();
    replica.ask(&["SET", "k", "w"]);
    assert_eq!((replica.text(&["GET", "k"]), master.text(&["GET", "k"])), ("w".to_owned(), "v".to_owned()));
}

#[test]
fn a_frozen_server_answers_when_it_thaws() {
    let server = Server::start();
    let mut connection = server.connect().unwrap();
    server.freeze();
    connection.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    assert!(get(&mut connection, "k").is_err());
    server.thaw();
    assert_eq!(get(&mut server.connect().unwrap(), "k").unwrap(), None);
}

#[test]
fn a_sentinel_promotes_the_replica_of_a_dead_master() {
    let mut master = Server::start();
    let replica = Server::build().replica_of(master.port()).start();
    replica.followed();
    let sentinel = Sentinel::watch(&master, 1);
    assert_eq!(sentinel.master(), Some(master.port()));
    master.kill();
    assert_eq!(sentinel.failed_over(master.port()), replica.port(), "{}", sentinel.log());
    until("the replica is a master", || (replica.info("role").as_deref() == Some("master")).then_some(()));
}

#[test]
fn slots_of_a_cluster_move_with_their_keys_and_nodes_come_back() {
    let mut cluster = Cluster::start(3, Append::Always);
    let (tagged, key) = (slot("m1:{shop}:open"), "m1:{shop}:k");
    assert_eq!((slot("123456789"), slot("shop"), tagged), (12739, slot(key), slot(key)));
    assert!(slot("a") < SLOTS);
    let from = cluster.owner(tagged);
    cluster.node(from).ask(&["SET", key, "v"]);
    let (to, mut steps) = ((from + 1) % 3, 0);
    cluster.move_slot(tagged, to, |_| steps += 1);
    assert_eq!((cluster.owner(tagged), steps), (to, 5));
    assert_eq!(cluster.node(to).text(&["GET", key]), "v");
    assert_eq!(cluster.node(from).try_ask(&["GET", key]).unwrap_err().code(), Some("MOVED"));
    cluster.node(to).restart();
    cluster.well();
    assert_eq!(cluster.node(to).text(&["GET", key]), "v");
}

#[test]
fn the_proxy_cuts_halves_and_delivers_late() {
    let server = Server::start();
    let proxy = Proxy::before(server.port(), 1);
    let set = |key: &str, patience: u64| {
        let mut connection = connect(&proxy.url());
        connection.set_read_timeout(Some(Duration::from_millis(patience))).unwrap();
        redis::cmd("SET").arg(key).arg("v").query::<String>(&mut connection)
    };
    let stored = |key: &str| get(&mut server.connect().unwrap(), key).unwrap().is_some();
    assert_eq!(set("through", 30_000).unwrap(), "OK");
    // A new connection says who it is with its first bytes: these are not to meet a fault.
    let mut connection = connect(&proxy.url());
    proxy.set(Faults { cut: 1.0, ..Faults::NONE });
    assert!(redis::cmd("SET").arg("cut").arg("v").query::<String>(&mut connection).is_err());
    until("what was cut off is delivered", || stored("cut").then_some(()));
    proxy.set(Faults::NONE);
    let mut connection = connect(&proxy.url());
    proxy.set(Faults { half: 1.0, ..Faults::NONE });
    assert!(redis::cmd("SET").arg("half").arg("v").query::<String>(&mut connection).is_err());
    proxy.set(Faults::NONE);
    let mut connection = connect(&proxy.url());
    connection.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    let delayed = Duration::from_millis(300)..Duration::from_millis(301);
    proxy.set(Faults { delay: 1.0, delayed, ..Faults::NONE });
    assert!(redis::cmd("SET").arg("late").arg("v").query::<String>(&mut connection).is_err());
    drop(connection);
    until("what was late is delivered to nobody", || stored("late").then_some(()));
    assert!(!stored("half"));
    let happened = proxy.happened();
    let counts = [&happened.cut, &happened.half, &happened.delay];
    assert!(counts.iter().all(|count| count.load(std::sync::atomic::Ordering::SeqCst) == 1), "{happened:?}");
}

#[test]
fn a_black_hole_holds_back_and_a_switch_leads_elsewhere() {
    let (server, other) = (Server::start(), Server::start());
    let proxy = Proxy::before(server.port(), 1);
    let mut connection = connect(&proxy.url());
    connection.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    proxy.black_hole(true);
    assert!(redis::cmd("SET").arg("k").arg("v").query::<String>(&mut connection).is_err());
    assert_eq!(get(&mut server.connect().unwrap(), "k").unwrap(), None);
    proxy.black_hole(false);
    until("what fell into it comes out", || get(&mut server.connect().unwrap(), "k").unwrap());
    proxy.switch(other.port());
    assert_eq!(get(&mut connect(&proxy.url()), "k").unwrap(), None);
}

#[test]
fn nothing_stays_of_a_server_not_even_after_a_panic() {
    let (id, folder) = std::thread::spawn(|| {
        let server = Server::start();
        let known = (server.id(), server.folder().to_owned());
        let (sender, receiver) = std::sync::mpsc::channel();
        let panicking = std::thread::spawn(move || {
            let _server = server;
            receiver.recv().unwrap();
            panic!("a test fails");
        });
        assert!(alive(known.0));
        sender.send(()).unwrap();
        assert!(panicking.join().is_err());
        known
    })
    .join()
    .unwrap();
    assert!(!alive(id) && !folder.exists());
}
