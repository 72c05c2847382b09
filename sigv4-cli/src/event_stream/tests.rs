//! Every way to cut a stream, and every way to spoil it.

use super::*;

/// Made with botocore's rules by hand; botocore decodes them.
const CHUNK: &str = "000000700000005a174e874c0b3a6576656e742d7479706507000c5061796c6f61644368756e6b0d3a636f6e74656e742d747970650700186170706c69636174696f6e2f6f637465742d73747265616d0d3a6d6573736167652d747970650700056576656e7468656c6c6f206d711b04";
const COMPLETE: &str = "0000008d0000005440523ea70b3a6576656e742d7479706507000e496e766f6b65436f6d706c6574650d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b224c6f67526573756c74223a202255315242556c5167556d56786457567a64456c6b43673d3d227d9947c62a";

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn frame_of(headers: &[u8], payload: &[u8]) -> Vec<u8> {
    let length = |n: usize| u32::try_from(n).unwrap().to_be_bytes();
    let mut frame = Vec::new();
    frame.extend(length(OVERHEAD + headers.len() + payload.len()));
    frame.extend(length(headers.len()));
    frame.extend(crc32fast::hash(&frame).to_be_bytes());
    frame.extend(headers);
    frame.extend(payload);
    frame.extend(crc32fast::hash(&frame).to_be_bytes());
    frame
}

/// Event types and payloads.
type Events = Vec<(String, Vec<u8>)>;

/// The events of a stream that comes in these pieces.
fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Events, Result<(), Broken>) {
    let (mut decoder, mut found) = (Decoder::default(), Vec::new());
    for mut piece in pieces {
        loop {
            match decoder.next(&mut piece) {
                Ok(None) => break,
                Ok(Some(frame)) => {
                    let kind = frame.text(":event-type").unwrap_or_default();
                    found.push((kind.to_owned(), frame.payload.to_vec()));
                }
                Err(broken) => return (found, Err(broken)),
            }
        }
        assert!(piece.is_empty(), "all is taken");
    }
    let end = decoder.finish();
    (found, end)
}

fn stream() -> (Vec<u8>, Events) {
    let mut stream = bytes(CHUNK);
    stream.extend(bytes(COMPLETE));
    stream.extend(frame_of(b"", b""));
    let text = |text: &str| text.to_owned();
    let expected = vec![
        (text("PayloadChunk"), b"hello ".to_vec()),
        (
            text("InvokeComplete"),
            br#"{"LogResult": "U1RBUlQgUmVxdWVzdElkCg=="}"#.to_vec(),
        ),
        (text(""), Vec::new()),
    ];
    (stream, expected)
}

#[test]
fn every_split_in_two_and_every_size_of_pieces() {
    let (stream, expected) = stream();
    for at in 0..=stream.len() {
        let (a, b) = stream.split_at(at);
        assert_eq!(read([a, b]), (expected.clone(), Ok(())), "at {at}");
    }
    for size in 1..=stream.len() {
        let pieces = stream.chunks(size);
        assert_eq!(read(pieces), (expected.clone(), Ok(())), "pieces of {size}");
    }
}

/// Pieces of random sizes, empty ones among them, from a generator with a fixed seed.
#[test]
fn random_splits() {
    let (stream, expected) = stream();
    let mut state = 1_u64;
    for round in 0..2_000 {
        let (mut rest, mut pieces) = (stream.as_slice(), Vec::new());
        while !rest.is_empty() {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let size = usize::try_from(state >> 33).unwrap() % 40;
            let (piece, after) = rest.split_at(size.min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        assert_eq!(read(pieces), (expected.clone(), Ok(())), "round {round}");
    }
}

#[test]
fn every_bit_counts() {
    let frame = bytes(CHUNK);
    for at in 0..frame.len() * 8 {
        let mut spoilt = frame.clone();
        spoilt[at / 8] ^= 1 << (at % 8);
        let (found, end) = read([spoilt.as_slice()]);
        assert!(found.is_empty(), "bit {at}");
        let expected = if at < PRELUDE * 8 {
            Broken::Prelude
        } else {
            Broken::Message
        };
        assert_eq!(end, Err(expected), "bit {at}");
    }
}

#[test]
fn a_stream_that_ends_early() {
    let frame = bytes(CHUNK);
    for length in 1..frame.len() {
        assert_eq!(read([&frame[..length]]).1, Err(Broken::Cut), "{length}");
    }
    assert_eq!(read([]).1, Ok(()));
}

#[test]
fn every_type_of_header() {
    let mut headers = Vec::new();
    let values: [&[u8]; 10] = [
        &[0],
        &[1],
        &[2, 9],
        &[3, 0, 9],
        &[4, 0, 0, 0, 9],
        &[5, 0, 0, 0, 0, 0, 0, 0, 9],
        &[6, 0, 2, 0xff, 0xfe],
        &[7, 0, 2, 0xc3, 0xa9],
        &[8, 0, 0, 0, 0, 0, 0, 0, 9],
        &[9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    ];
    for (index, value) in values.iter().enumerate() {
        headers.extend([1, b'a' + u8::try_from(index).unwrap()]);
        headers.extend(*value);
    }
    let frame = frame_of(&headers, b"x");
    let mut decoder = Decoder::default();
    let mut input = frame.as_slice();
    let found = decoder.next(&mut input).unwrap().unwrap();
    assert_eq!(found.headers.len(), 10);
    assert_eq!((found.text("h"), found.text("g")), (Some("é"), None));
}

#[test]
fn malformed_headers() {
    for headers in [
        b"\x05a".as_slice(),
        b"\x01a",
        b"\x01a\x0a",
        b"\x01a\x07\x00\x05ab",
        b"\x01a\x07\x00\x01\xff",
        b"\x01\xff\x00",
        b"\x01a\x04\x00",
        b"\x01a\x00\x01a\x00",
    ] {
        let (found, end) = read([frame_of(headers, b"").as_slice()]);
        assert_eq!(
            (found, end),
            (Vec::new(), Err(Broken::Header)),
            "{headers:?}"
        );
    }
}

/// With right checksums, so that it is the limits that refuse them, and before the rest comes.
#[test]
fn limits() {
    let prelude = |total: u32, headers: u32| {
        let mut prelude = Vec::from(total.to_be_bytes());
        prelude.extend(headers.to_be_bytes());
        prelude.extend(crc32fast::hash(&prelude).to_be_bytes());
        prelude
    };
    for (total, headers, expected) in [
        (15, 0, Broken::Length),
        (0, 0, Broken::Length),
        (16, 1, Broken::Length),
        (200_000, 131_073, Broken::Headers(131_073)),
        (16 + 25_165_825, 0, Broken::Payload(25_165_825)),
        (u32::MAX, 0, Broken::Payload(4_294_967_279)),
        (u32::MAX, u32::MAX, Broken::Headers(4_294_967_295)),
        (16 + 131_072 + 25_165_824, 131_072, Broken::Cut),
    ] {
        let (_, end) = read([prelude(total, headers).as_slice()]);
        assert_eq!(end, Err(expected), "{total} {headers}");
    }
}
