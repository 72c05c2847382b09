//! CH: aws-chunked bodies, on the bases B8 (signed), B9 (unsigned, with a trailer) and B10 (signed, with a trailer).

use crate::Tries;
use crate::bases::{Base, b5};
use crate::common::Request;
use crate::common::naive::crc32c;
use sigv4::{
    KeyLookup, KnownKey, ReceivedBody, SecretAccessKey, SigningKey, Verifier, VerifyError,
};

const TRAILER: &str = "x-amz-checksum-crc32c";

/// A body on its way: its pieces can be changed before they are framed, and what was framed afterwards.
struct Body {
    chunks: Vec<Vec<u8>>,
    trailers: String,
}

fn whole(chunks: &[Vec<u8>]) -> Vec<u8> {
    chunks.concat()
}

fn data() -> Vec<Vec<u8>> {
    vec![vec![b'a'; 65_536], vec![b'a'; 1024]]
}

fn checksum(chunks: &[Vec<u8>]) -> String {
    format!("{TRAILER}:{}", crc32c(&whole(chunks)))
}

/// An S3 PUT with this mode; its `x-amz-*` headers signed.
fn base(mode: &str, decoded_len: &str, trailer: Option<&str>) -> Base {
    let mut base = b5();
    base.request.method = "PUT".into();
    base.request.path = "/examplebucket/chunkObject.txt".into();
    base.request.set("content-encoding", "aws-chunked");
    base.request.set("x-amz-content-sha256", mode);
    base.request
        .set("x-amz-decoded-content-length", decoded_len);
    base.forge.names =
        "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length".into();
    if let Some(trailer) = trailer {
        base.request.set("x-amz-trailer", trailer);
        base.forge.names.push_str(";x-amz-trailer");
    }
    base.forge.payload = mode.into();
    base.check.policy.accept_streaming_payload = true;
    base
}

