//! Laws that hold for every request: what is signed verifies, what is changed is refused, the canonicalizer agrees
//! with a naive one, and nothing panics.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::unwrap_in_result,
    reason = "a test may panic"
)]

mod common;

use std::collections::BTreeSet;
use std::sync::Mutex;

use common::naive::{self, Forge};
use common::{Check, Request, credentials, date, signer};
use proptest::collection::vec;
use proptest::prelude::*;
use sigv4::{
    AmzDate, AuthParams, CanonicalRules, CredentialScope, Expires, PayloadHash, Signature,
};

const NOW: &str = "20261121T123600Z";

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z][a-zA-Z0-9_-]{0,24}".prop_map(|name| format!("X-{name}"))
}

/// Header values of any bytes that HTTP lets through.
fn value() -> impl Strategy<Value = Vec<u8>> {
    vec(
        prop_oneof![6 => 0x20..0x7f_u8, 1 => Just(b'\t'), 2 => Just(b' '), 1 => 0x80..=0xff_u8],
        0..24,
    )
}

/// Paths with everything that is tricky, always starting with a slash.
fn path() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("/".to_owned()),
        Just("//".to_owned()),
        Just("/.".to_owned()),
        Just("/..".to_owned()),
        Just("/...".to_owned()),
        Just("%2F".to_owned()),
        Just("%2e".to_owned()),
        Just("%25".to_owned()),
        Just("%41".to_owned()),
        Just(" ".to_owned()),
        Just("é".to_owned()),
        Just("~*'()!:@,;=&$".to_owned()),
        "[a-zA-Z0-9._-]{1,6}",
    ];
    vec(piece, 0..8).prop_map(|pieces| format!("/{}", pieces.concat()).into_bytes())
}

fn query() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("&".to_owned()),
        Just("=".to_owned()),
        Just("+".to_owned()),
        Just("%20".to_owned()),
        Just("%2b".to_owned()),
        Just("%FF".to_owned()),
        Just("%41".to_owned()),
        Just("é".to_owned()),
        Just(";/?:@".to_owned()),
        "[a-zA-Z0-9._~-]{1,4}",
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat().into_bytes())
}

fn request() -> impl Strategy<Value = Request> {
    let method = prop_oneof![
        Just("GET"),
        Just("POST"),
        Just("PUT"),
        Just("DELETE"),
        Just("PATCH")
    ];
    let headers = vec((name(), value()), 0..6);
    (method, path(), query(), headers, vec(any::<u8>(), 0..64)).prop_map(
        |(method, path, query, headers, body)| {
            let mut request = Request::new(method, "", "")
                .header("Host", "abc123.execute-api.us-east-1.amazonaws.com");
            (request.path, request.query, request.body) = (path, query, body);
            request.headers.extend(headers);
            request
        },
    )
}

fn service() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("execute-api"), Just("s3"), Just("lambda"), Just("sts")]
}

fn check(service: &str) -> Check {
    let mut check = Check::new(
        "us-east-1",
        service,
        "AKIDEXAMPLE",
        "secret",
        Some("TOKEN"),
        date(NOW),
    );
    check.policy.plus = sigv4::PlusPolicy::Space;
    check.policy.refuse_case_variant_parameters = false;
    check
}

