use std::io::{Read, Write};

use super::*;

/// Lengths on both sides of every border between chunks; the label takes some of the first.
const LENGTHS: [usize; 8] = [0, 1, 1000, CHUNK - 200, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5];

fn label() -> SealLabel {
    SealLabel { hub: Uuid::from_u128(7), epoch: 3, made_at_ms: 1_800_000_000_000 }
}

fn key(number: u8) -> SealKey {
    SealKey::from_bytes([number; SealKey::LEN])
}

fn text(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from(at % 251).expect("a byte")).collect()
}

fn sealed(text: &[u8]) -> Vec<u8> {
    let mut sealer = Sealer::begin(Vec::new(), &key(1), &label()).expect("begun");
    sealer.write_all(text).expect("written");
    sealer.finish().expect("finished")
}

fn unsealed(file: &[u8], key: &SealKey) -> Result<(SealLabel, Vec<u8>), SealError> {
    let (label, mut unsealer) = Unsealer::open(file, key)?;
    let mut text = Vec::new();
    unsealer.read_to_end(&mut text).map_err(|error| {
        assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{error}");
        SealError::Damaged
    })?;
    Ok((label, text))
}

#[test]
fn what_is_sealed_is_read_again_at_every_length() {
    for length in LENGTHS {
        let text = text(length);
        let file = sealed(&text);
        let (read_label, read) = unsealed(&file, &key(1)).expect("it is whole");
        assert_eq!(read_label, label());
        assert!(read == text, "{length} bytes come back as they were");
        assert!(length < 100 || !file.windows(100).any(|part| part == &text[..100]), "nothing of it can be read");
    }
}

#[test]
fn a_last_chunk_that_is_full_is_told_from_one_in_the_middle() {
    let mut sealer = Sealer::begin(Vec::new(), &key(1), &label()).expect("begun");
    let rest = CHUNK - sealer.chunk.len();
    sealer.write_all(&text(rest)).expect("written");
    let file = sealer.finish().expect("finished");
    assert_eq!(file.len(), MAGIC.len() + SALT_LEN + CHUNK + TAG_LEN);
    assert_eq!(unsealed(&file, &key(1)).expect("it is whole").1.len(), rest);
}

#[test]
fn another_key_opens_nothing() {
    assert!(matches!(unsealed(&sealed(&text(1000)), &key(2)), Err(SealError::Damaged)));
}

#[test]
fn a_file_that_was_cut_off_is_refused_wherever_that_was() {
    let file = sealed(&text(2 * CHUNK + 100));
    for length in (0..file.len()).step_by(997).chain(file.len() - 20..file.len()) {
        assert!(unsealed(&file[..length], &key(1)).is_err(), "{length} of {} bytes", file.len());
    }
}

#[test]
fn a_file_cut_off_between_two_chunks_is_refused() {
    let file = sealed(&text(3 * CHUNK));
    let head = MAGIC.len() + SALT_LEN;
    for chunks in 1..=3 {
        let cut = &file[..head + chunks * (CHUNK + TAG_LEN)];
        assert!(matches!(unsealed(cut, &key(1)), Err(SealError::Damaged)), "{chunks} chunks");
    }
}

#[test]
fn a_bit_that_was_changed_is_noticed_wherever_it_is() {
    let file = sealed(&text(CHUNK + 100));
    for at in (0..file.len()).step_by(499) {
        let mut changed = file.clone();
        changed[at] ^= 1;
        assert!(unsealed(&changed, &key(1)).is_err(), "at {at}");
    }
}

#[test]
fn chunks_left_out_repeated_exchanged_or_added_are_noticed() {
    let file = sealed(&text(4 * CHUNK));
    let other = sealed(&text(4 * CHUNK));
    let head = MAGIC.len() + SALT_LEN;
    let whole = CHUNK + TAG_LEN;
    let chunk = |file: &[u8], number: usize| file[head + number * whole..head + (number + 1) * whole].to_vec();
    let last = file[head + 4 * whole..].to_vec();
    let made = |chunks: &[Vec<u8>]| [&file[..head], &chunks.concat()[..]].concat();
    let c = |number| chunk(&file, number);
    for (what, chunks) in [
        ("left out", vec![c(0), c(2), c(3), last.clone()]),
        ("repeated", vec![c(0), c(1), c(1), c(2), c(3), last.clone()]),
        ("exchanged", vec![c(0), c(2), c(1), c(3), last.clone()]),
        ("of another file", vec![c(0), chunk(&other, 1), c(2), c(3), last.clone()]),
        ("after the end", vec![c(0), c(1), c(2), c(3), last.clone(), last.clone()]),
    ] {
        assert!(unsealed(&made(&chunks), &key(1)).is_err(), "{what}");
    }
    assert!(unsealed(&made(&[c(0), c(1), c(2), c(3), last]), &key(1)).is_ok(), "put together as it was");
}

#[test]
fn what_is_no_sealed_file_is_said_to_be_none() {
    for other in [&b""[..], b"SQLite format 3\0 and so on, for more than forty-eight bytes", MAGIC] {
        assert!(matches!(unsealed(other, &key(1)), Err(SealError::Foreign)), "{other:?}");
    }
}

#[test]
fn a_disk_that_takes_no_more_is_an_error_and_no_file() {
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            match self.0.checked_sub(bytes.len()) {
                Some(rest) => {
                    self.0 = rest;
                    Ok(bytes.len())
                }
                None => Err(io::ErrorKind::StorageFull.into()),
            }
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut sealer = Sealer::begin(Full(2 * CHUNK), &key(1), &label()).expect("begun");
    let written = sealer.write_all(&text(4 * CHUNK));
    assert_eq!(written.expect_err("it is full").kind(), io::ErrorKind::StorageFull);
}