fn b8() -> Base {
    base("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "66560", None)
}

fn b9() -> Base {
    base("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "66560", Some(TRAILER))
}

fn b10() -> Base {
    base(
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "66560",
        Some(TRAILER),
    )
}

impl Body {
    fn new() -> Self {
        Self {
            chunks: data(),
            trailers: checksum(&data()),
        }
    }

    fn of(chunks: Vec<Vec<u8>>) -> Self {
        Self {
            trailers: checksum(&chunks),
            chunks,
        }
    }

    /// Each framed chunk, the last one among them, and the signature of the last.
    fn signed_chunks(&self, base: &Base, seed: &str) -> (Vec<Vec<u8>>, String) {
        let mut previous = seed.to_owned();
        let chunks = self.chunks.iter().cloned().chain([Vec::new()]);
        let framed = chunks.map(|chunk| {
            previous = base.forge.chunk_signature(&previous, &chunk);
            let head = format!("{:x};chunk-signature={previous}\r\n", chunk.len());
            let end: &[u8] = if chunk.is_empty() { b"" } else { b"\r\n" };
            [head.as_bytes(), &chunk, end].concat()
        });
        let framed: Vec<_> = framed.collect();
        (framed, previous)
    }

    /// B8's body.
    fn signed(&self, base: &Base) -> Request {
        let request = base.signed();
        let (chunks, _) = self.signed_chunks(base, &base.forge.signature(&request));
        request.body([chunks.concat().as_slice(), b"\r\n"].concat())
    }

    /// B9's body.
    fn unsigned(&self, base: &Base) -> Request {
        let mut body = Vec::new();
        for chunk in &self.chunks {
            body.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            body.extend_from_slice(chunk);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("0\r\n{}\r\n\r\n", self.trailers).as_bytes());
        base.signed().body(body)
    }

    /// B10's body.
    fn signed_trailer(&self, base: &Base) -> Request {
        let request = base.signed();
        let (chunks, last) = self.signed_chunks(base, &base.forge.signature(&request));
        let canonical = format!("{}\n", self.trailers.replace("\r\n", "\n"));
        let signature = base.forge.trailer_signature(&last, &canonical);
        let end = format!(
            "{}\r\nx-amz-trailer-signature:{signature}\r\n\r\n",
            self.trailers
        );
        request.body([chunks.concat().as_slice(), end.as_bytes()].concat())
    }
}

/// The request with a text in its body replaced, once.
fn replaced(request: &Request, from: &str, to: &str) -> Request {
    let body = &request.body;
    let at = body
        .windows(from.len())
        .position(|window| window == from.as_bytes())
        .expect(from);
    let changed = [&body[..at], to.as_bytes(), &body[at + from.len()..]].concat();
    request.clone().body(changed)
}

fn chunk_signature(request: &Request) -> String {
    let text = String::from_utf8_lossy(&request.body);
    let (_, rest) = text.split_once("chunk-signature=").unwrap();
    rest[..64].to_owned()
}

fn last_signature(request: &Request) -> String {
    let text = String::from_utf8_lossy(&request.body);
    let (_, rest) = text.rsplit_once("chunk-signature=").unwrap();
    rest[..64].to_owned()
}

pub(crate) fn tries(id: &str) -> Option<Tries> {
    let mut tries = Tries::default();
    let signed = || Body::new().signed(&b8());
    let unsigned = || Body::new().unsigned(&b9());
    let trailer = || Body::new().signed_trailer(&b10());
    match id {
        "AH-14" => {
            let mut request = unsigned();
            let good = b9().forge.signature(&b9().request);
            let authorization = request.text("authorization");
            request.set(
                "authorization",
                authorization.replace(&good, &"0".repeat(64)),
            );
            tries.add_chunked("", &b9(), &request);
        }
        "WD-17" => {
            let chunks = vec![vec![b'a']; 1000];
            let base = base("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "1000", None);
            tries.add_chunked("", &base, &Body::of(chunks).signed(&base));
            let mut tolerant = base;
            tolerant.check.policy.accept_small_chunks = true;
            let request = Body::of(vec![vec![b'a']; 1000]).signed(&tolerant);
            assert_eq!(tolerant.check.decode(&request), Ok(vec![b'a'; 1000]));
        }
        "CH-01" => {
            for at in [0, 65_535] {
                let mut request = signed();
                let start = request.body.windows(2).position(|w| w == b"\r\n").unwrap() + 2;
                request.body[start + at] ^= 1;
                tries.add_chunked(format!("byte {at}"), &b8(), &request);
            }
        }
        "CH-02" => {
            let base = base("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "131072", None);
            let body = Body::of(vec![vec![b'a'; 65_536], vec![b'b'; 65_536]]);
            let request = base.signed();
            let seed = base.forge.signature(&request);
            let (chunks, _) = body.signed_chunks(&base, &seed);
            let swapped = [&chunks[1], &chunks[0], &chunks[2], b"\r\n".as_slice()].concat();
            tries.add_chunked("", &base, &request.body(swapped));
        }
        "CH-04" => {
            let request = b8().signed();
            let (chunks, _) = Body::new().signed_chunks(&b8(), &b8().forge.signature(&request));
            let body = [&chunks[0], &chunks[2], b"\r\n".as_slice()].concat();
            tries.add_chunked("", &b8(), &request.body(body));
        }
        "CH-06" => {
            let request = b8().signed();
            let (chunks, _) = Body::new().signed_chunks(&b8(), &b8().forge.signature(&request));
            let body = chunks[..2].concat();
            tries.add_chunked("", &b8(), &request.clone().body(body.clone()));
            let cut = [body.as_slice(), &chunks[2]].concat();
            tries.add_chunked("no last line break", &b8(), &request.clone().body(cut));
            tries.add_chunked("nothing", &b8(), &request.body(""));
        }
        "CH-08" => {
            for length in ["1", "65536", "66559", "66561", "0"] {
                let base = base("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", length, None);
                tries.add_chunked(length, &base, &Body::new().signed(&base));
            }
        }
        "CH-09" => {
            for length in [
                "-1",
                "+66560",
                "66560x",
                "0x10400",
                "",
                "99999999999999999999999",
            ] {
                let base = base("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", length, None);
                tries.add_chunked(format!("{length:?}"), &base, &Body::new().signed(&base));
            }
            let mut base = b8();
            base.request.remove("x-amz-decoded-content-length");
            base.forge.names = "content-encoding;host;x-amz-content-sha256;x-amz-date".into();
            tries.add_chunked("missing", &base, &Body::new().signed(&base));
            // Unsigned, where the policy lets that pass.
            base.check.policy.accept_unsigned_headers = vec!["x-amz-decoded-content-length".into()];
            let mut request = Body::new().signed(&base);
            request.set("x-amz-decoded-content-length", "66560");
            tries.add_chunked("unsigned", &base, &request);
        }
        "CH-11" => {
            for good in ["00010000", "0000000000010000"] {
                let request = replaced(&signed(), "10000;", &format!("{good};"));
                assert!(b8().check.decode(&request).is_ok(), "{good}");
            }
            let lower = base("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "10", None);
            let request = Body::of(vec![vec![b'a'; 10]]).signed(&lower);
            let upper = replaced(&request, "a;chunk", "A;chunk");
            assert!(lower.check.decode(&upper).is_ok());
            for bad in [
                "+10000",
                "0x10000",
                " 10000",
                "10000 ",
                "10000\t",
                "1000g",
                "",
                "00000000000010000",
                "-1",
            ] {
                let request = replaced(&signed(), "10000;", &format!("{bad};"));
                tries.add_chunked(format!("{bad:?}"), &b8(), &request);
            }
        }
        "CH-15" => {
            let good = signed();
            let signature = chunk_signature(&good);
            for bad in [
                signature.to_uppercase(),
                signature[..63].into(),
                format!("{signature}0"),
                format!("{signature};chunk-signature={signature}"),
                String::new(),
            ] {
                tries.add_chunked(bad.clone(), &b8(), &replaced(&good, &signature, &bad));
            }
        }
        "CH-16" => {
            let good = signed();
            let signature = chunk_signature(&good);
            let after = replaced(&good, &signature, &format!("{signature};foo=bar"));
            tries.add_chunked("after", &b8(), &after);
            let before = replaced(&good, ";chunk-signature", ";foo=bar;chunk-signature");
            tries.add_chunked("before", &b8(), &before);
            let spaced = replaced(&good, ";chunk-signature", "; chunk-signature");
            tries.add_chunked("blank", &b8(), &spaced);
        }
        "CH-17" => {
            let long = b8().signed().body(vec![b'1'; 1 << 20]);
            tries.add_chunked("", &b8(), &long);
        }
        "CH-18" => {
            let good = signed();
            let signature = chunk_signature(&good);
            let header = replaced(
                &good,
                &format!("{signature}\r\n"),
                &format!("{signature}\n"),
            );
            tries.add_chunked("header", &b8(), &header);
            tries.add_chunked("data", &b8(), &replaced(&good, "a\r\n400", "a\n400"));
            let end = format!("{}\r\n\r\n", last_signature(&good));
            let last = replaced(&good, &end, &end.replace("\r\n\r\n", "\r\n\n"));
            tries.add_chunked("last", &b8(), &last);
            tries.add_chunked("no break", &b8(), &replaced(&good, "a\r\n400", "a400"));
        }
        "CH-19" => {
            let request = b8().signed();
            let (chunks, _) = Body::new().signed_chunks(&b8(), &"1".repeat(64));
            let body = [chunks.concat().as_slice(), b"\r\n"].concat();
            tries.add_chunked("", &b8(), &request.body(body));
        }
        "CH-21" => {
            let chunks = vec![vec![b'a'; 65_536], vec![], vec![b'a'; 1024]];
            tries.add_chunked("", &b8(), &Body::of(chunks).signed(&b8()));
            let mut request = signed();
            request.body.push(b'0');
            tries.add_chunked("after the end", &b8(), &request);
            let mut request = signed();
            request.body.extend_from_slice(b"\r\n");
            tries.add_chunked("empty line after the end", &b8(), &request);
        }
        "CH-23" => {
            let mut chunks = data();
            let text = format!("\r\n0;chunk-signature={}\r\n\r\n", "0".repeat(64));
            chunks[0][..text.len()].copy_from_slice(text.as_bytes());
            let request = Body::of(chunks.clone()).signed(&b8());
            assert_eq!(b8().check.decode(&request), Ok(whole(&chunks)));
            tries.add_chunked("", &b8(), &request);
        }
        "CH-24" => {
            for encoding in [
                "aws-chunked",
                "gzip,aws-chunked",
                "aws-chunked,gzip",
                "gzip",
            ] {
                let mut base = b8();
                base.request.set("content-encoding", encoding);
                tries.add_chunked(encoding, &base, &Body::new().signed(&base));
            }
            let mut base = b8();
            base.request.remove("content-encoding");
            base.forge.names = base.forge.names.replace("content-encoding;", "");
            tries.add_chunked("missing", &base, &Body::new().signed(&base));
        }
        "CH-27" => {
            let good = unsigned();
            assert_eq!(b9().check.decode(&good), Ok(whole(&data())));
            let line = format!("{}\r\n", checksum(&data()));
            tries.add_chunked("absent", &b9(), &replaced(&good, &line, ""));
            let end = format!("{line}\r\n");
            tries.add_chunked(
                "nothing after the last chunk",
                &b9(),
                &replaced(&good, &end, ""),
            );
            tries.add_chunked("no empty line", &b9(), &replaced(&good, &end, &line));
            let request = b10().signed();
            let (chunks, _) = Body::new().signed_chunks(&b10(), &b10().forge.signature(&request));
            let stripped = [chunks.concat().as_slice(), b"\r\n"].concat();
            tries.add_chunked("signed", &b10(), &request.clone().body(stripped));
            let cut = request.body(chunks.concat());
            tries.add_chunked("signed, nothing after the last chunk", &b10(), &cut);
            let base = base("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "66560", None);
            tries.add_chunked("none declared", &base, &Body::new().unsigned(&base));
        }
        "CH-28" => {
            let mut body = Body::new();
            body.trailers = "x-amz-checksum-crc32:AAAAAA==".into();
            tries.add_chunked("instead", &b9(), &body.unsigned(&b9()));
            body.trailers = format!("{}\r\nx-amz-checksum-crc32:AAAAAA==", checksum(&data()));
            tries.add_chunked("besides", &b9(), &body.unsigned(&b9()));
            tries.add_chunked("signed", &b10(), &body.signed_trailer(&b10()));
            let base = base("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "66560", Some(TRAILER));
            tries.add_chunked("in a mode without", &base, &Body::new().signed(&base));
        }
        "CH-29" => {
            for line in [
                "x-amz-copy-source:/b/k",
                "x-amz-acl:public-read",
                "content-length:1",
            ] {
                let (name, _) = line.split_once(':').unwrap();
                let mut body = Body::new();
                body.trailers = format!("{}\r\n{line}", checksum(&data()));
                tries.add_chunked(name, &b9(), &body.unsigned(&b9()));
                let both = format!("{TRAILER},{name}");
                for (mode, signed) in [
                    ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", false),
                    ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", true),
                ] {
                    let base = base(mode, "66560", Some(&both));
                    let request = if signed {
                        body.signed_trailer(&base)
                    } else {
                        body.unsigned(&base)
                    };
                    tries.add_chunked(format!("{name}, declared, {mode}"), &base, &request);
                }
            }
        }
        "CH-30" => {
            let mut body = Body::new();
            body.trailers = "x-a:b\r\n".repeat(100_000);
            tries.add_chunked("lines", &b9(), &body.unsigned(&b9()));
            body.trailers = format!("{TRAILER}:{}", "A".repeat(10 << 20));
            tries.add_chunked("one line", &b9(), &body.unsigned(&b9()));
            let many: Vec<_> = (0..1000).map(|i| format!("x-amz-checksum-{i}")).collect();
            let base = base(
                "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
                "66560",
                Some(&many.join(",")),
            );
            tries.add_chunked("declared", &base, &Body::new().signed_trailer(&base));
        }
        "CH-31" => {
            let mixed = format!("10000;chunk-signature={}\r\n", "0".repeat(64));
            tries.add_chunked("", &b9(), &replaced(&unsigned(), "10000\r\n", &mixed));
            let mixed = replaced(&signed(), ";chunk-signature=", "");
            tries.add_chunked("the other way", &b8(), &mixed);
        }
        "CH-32" => {
            let base = base("STREAMING-UNSIGNED-PAYLOAD", "66560", Some(TRAILER));
            tries.add_chunked("", &base, &Body::new().unsigned(&base));
        }
        "CH-33" => {
            let good = trailer();
            assert_eq!(b10().check.decode(&good), Ok(whole(&data())));
            let other = replaced(&good, &checksum(&data()), &format!("{TRAILER}:AAAAAA=="));
            tries.add_chunked("", &b10(), &other);
        }
        "CH-34" => {
            let good = trailer();
            let text = String::from_utf8_lossy(&good.body).into_owned();
            let (_, end) = text.split_once("x-amz-trailer-signature:").unwrap();
            let line = format!("x-amz-trailer-signature:{}\r\n", &end[..64]);
            tries.add_chunked("removed", &b10(), &replaced(&good, &line, ""));
            tries.add_chunked("cut", &b10(), &replaced(&good, &line, "\r\n"));
            let upper = line.replace(&end[..64], &end[..64].to_uppercase());
            tries.add_chunked("upper case", &b10(), &replaced(&good, &line, &upper));
            let twice = format!("{line}{line}");
            tries.add_chunked("twice", &b10(), &replaced(&good, &line, &twice));
            let first = format!("{}\r\n{line}", checksum(&data()));
            let swapped = format!("{line}{}\r\n", checksum(&data()));
            tries.add_chunked("first", &b10(), &replaced(&good, &first, &swapped));
        }
        "CH-36" => {
            let mut body = Body::new();
            body.trailers = format!("{TRAILER}:AAAAAA==\r\n{}", checksum(&data()));
            tries.add_chunked("", &b10(), &body.signed_trailer(&b10()));
        }
        "CH-37" => {
            let mut other = b10();
            other.request.path = "/examplebucket/other".into();
            let foreign = Body::new().signed_trailer(&other);
            let good = trailer();
            let signature = |request: &Request| {
                let text = String::from_utf8_lossy(&request.body).into_owned();
                let (_, end) = text.split_once("x-amz-trailer-signature:").unwrap();
                end[..64].to_owned()
            };
            let replayed = replaced(&good, &signature(&good), &signature(&foreign));
            tries.add_chunked("", &b10(), &replayed);
        }
        "CH-38" => {
            let mode = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
            let mut request = trailer();
            request.set("x-amz-content-sha256", mode);
            tries.add_chunked("signed header", &b10(), &request);
            let mut base = b10();
            base.forge.names = base.forge.names.replace("x-amz-content-sha256;", "");
            let mut request = Body::new().signed_trailer(&base);
            assert!(base.check.decode(&request).is_ok());
            request.set("x-amz-content-sha256", mode);
            tries.add_chunked("unsigned header", &base, &request);
        }
        _ => return None,
    }
    Some(tries)
}

#[test]
fn the_bases_are_accepted_as_they_are() {
    for (base, request) in [
        (b8(), Body::new().signed(&b8())),
        (b9(), Body::new().unsigned(&b9())),
        (b10(), Body::new().signed_trailer(&b10())),
    ] {
        assert_eq!(base.check.decode(&request), Ok(whole(&data())));
    }
}

/// The line ends of AWS's documentation and of minio-go.
#[test]
fn trailers_may_end_with_a_line_feed_that_an_empty_line_follows() {
    let line = checksum(&data());
    let good = Body::new().signed_trailer(&b10());
    let documented = replaced(&good, &format!("{line}\r\n"), &format!("{line}\n\r\n"));
    assert_eq!(b10().check.decode(&documented), Ok(whole(&data())));
    for end in ["\n", "\n\n", "\r\n\r\n", "\n\r\n\r\n"] {
        let request = replaced(&good, &format!("{line}\r\n"), &format!("{line}{end}"));
        assert!(b10().check.decode(&request).is_err(), "{end:?}");
    }
    let good = Body::new().unsigned(&b9());
    for end in ["\n\r\n", "\n\r\n\r\n"] {
        let request = replaced(&good, &format!("{line}\r\n\r\n"), &format!("{line}{end}"));
        assert_eq!(b9().check.decode(&request), Ok(whole(&data())), "{end:?}");
    }
    for end in [
        "\n",
        "\n\n",
        "\n\r\n\n",
        "\n\r\n\r\n\r\n",
        "\r\n\r\n\r\n",
        "\r\n\n",
    ] {
        let request = replaced(&good, &format!("{line}\r\n\r\n"), &format!("{line}{end}"));
        assert!(b9().check.decode(&request).is_err(), "{end:?}");
    }
}

#[test]
fn a_wrong_checksum_is_a_bad_digest_even_where_it_is_signed() {
    let mut body = Body::new();
    body.trailers = format!("{TRAILER}:AAAAAA==");
    for (base, request) in [
        (b9(), body.unsigned(&b9())),
        (b10(), body.signed_trailer(&b10())),
    ] {
        let error = base.check.decode(&request).unwrap_err();
        assert_eq!(error.reason(), "digest");
        #[cfg(feature = "answers")]
        {
            let answers = crate::answers::of(&Err(error), &base.check, &request);
            assert!(answers.contains(&("s3", 400, "BadDigest")));
        }
    }
}

#[test]
fn a_chunk_is_only_held_within_the_limit() {
    let mut base = b8();
    base.check.policy.limits.chunk = 65_535;
    let error = base.check.decode(&Body::new().signed(&base)).unwrap_err();
    assert_eq!(error.reason(), "too_large");
    let mut base = b9();
    base.check.policy.limits.chunk = 1;
    assert!(base.check.decode(&Body::new().unsigned(&base)).is_ok());
    base.check.policy.limits.body = 66_559;
    let error = base.check.decode(&Body::new().unsigned(&base)).unwrap_err();
    assert_eq!(error.reason(), "too_large");
}

#[test]
fn trailers_are_only_taken_within_the_limit() {
    let names = ["x-amz-checksum-new1", "x-amz-checksum-new2"];
    let mode = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
    let base = base(mode, "66560", Some(&names.join(",")));
    for (length, fits) in [(1_900, true), (2_100, false)] {
        let mut body = Body::new();
        body.trailers = names
            .map(|name| format!("{name}:{}", "A".repeat(length)))
            .join("\r\n");
        let result = base.check.decode(&body.signed_trailer(&base));
        assert_eq!(result.is_ok(), fits, "{length}");
    }
}

#[test]
fn the_key_of_another_scope_decodes_nothing() {
    let request = Body::new().unsigned(&b9());
    let base = b9();
    let verifier = Verifier::new("us-east-1", "s3")
        .unwrap()
        .with_policy(base.check.policy.clone());
    request.with_head(|head| {
        let claim = verifier.claim(head, base.check.now).unwrap();
        let secret = SecretAccessKey::new(base.check.secret.as_str()).unwrap();
        let key = SigningKey::derive(&secret, claim.scope());
        let other = "20130524/us-west-2/s3/aws4_request".parse().unwrap();
        let other = SigningKey::derive(&secret, &other);
        let known = KeyLookup::Found(KnownKey::new(&key));
        let verified = claim.verify(known, ReceivedBody::Unread).unwrap();
        assert!(verified.chunk_decoder(&key).is_ok());
        let error = verified.chunk_decoder(&other).unwrap_err();
        assert_eq!(error, VerifyError::SignatureMismatch);
    });
}