fn signed(request: &Request, service: &str) -> (Request, String) {
    let credentials = credentials("AKIDEXAMPLE", "secret", Some("TOKEN"));
    let signer = signer(
        credentials,
        "us-east-1",
        service,
        CanonicalRules::for_service(service),
    );
    let payload = PayloadHash::of(&request.body);
    let output = request.with_head(|head| signer.sign(head, &payload, date(NOW)).unwrap());
    let mut request = request.clone();
    request.apply(&output);
    (request, output.signed_headers().to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_signed_verifies_and_what_is_changed_is_refused(
        request in request(), service in service(), place in any::<prop::sample::Index>(), bit in 0..8_u32,
    ) {
        let check = check(service);
        let (request, names) = signed(&request, service);
        prop_assert_eq!(check.verify(&request), Ok(()));
        for (change, changed) in common::tampered(&request, &names) {
            prop_assert!(check.verify(&changed).is_err(), "accepted after a change of {}", change);
        }
        // One bit of one signed header's value.
        let signed: Vec<_> = names.split(';').collect();
        let name = signed[place.index(signed.len())];
        let mut changed = request;
        let header = changed.headers.iter_mut().find(|(other, _)| other.eq_ignore_ascii_case(name)).unwrap();
        if !header.1.is_empty() {
            let at = place.index(header.1.len());
            let before = header.1.clone();
            header.1[at] ^= 1 << bit;
            let blank = |b: &u8| matches!(b, b' ' | b'\t');
            if !blank(&before[at]) && !blank(&header.1[at]) {
                prop_assert!(check.verify(&changed).is_err(), "{} with bit {} of byte {} flipped", name, bit, at);
            }
        }
    }

    #[test]
    fn what_may_change_may_change(request in request(), service in service()) {
        let check = check(service);
        let (mut request, _) = signed(&request, service);
        request.headers.rotate_left(1);
        request.headers.push(("Via".into(), b"1.1 proxy".to_vec()));
        request.headers.push(("X-Forwarded-For".into(), b"192.0.2.1".to_vec()));
        request.headers.push(("User-Agent".into(), b"anything".to_vec()));
        // Rotating may swap two values of one name, which is signed in order.
        let mut names: Vec<_> = request.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        names.sort();
        names.dedup();
        if names.len() == request.headers.len() {
            prop_assert_eq!(check.verify(&request), Ok(()));
        }
    }

    #[test]
    fn presigned_requests_verify_and_expire(request in request(), service in service(), expires in 1..=604_800_u32) {
        let check = check(service);
        let credentials = credentials("AKIDEXAMPLE", "secret", Some("TOKEN"));
        let signer = signer(credentials, "us-east-1", service, CanonicalRules::for_service(service));
        let payload = if service == "s3" { PayloadHash::Unsigned } else { PayloadHash::of(&request.body) };
        let expires = Expires::from_secs(expires).unwrap();
        let query = request.with_head(|head| signer.presign(head, &payload, expires, date(NOW)).unwrap().into_query());
        let mut request = request;
        request.query = query.into();
        prop_assert_eq!(check.verify(&request), Ok(()));
        let at = |seconds: i64| {
            let mut later = check.clone();
            later.now = date(NOW).saturating_add(seconds);
            later.reason(&request)
        };
        let seconds = i64::from(expires.seconds());
        prop_assert_eq!(at(seconds), "ok");
        prop_assert_eq!(at(seconds + 1), "presign_expired");
    }

    #[test]
    fn the_canonicalizer_agrees_with_a_naive_one(request in request(), service in service()) {
        let (request, names) = signed(&request, service);
        let mut forge = Forge::new(NOW, "us-east-1", service, &names, &naive::sha256_hex(&request.body));
        forge.access_key_id = "AKIDEXAMPLE".into();
        forge.secret = "secret".into();
        prop_assert_eq!(forge.header(&request).text("authorization"), request.text("authorization"));
    }

    #[test]
    fn no_input_panics_the_verifier(
        request in request(), service in service(), part in 0..6_u8, place in any::<prop::sample::Index>(),
        byte in any::<u8>(), drop in any::<bool>(), name in ".{0,12}",
    ) {
        // A good request with one byte or header of it spoilt: most get past the first checks, and some verify.
        let (mut request, _) = signed(&request, service);
        let spoil = |bytes: &mut Vec<u8>| {
            if bytes.is_empty() {
                bytes.push(byte);
            } else if drop {
                bytes.remove(place.index(bytes.len()));
            } else {
                let at = place.index(bytes.len());
                bytes[at] = byte;
            }
        };
        let header = place.index(request.headers.len());
        match part {
            0 => spoil(&mut request.path),
            1 => spoil(&mut request.query),
            2 => spoil(&mut request.body),
            3 => spoil(&mut request.headers[header].1),
            4 => request.headers[header].0.clone_from(&name),
            _ => request.method.clone_from(&name),
        }
        let reason = check(service).reason(&request);
        REASONS.lock().unwrap().insert(reason);
        let _ = request.with_head(|head| AuthParams::parse(head).map(|_| ()));
        request.remove("authorization");
        let signer = signer(credentials("AKIDEXAMPLE", "secret", None), "us-east-1", "s3", CanonicalRules::S3);
        let _ = request.with_head(|head| signer.sign(head, &PayloadHash::EMPTY, date(NOW)).map(|_| ()));
    }

    #[test]
    fn no_authorization_panics_and_a_good_one_reads_back(
        id in "[!-+\\--.0-~]{1,32}", region in "[a-z0-9-]{1,16}", service in "[a-zA-Z0-9.-]{1,16}",
        cut in any::<prop::sample::Index>(), junk in any::<u8>(),
    ) {
        let mut forge = Forge::new(NOW, &region, &service, "host;x-amz-date", "");
        forge.access_key_id.clone_from(&id);
        let request = Request::new("GET", "/", "").header("Host", "h").header("X-Amz-Date", NOW);
        let mut request = forge.header(&request);
        request.with_head(|head| {
            let claims = AuthParams::parse(head).unwrap();
            assert_eq!(claims.access_key_id(), id);
            assert_eq!(claims.scope().region(), region);
            assert_eq!(claims.scope().service(), service);
        });
        let mut value = request.get("authorization").unwrap().to_vec();
        let at = cut.index(value.len());
        value[at] = junk;
        request.set("Authorization", value);
        let _ = request.with_head(|head| AuthParams::parse(head).map(|_| ()));
    }

    #[test]
    fn texts_read_back(unix in 0..=253_402_300_799_i64, region in "[a-zA-Z0-9._-]{1,64}", bytes in any::<[u8; 32]>()) {
        let moment = AmzDate::from_unix(unix).unwrap();
        prop_assert_eq!(moment.to_string().parse::<AmzDate>(), Ok(moment));
        let scope = CredentialScope::new(moment.day(), &region, "service").unwrap();
        prop_assert_eq!(scope.to_string().parse::<CredentialScope>(), Ok(scope));
        let payload = PayloadHash::Sha256(bytes);
        prop_assert_eq!(payload.to_string().parse::<PayloadHash>(), Ok(payload));
        let signature: Signature = naive::hex(&bytes).parse().unwrap();
        prop_assert_eq!(signature.to_string(), naive::hex(&bytes));
    }

    #[test]
    fn the_calendar_is_that_of_the_time_crate(unix in 0..=253_402_300_799_i64) {
        let there = time::OffsetDateTime::from_unix_timestamp(unix).unwrap();
        let expected = format!(
            "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
            there.year(), u8::from(there.month()), there.day(), there.hour(), there.minute(), there.second()
        );
        prop_assert_eq!(AmzDate::from_unix(unix).unwrap().to_string(), expected);
    }

    #[test]
    fn any_text_is_a_date_or_none(text in ".{0,20}") {
        if let Ok(moment) = text.parse::<AmzDate>() {
            prop_assert_eq!(moment.to_string(), text);
        }
    }
}

/// What the spoilt requests were refused for, or `ok`.
static REASONS: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());

