//! The laws that the fuzz targets assert, each in a few lines. They take bytes, so that they also replay on stable.

use sigv4::{
    AmzDate, AuthParams, ChecksumAlgorithm, ChunkDecoder, ChunkEncoder, ChunkedPayload,
    CredentialScope, Credentials, Expires, Header, KeyLookup, KnownKey, PayloadHash, ReceivedBody,
    RequestHead, SecretAccessKey, Signature, Signer, SigningKey, StreamingMode, Verifier,
    VerifyError, VerifyPolicy,
};

const NOW: &str = "20150830T123600Z";
const SERVICES: [&str; 4] = ["execute-api", "s3", "sts", "iotdevicegateway"];

/// A raw HTTP/1.1 request: request line, header lines, blank line, body. Anything else is no request.
fn split(data: &[u8]) -> Option<(&str, &[u8], Vec<Header<'_>>, &[u8])> {
    let end = data.windows(4).position(|window| window == b"\r\n\r\n")?;
    let (head, body) = (&data[..end], &data[end + 4..]);
    let mut lines = head
        .split(|b| *b == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut words = lines.next()?.splitn(2, |b| *b == b' ');
    let method = std::str::from_utf8(words.next()?).ok()?;
    let target = words.next()?;
    let target = target.strip_suffix(b" HTTP/1.1").unwrap_or(target);
    let headers = lines.filter_map(|line| {
        let colon = line.iter().position(|b| *b == b':')?;
        Some(Header::new(
            std::str::from_utf8(&line[..colon]).ok()?,
            &line[colon + 1..],
        ))
    });
    Some((method, target, headers.collect(), body))
}

/// An Authorization header parses or not, and never panics; what parses names a scope that reads back.
pub fn authorization(data: &[u8]) {
    let headers = [
        Header::new("Host", b"h"),
        Header::new("X-Amz-Date", NOW.as_bytes()),
        Header::new("Authorization", data),
    ];
    if let Ok(claims) = AuthParams::parse(&RequestHead::new("GET", b"/", b"", &headers)) {
        let text = claims.scope().to_string();
        assert_eq!(text.parse::<CredentialScope>().as_ref(), Ok(claims.scope()));
        assert!(!claims.access_key_id().is_empty());
    }
}

/// Any request is refused or accepted without a panic, at every service, strictly and with every tolerance; nothing is
/// accepted with a key that did not sign it.
pub fn verify(data: &[u8]) {
    let Some((method, target, headers, body)) = split(data) else {
        return;
    };
    let Ok(head) = RequestHead::from_target(method, target, &headers) else {
        return;
    };
    for service in SERVICES {
        let mut tolerant = VerifyPolicy::for_service(service);
        tolerant.accept_path_as_sent = true;
        tolerant.accept_encoded_slash_as_slash = true;
        tolerant.accept_empty_expect = true;
        tolerant.accept_http_date = true;
        tolerant.accept_missing_expires = true;
        tolerant.accept_query_sorted_by_name = true;
        tolerant.accept_streaming_payload = true;
        tolerant.accept_unsigned_payload = true;
        tolerant.accept_unsorted_signed_headers = true;
        for policy in [VerifyPolicy::for_service(service), tolerant] {
            let verifier = Verifier::new("us-east-1", service)
                .unwrap()
                .with_any_region()
                .with_policy(policy);
            let now = AuthParams::parse(&head).map_or(NOW.parse().unwrap(), |claims| claims.date());
            let Ok(mut claim) = verifier.claim(&head, now) else {
                continue;
            };
            let _ = claim.explain(ReceivedBody::of(body));
            let key = SigningKey::derive(
                &SecretAccessKey::new("no one signs with this").unwrap(),
                claim.scope(),
            );
            assert!(
                claim
                    .verify(
                        KeyLookup::Found(KnownKey::new(&key)),
                        ReceivedBody::of(body)
                    )
                    .is_err()
            );
        }
    }
}

/// What can be signed or presigned verifies.
pub fn sign_verify(data: &[u8]) {
    let Some((method, target, headers, body)) = split(data) else {
        return;
    };
    let headers: Vec<_> = headers
        .into_iter()
        .filter(|header| !is_signature(header.name()))
        .collect();
    let Ok(head) = RequestHead::from_target(method, target, &headers) else {
        return;
    };
    let now: AmzDate = NOW.parse().unwrap();
    for service in SERVICES {
        let signer = Signer::new(
            Credentials::new("AKID", "secret").unwrap(),
            "us-east-1",
            service,
        )
        .unwrap();
        let mut policy = VerifyPolicy::for_service(service);
        policy.plus = sigv4::PlusPolicy::Space;
        policy.refuse_case_variant_parameters = false;
        policy.accept_plus_in_path = true;
        let verifier = Verifier::new("us-east-1", service)
            .unwrap()
            .with_policy(policy);
        let accepts = |head: &RequestHead<'_>| match verifier.claim(head, now) {
            Err(error) => Err(error),
            Ok(claim) => {
                let key =
                    SigningKey::derive(&SecretAccessKey::new("secret").unwrap(), claim.scope());
                claim
                    .verify(
                        KeyLookup::Found(KnownKey::new(&key)),
                        ReceivedBody::of(body),
                    )
                    .map(|_| ())
            }
        };
        // A server may refuse what it can be given to sign: two hosts, a disputed length, a limit. A signature that
        // does not match its own request is the one thing that must not be.
        let holds = |result: Result<(), sigv4::VerifyError>| {
            assert_ne!(
                result,
                Err(sigv4::VerifyError::SignatureMismatch),
                "{service}"
            );
        };
        if let Ok(output) = signer.sign(&head, &PayloadHash::of(body), now) {
            let mut signed: Vec<_> = headers.clone();
            signed.extend(
                output
                    .headers()
                    .map(|(name, value)| Header::new(name, value.as_bytes())),
            );
            holds(accepts(
                &RequestHead::from_target(method, target, &signed).unwrap(),
            ));
        }
        let payload = if service == "s3" {
            PayloadHash::Unsigned
        } else {
            PayloadHash::of(body)
        };
        if let Ok(presigned) = signer.presign(&head, &payload, Expires::MAX, now) {
            let head =
                RequestHead::new(method, head.path(), presigned.query().as_bytes(), &headers);
            holds(accepts(&head));
        }
    }
}

