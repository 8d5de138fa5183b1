use proptest::prelude::*;

use super::super::super::datum::Datum;
use super::super::super::datum::arbitrary::{any_datum, numbered};
use super::*;

fn namespace() -> Namespace {
    Namespace::new("Shop").unwrap()
}

/// A file of these blocks, nothing of which is done.
fn file(blocks: &[Vec<Datum>]) -> Vec<u8> {
    let datums: u64 = blocks.iter().map(|datums| datums.len() as u64).sum();
    let packed: Vec<_> = blocks.iter().map(|datums| Packed::of(datums)).collect();
    let payload = packed.iter().map(|packed| packed.bytes().len()).sum();
    let mut bytes = head(&namespace(), blocks.len(), payload, datums, datums);
    for (number, packed) in packed.iter().enumerate() {
        bytes.extend(block(number as u32, 0, packed));
    }
    bytes
}

fn lost_with(bytes: &[u8]) -> Option<u64> {
    match read(bytes) {
        Err(Unreadable::Damaged { datums, .. }) => datums,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_of_this_version_can_be_read_for_ever() {
    let hex = concat!(
        "6d747273706f6f6c0100000001000000660000000000000001000000000000000100000000000000040053686f70a01af035",
        "00000000000000006fc6d57b0000000001000000180000000cd3b37a636430606061f0cbcf4b6560f8a4a83465de157106180000",
    );
    let digits = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap());
    let contents = read(&digits.collect::<Vec<_>>()).unwrap();
    assert_eq!(contents.blocks[0].packed.datums().unwrap(), numbered(1));
}

#[test]
fn progress_is_read_and_what_is_done_is_left_out() {
    let blocks = [numbered(5), numbered(3)];
    let mut bytes = file(&blocks);
    let place = read(&bytes).unwrap().blocks[0].place;
    let at = place.offset as usize;
    bytes[at..at + 16].copy_from_slice(&progress(0, 2, 3));
    let contents = read(&bytes).unwrap();
    let first = &contents.blocks[0];
    assert_eq!((first.done, first.begun, first.left(), first.packed.datums().unwrap()), (2, 3, 3, blocks[0].clone()));
    assert_eq!(contents.blocks[1].packed.datums().unwrap(), blocks[1]);
    // Progress that was half written, is of another block, or cannot be: all may have been sent.
    for wrong in [[7; 16], progress(1, 2, 3), progress(0, 3, 3), progress(0, u32::MAX, u32::MAX)] {
        bytes[at..at + 16].copy_from_slice(&wrong);
        let first = &read(&bytes).unwrap().blocks[0];
        assert_eq!((first.done, first.begun, first.left()), (0, 5, 5));
    }
}

#[test]
fn a_later_version_is_told_from_damage() {
    let mut bytes = file(&[numbered(1)]);
    bytes[8] = 2;
    assert_eq!(read(&bytes).unwrap_err(), Unreadable::Later(2));
    assert_eq!(lost(&bytes), None);
}

#[test]
fn a_file_that_ends_early_is_damaged_wherever_it_ends() {
    let bytes = file(&[numbered(3), numbered(2)]);
    let head = head(&namespace(), 2, 0, 5, 5).len();
    for end in 0..bytes.len() {
        assert_eq!(lost_with(&bytes[..end]), (end >= head).then_some(5), "{end}");
        assert_eq!(lost(&bytes[..end]), (end >= head).then_some(5), "{end}");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(lost_with(&longer), Some(5));
}

#[test]
fn a_bit_that_flips_is_noticed_wherever_it_is() {
    let bytes = file(&[numbered(3), numbered(2)]);
    let truth = read(&bytes).unwrap().blocks;
    let places: Vec<_> = truth.iter().map(|block| block.place.offset as usize).collect();
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let progress = places.iter().position(|place| (*place..place + 16).contains(&(bit / 8)));
        match (read(&flipped), progress) {
            // Its last four bytes mean nothing.
            (Ok(contents), Some(_)) if contents.blocks == truth => assert!(places.iter().any(|at| bit / 8 >= at + 12)),
            (Ok(contents), Some(block)) => {
                let one = &contents.blocks[block];
                assert_eq!((one.done, one.begun as usize), (0, truth[block].packed.len()), "{bit}");
            }
            (Err(_), None) => {}
            (other, _) => panic!("{bit}: {other:?}"),
        }
    }
}

/// Sets the length or count at `at` to the largest there is, and mends the checksum of the head.
fn bomb(at: usize) -> Vec<u8> {
    let mut bytes = file(&[numbered(2)]);
    bytes[at..at + 4].fill(0xff);
    let end = head(&namespace(), 1, 0, 2, 2).len() - 4;
    let sum = crc32fast::hash(&bytes[..end]);
    bytes[end..end + 4].copy_from_slice(&sum.to_le_bytes());
    bytes
}

#[test]
fn a_length_that_lies_costs_nothing() {
    let start = head(&namespace(), 1, 0, 2, 2).len();
    for at in [12, 16, 20, 24, 28, start + 16, start + 20] {
        assert!(matches!(read(&bomb(at)), Err(Unreadable::Damaged { .. })), "{at}");
    }
    // A block that unpacks to more than any file of its size may hold.
    let zeros = Packed::claimed(&deflated(&vec![0; 3 << 20]), 1);
    let bytes = [head(&namespace(), 1, zeros.bytes().len(), 1, 1), block(0, 0, &zeros)].concat();
    assert_eq!(lost_with(&bytes), Some(1));
    // A block of a right checksum whose count is not that of its datums.
    let mut bytes = file(&[numbered(2)]);
    bytes[start + 16..start + 20].fill(0xff);
    let sum = checksum(&bytes[start + 16..start + 24], &bytes[start + 28..]);
    bytes[start + 24..start + 28].copy_from_slice(&sum.to_le_bytes());
    assert_eq!(lost_with(&bytes), Some(2));
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut encoder, bytes).unwrap();
    encoder.finish().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(
        blocks in prop::collection::vec((prop::collection::vec(any_datum(), 1..8), any::<u32>()), 0..5),
        new in any::<u64>(),
    ) {
        let datums = blocks.iter().map(|(datums, _)| datums.len() as u64).sum();
        let bytes_of = blocks.iter().map(|(datums, _)| Packed::of(datums).bytes().len()).sum();
        let mut bytes = head(&namespace(), blocks.len(), bytes_of, datums, new);
        let begun = |datums: &[Datum], any: u32| any % (datums.len() as u32 + 1);
        for (number, (datums, any)) in blocks.iter().enumerate() {
            bytes.extend(block(number as u32, begun(datums, *any), &Packed::of(datums)));
        }
        prop_assert_eq!(lost(&bytes), Some(new));
        let contents = read(&bytes).unwrap();
        prop_assert_eq!(&contents.namespace, &namespace());
        prop_assert_eq!(contents.blocks.len(), blocks.len());
        for (read, (datums, any)) in contents.blocks.iter().zip(&blocks) {
            prop_assert_eq!(&read.packed.datums().unwrap(), datums);
            prop_assert_eq!((read.done, read.begun), (0, begun(datums, *any)));
        }
    }

    /// Checksums are right, and what they stand for is not: as one writes who means harm, or a version that errs.
    #[test]
    fn datums_that_cannot_be_are_survived(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in 0usize..4,
        count in prop_oneof![Just(7usize), 0usize..20, Just(usize::MAX >> 33)],
    ) {
        let mut raw = Vec::new();
        let packed = Packed::of(&numbered(7));
        std::io::Read::read_to_end(&mut flate2::read::DeflateDecoder::new(packed.bytes()), &mut raw).unwrap();
        for (at, byte) in flips {
            let at = at.index(raw.len());
            raw[at] = byte;
        }
        raw.truncate(raw.len() - cut);
        let packed = Packed::claimed(&deflated(&raw), count);
        let bytes = [head(&namespace(), 1, packed.bytes().len(), count as u64, 0), block(0, 0, &packed)].concat();
        if let Ok(contents) = read(&bytes) {
            let datums = contents.blocks[0].packed.datums().unwrap();
            prop_assert_eq!(datums.len(), count);
            prop_assert_eq!(Packed::of(&datums).datums().unwrap(), datums);
            prop_assert_eq!(read(&again(&contents)).unwrap(), contents);
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(read(&bytes).is_err());
        let begun = [&file(&[])[..20], &bytes].concat();
        _ = (read(&begun), lost(&begun));
    }

    #[test]
    fn a_damaged_file_is_no_other_file(flips in prop::collection::vec((any::<prop::sample::Index>(), 1u8..), 1..4)) {
        let blocks = [numbered(7), numbered(2)];
        let mut bytes = file(&blocks);
        for (at, flip) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
        }
        if let Ok(contents) = read(&bytes) {
            prop_assert_eq!(&read(&again(&contents)).unwrap(), &contents);
            let whole = contents.blocks.iter().zip(&blocks).all(|(read, truth)| read.packed.datums().as_ref() == Some(truth));
            prop_assert!(whole, "datums that nobody wrote");
        }
    }
}