#[test]
fn spoilt_requests_reach_every_stage() {
    no_input_panics_the_verifier();
    let reasons = REASONS.lock().unwrap();
    for reason in ["ok", "http_400", "mismatch", "incomplete"] {
        assert!(
            reasons.contains(reason),
            "no spoilt request gave {reason}: {reasons:?}"
        );
    }
}

#[test]
fn an_existing_signature_is_an_error_unless_it_is_replaced() {
    let request = Request::new("GET", "/", "a=1").header("Host", "h.example");
    let (once, _) = signed(&request, "execute-api");
    let make = || {
        signer(
            credentials("AKIDEXAMPLE", "secret", Some("TOKEN")),
            "us-east-1",
            "execute-api",
            CanonicalRules::SERVICE,
        )
    };
    let later = date("20261121T123700Z");
    let again = once.with_head(|head| make().sign(head, &PayloadHash::EMPTY, later).map(|_| ()));
    assert!(
        matches!(again, Err(sigv4::SignError::AlreadySigned(_))),
        "{again:?}"
    );
    let presign = once.with_head(|head| {
        make()
            .presign(head, &PayloadHash::EMPTY, Expires::MAX, later)
            .map(|_| ())
    });
    assert!(
        matches!(presign, Err(sigv4::SignError::AlreadySigned(_))),
        "{presign:?}"
    );

    let replacing = make().with_existing_auth(sigv4::ExistingAuth::Replace);
    let output = once.with_head(|head| replacing.sign(head, &PayloadHash::EMPTY, later).unwrap());
    let mut twice = once.clone();
    twice.apply(&output);
    let mut check = check("execute-api");
    check.now = later;
    assert_eq!(check.verify(&twice), Ok(()));

    // The same for a presigned request that is presigned anew, or signed with a header.
    let mut presigned = request.clone();
    presigned.query = request
        .with_head(|head| {
            make()
                .presign(head, &PayloadHash::EMPTY, Expires::MAX, date(NOW))
                .unwrap()
                .into_query()
        })
        .into();
    for spelling in ["X-Amz-Signature", "x-amz-signature", "X%2DAmz-Signature"] {
        let mut other = presigned.clone();
        other.query = String::from_utf8(other.query)
            .unwrap()
            .replace("X-Amz-Signature", spelling)
            .into();
        let error =
            other.with_head(|head| make().sign(head, &PayloadHash::EMPTY, later).map(|_| ()));
        assert!(error.is_err(), "{spelling}");
    }
    let query = presigned.with_head(|head| {
        replacing
            .presign(head, &PayloadHash::EMPTY, Expires::MAX, later)
            .unwrap()
            .into_query()
    });
    let mut anew = presigned.clone();
    anew.query = query.into();
    assert_eq!(check.verify(&anew), Ok(()));
    let output =
        presigned.with_head(|head| replacing.sign(head, &PayloadHash::EMPTY, later).unwrap());
    let mut header = presigned.clone();
    header.query = output.replaced_query().unwrap().to_vec();
    header.apply(&output);
    assert_eq!(header.query, b"a=1");
    assert_eq!(check.verify(&header), Ok(()));
}