fn is_signature(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower == "authorization" || lower.starts_with("x-amz-")
}

/// A chunked body decodes to what was encoded; one that is spoilt, or any other bytes, end the same way in whatever pieces
/// they arrive, and never as another body than the one that was signed.
///
/// The first bytes choose: mode, size of pieces, a place and a change there. The others are the body, and the wire.
pub fn chunks(data: &[u8]) {
    let Some((&[mode, size, low, high, change], rest)) = data.split_first_chunk::<5>() else {
        return;
    };
    let mode = match mode % 3 {
        0 => StreamingMode::Signed,
        1 => StreamingMode::SignedTrailer,
        _ => StreamingMode::UnsignedTrailer,
    };
    let size = usize::from(size) + 1;
    let (mut encoder, at_once) = chunk_ends(mode, rest.len());
    let mut wire = Vec::new();
    for mut piece in rest.chunks(size * 64) {
        while let Some(chunk) = encoder.encode(&mut piece).unwrap() {
            chunk.append_to(&mut wire);
        }
    }
    encoder.finish().unwrap().append_to(&mut wire);
    let decoder = || chunk_ends(mode, rest.len()).1;
    assert_eq!(decoded(at_once, [wire.as_slice()]).as_deref(), Ok(rest));
    assert_eq!(decoded(decoder(), wire.chunks(size)).as_deref(), Ok(rest));

    let at = usize::from(u16::from_le_bytes([low, high])) % wire.len();
    wire[at] = change;
    for wire in [wire.as_slice(), rest] {
        let result = decoded(decoder(), [wire]);
        assert_eq!(decoded(decoder(), wire.chunks(size)), result);
        if mode != StreamingMode::UnsignedTrailer
            && let Ok(body) = result
        {
            assert_eq!(body, rest);
        }
    }
}

fn decoded<'w>(
    mut decoder: ChunkDecoder,
    pieces: impl IntoIterator<Item = &'w [u8]>,
) -> Result<Vec<u8>, VerifyError> {
    let mut body = Vec::new();
    for mut piece in pieces {
        while let Some(data) = decoder.decode(&mut piece)? {
            body.extend_from_slice(data);
        }
    }
    decoder.finish()?;
    Ok(body)
}

/// What encodes and what decodes the body of one request.
fn chunk_ends(mode: StreamingMode, length: usize) -> (ChunkEncoder, ChunkDecoder) {
    let now: AmzDate = NOW.parse().unwrap();
    let credentials = Credentials::new("AKID", "secret").unwrap();
    let signer = Signer::new(credentials, "us-east-1", "s3").unwrap();
    let payload = ChunkedPayload::new(mode, length.try_into().unwrap()).unwrap();
    let mut payload = payload.with_chunk_size(8192).unwrap();
    if mode != StreamingMode::Signed {
        payload = payload.with_checksum(ChecksumAlgorithm::Crc32).unwrap();
    }
    let host = [Header::new("Host", b"h")];
    let head = RequestHead::new("PUT", b"/", b"", &host);
    let (output, chunks) = signer.sign_chunked(&head, &payload, now).unwrap();
    let own = output
        .headers()
        .map(|(name, value)| Header::new(name, value.as_bytes()));
    let headers: Vec<_> = host.into_iter().chain(own).collect();
    let head = RequestHead::new("PUT", b"/", b"", &headers);
    let mut policy = VerifyPolicy::for_service("s3");
    policy.accept_streaming_payload = true;
    let verifier = Verifier::new("us-east-1", "s3")
        .unwrap()
        .with_policy(policy);
    let claim = verifier.claim(&head, now).unwrap();
    let key = SigningKey::derive(&SecretAccessKey::new("secret").unwrap(), claim.scope());
    let known = KeyLookup::Found(KnownKey::new(&key));
    let verified = claim.verify(known, ReceivedBody::Unread).unwrap();
    (chunks.into_encoder(), verified.chunk_decoder(&key).unwrap())
}

/// Every text that parses prints as it was.
pub fn texts(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(date) = text.parse::<AmzDate>() {
        assert_eq!(date.to_string(), text);
        assert_eq!(AmzDate::from_unix(date.unix()), Ok(date));
    }
    if let Ok(scope) = text.parse::<CredentialScope>() {
        assert_eq!(scope.to_string(), text);
    }
    if let Ok(payload) = text.parse::<PayloadHash>() {
        assert_eq!(payload.to_string(), text);
    }
    if let Ok(signature) = text.parse::<Signature>() {
        assert_eq!(signature.to_string(), text);
    }
}
