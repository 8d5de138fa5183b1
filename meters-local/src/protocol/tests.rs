use super::{Value, cbor, json};
use ciborium::Value as Reference;
use proptest::prelude::*;

/// Any tree without a value that differs from itself.
fn values() -> impl Strategy<Value = Value> {
    let number = any::<f64>().prop_filter("NaN is not equal to itself", |number| !number.is_nan());
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        number.clone().prop_map(Value::Double),
        number.prop_map(Value::Timestamp),
        ".{0,40}".prop_map(Value::Text),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::List),
            prop::collection::btree_map(".{0,30}", inner, 0..8).prop_map(|map| Value::Map(map.into_iter().collect())),
        ]
    })
}

/// What JSON can tell apart: no timestamps, and finite doubles.
fn plain(value: Value) -> Value {
    match value {
        Value::Timestamp(number) | Value::Double(number) if !number.is_finite() => Value::Null,
        Value::Timestamp(number) => Value::Double(number),
        Value::List(items) => Value::List(items.into_iter().map(plain).collect()),
        Value::Map(members) => Value::Map(members.into_iter().map(|(key, value)| (key, plain(value))).collect()),
        other => other,
    }
}

/// The same tree in the words of an independent implementation.
fn reference(value: &Value) -> Reference {
    match value {
        Value::Null => Reference::Null,
        Value::Bool(truth) => Reference::Bool(*truth),
        Value::Int(number) => Reference::Integer((*number).into()),
        Value::Double(number) => Reference::Float(*number),
        Value::Timestamp(seconds) => Reference::Tag(1, Box::new(Reference::Float(*seconds))),
        Value::Text(text) => Reference::Text(text.clone()),
        Value::List(items) => Reference::Array(items.iter().map(reference).collect()),
        Value::Map(members) => Reference::Map(
            members.iter().map(|(key, value)| (Reference::Text(key.clone()), reference(value))).collect(),
        ),
    }
}

proptest! {
    #[test]
    fn cbor_comes_back(value in values()) {
        prop_assert_eq!(cbor::decode(&cbor::encode(&value)), Ok(value));
    }

    #[test]
    fn another_implementation_reads_our_cbor(value in values()) {
        let read: Reference = ciborium::from_reader(cbor::encode(&value).as_slice()).unwrap();
        prop_assert_eq!(read, reference(&value));
    }

    #[test]
    fn we_read_the_cbor_of_another_implementation(value in values()) {
        let mut written = Vec::new();
        ciborium::into_writer(&reference(&value), &mut written).unwrap();
        prop_assert_eq!(cbor::decode(&written), Ok(value));
    }

    #[test]
    fn json_comes_back(value in values().prop_map(plain)) {
        prop_assert_eq!(json::decode(&json::encode(&value)), Ok(value));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = cbor::decode(&bytes);
        let _ = json::decode(&bytes);
    }

    #[test]
    fn a_damaged_message_is_read_or_refused(value in values(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = cbor::encode(&value);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = cbor::decode(&bytes);
        // Whatever is cut off at the end is missed.
        prop_assert!(cbor::decode(&cbor::encode(&value)[..at]).is_err());
    }
}

#[test]
fn items_of_indefinite_length() {
    // {_ "a": [_ 1, (_ "b", "c")]}
    let bytes = [0xbf, 0x61, b'a', 0x9f, 0x01, 0x7f, 0x61, b'b', 0x61, b'c', 0xff, 0xff, 0xff];
    let list = Value::List(vec![Value::Int(1), Value::text("bc")]);
    assert_eq!(cbor::decode(&bytes), Ok(Value::map([("a", list)])));
}

#[test]
fn short_floats_and_wide_integers() {
    let cases: [(&[u8], f64); 7] = [
        (&[0xf9, 0x3c, 0x00], 1.0),
        (&[0xf9, 0xc4, 0x00], -4.0),
        (&[0xf9, 0x00, 0x01], 5.960_464_477_539_063e-8),
        (&[0xf9, 0x7c, 0x00], f64::INFINITY),
        (&[0xfa, 0x47, 0xc3, 0x50, 0x00], 100_000.0),
        (&[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 18_446_744_073_709_551_615.0),
        (&[0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], -18_446_744_073_709_551_616.0),
    ];
    for (bytes, expected) in cases {
        assert_eq!(cbor::decode(bytes), Ok(Value::Double(expected)), "{bytes:x?}");
    }
    assert!(matches!(cbor::decode(&[0xf9, 0x7e, 0x00]), Ok(Value::Double(number)) if number.is_nan()));
}

#[test]
fn a_timestamp_is_tag_1_around_a_double() {
    let written = cbor::encode(&Value::Timestamp(1.5));
    assert_eq!(written, [0xc1, 0xfb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]);
    assert_eq!(cbor::decode(&[0xc1, 0x02]), Ok(Value::Timestamp(2.0)));
    assert!(cbor::decode(&[0xc1, 0x61, b'a']).is_err());
}

#[test]
fn hostile_lengths_and_depths_are_refused() {
    for major in [2u8, 3, 4, 5] {
        let mut bytes = vec![major << 5 | 27];
        bytes.extend([0x7f; 8]);
        assert!(cbor::decode(&bytes).is_err(), "major type {major}");
    }
    assert!(cbor::decode(&vec![0x81; 1_000_000]).is_err());
    assert!(cbor::decode(&vec![0xc1; 1_000_000]).is_err());
    assert!(json::decode("[".repeat(1_000_000).as_bytes()).is_err());
    // Nesting as deep as any request needs is read.
    let mut deep = Value::Null;
    for _ in 0..20 {
        deep = Value::List(vec![deep]);
    }
    assert_eq!(cbor::decode(&cbor::encode(&deep)), Ok(deep));
}

#[test]
fn what_cloudwatch_never_sends_is_refused() {
    let cases: [(&str, &[u8]); 9] = [
        ("nothing", &[]),
        ("bytes after the item", &[0x01, 0x01]),
        ("a byte string", &[0x41, 0x00]),
        ("a number as key", &[0xa1, 0x01, 0x01]),
        ("text that is not UTF-8", &[0x61, 0xff]),
        ("a break alone", &[0xff]),
        ("a reserved head", &[0x1c]),
        ("an unknown simple value", &[0xf8, 0x20]),
        ("a number chunk in a text", &[0x7f, 0x01, 0xff]),
    ];
    for (what, bytes) in cases {
        assert!(cbor::decode(bytes).is_err(), "{what}");
    }
}

#[test]
fn json_doubles_without_a_form_are_texts() {
    for (text, number) in [("\"Infinity\"", f64::INFINITY), ("\"-Infinity\"", f64::NEG_INFINITY), ("\"NaN\"", f64::NAN)]
    {
        assert_eq!(json::encode(&Value::Double(number)), text.as_bytes());
        let read = json::special_double(text.trim_matches('"')).map(f64::to_bits);
        assert_eq!(read, Some(number.to_bits()));
    }
    assert_eq!(json::special_double("nan"), None);
}