#[test]
fn a_derived_key_signs_without_the_secret_and_for_its_day_only() {
    let scope: CredentialScope = "20261121/us-east-1/execute-api/aws4_request"
        .parse()
        .unwrap();
    let secret = sigv4::SecretAccessKey::new("secret").unwrap();
    let key = sigv4::SigningKey::derive(&secret, &scope);
    let signer = sigv4::Signer::with_signing_key("AKIDEXAMPLE", None, key).unwrap();
    let mut request = Request::new("GET", "/", "").header("Host", "h.example");
    let output =
        request.with_head(|head| signer.sign(head, &PayloadHash::EMPTY, date(NOW)).unwrap());
    request.apply(&output);
    let mut check = check("execute-api");
    check.token = None;
    assert_eq!(check.verify(&request), Ok(()));
    let unsigned = Request::new("GET", "/", "").header("Host", "h.example");
    let tomorrow = unsigned.with_head(|head| {
        signer
            .sign(head, &PayloadHash::EMPTY, date("20261122T000000Z"))
            .map(|_| ())
    });
    assert_eq!(tomorrow, Err(sigv4::SignError::KeyDate));
}

#[test]
fn a_header_can_be_signed_or_left_out_against_the_default() {
    let make = || {
        signer(
            credentials("A", "s", None),
            "us-east-1",
            "execute-api",
            CanonicalRules::SERVICE,
        )
    };
    let request = Request::new("GET", "/", "")
        .header("Host", "h")
        .header("User-Agent", "ua")
        .header("Accept", "*/*")
        .header("Transfer-Encoding", "chunked");
    let names = |signer: sigv4::Signer| {
        request.with_head(|head| {
            signer
                .sign(head, &PayloadHash::EMPTY, date(NOW))
                .unwrap()
                .signed_headers()
                .to_owned()
        })
    };
    assert_eq!(names(make()), "accept;host;x-amz-date");
    assert_eq!(
        names(make().with_signed_header("User-Agent").unwrap()),
        "accept;host;user-agent;x-amz-date"
    );
    assert_eq!(
        names(make().with_unsigned_header("Accept").unwrap()),
        "host;x-amz-date"
    );
    for bad in ["host", "X-Amz-Target", "a b", ""] {
        assert!(make().with_unsigned_header(bad).is_err(), "{bad}");
    }
    assert!(make().with_signed_header("authorization").is_err());
}
