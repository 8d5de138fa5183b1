use std::time::Duration;

use proptest::prelude::*;

use super::super::client::scripted::Server;
use super::super::datum::arbitrary::{any_datum, datum, numbered};
use super::*;

/// The body that the SDK makes of these datums.
fn body(namespace: &Namespace, datums: &[Datum]) -> Vec<u8> {
    let server = Server::new([]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(server.client().put(namespace, datums, Duration::from_secs(60))).unwrap();
    assert_eq!((server.count(), server.header(0, "content-encoding")), (1, None));
    server.bodies().remove(0)
}

#[test]
fn one_small_datum_byte_by_byte() {
    let namespace = Namespace::new("N").unwrap();
    let body = body(&namespace, &[datum("m", 5.0)]);
    let mut expected = vec![0xbf, 0x69];
    expected.extend(b"Namespace\x61N\x6aMetricData\x81\xbf\x6aMetricName\x61m\x69Timestamp\xc1\xfb");
    expected.extend(1_717_171_717f64.to_be_bytes());
    expected.extend(b"\x65Value\xfb");
    expected.extend(5f64.to_be_bytes());
    expected.extend([0xff, 0xff]);
    assert_eq!(body, expected);
    assert_eq!(request(&namespace, [datum("m", 5.0)].iter()), body.len());
}

#[test]
fn heads_grow_where_they_should() {
    let namespace = Namespace::new("N").unwrap();
    for count in [0, 1, 23, 24, 255, 256, 1_000] {
        let datums = numbered(count);
        assert_eq!(request(&namespace, datums.iter()), body(&namespace, &datums).len(), "{count}");
    }
    assert_eq!([23, 24, 0xff, 0x100, 0xffff, 0x1_0000, 0xffff_ffff, 0x1_0000_0000].map(head), [1, 2, 2, 3, 3, 5, 5, 9]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn the_size_is_that_of_the_sdk(
        namespace in "[a-z]{1,255}",
        datums in prop::collection::vec(any_datum(), 0..30),
    ) {
        let namespace = Namespace::new(namespace).unwrap();
        prop_assert_eq!(request(&namespace, datums.iter()), body(&namespace, &datums).len());
    }
}
