//! SH: which headers are signed, and what is signed of them.

use crate::bases::{Base, S3_NOW, b1, b5, b7};
use crate::{Tries, one};

/// B5 with one more signed header; its value on the wire can differ from the signed one.
fn with_signed(name: &str, value: &[u8]) -> Base {
    let mut base = b5();
    base.request.set(name, value);
    let mut names: Vec<_> = base.forge.names.split(';').map(str::to_owned).collect();
    names.push(name.to_lowercase());
    names.sort();
    base.forge.names = names.join(";");
    base
}

fn with_names(names: &str) -> Tries {
    let mut base = b1();
    base.forge.names = names.into();
    one(&base.check, &base.signed())
}

pub(crate) fn tries(id: &str) -> Option<Tries> {
    let mut tries = Tries::default();
    let base = b1();
    let (s3, put) = (b5(), b7());
    let mut host_changed = |host: &str| {
        let mut request = base.signed();
        request.set("Host", host);
        tries.add(host, &base.check, &request);
    };
    match id {
        "SH-01" => return Some(with_names("x-amz-date")),
        "SH-02" => host_changed("evil.example"),
        "SH-03" => {
            let mut request = base.signed();
            request.set("Host", "evil.example");
            return Some(one(
                &base.check,
                &request.header("X-Forwarded-Host", "example.amazonaws.com"),
            ));
        }
        "SH-04" => {
            let mut request = base.signed();
            request.remove("host");
            request.authority = Some(b"example.amazonaws.com".to_vec());
            return Some(one(&base.check, &request));
        }
        "SH-05" => {
            let mut request = base.signed();
            request.authority = Some(b"example.amazonaws.com".to_vec());
            assert_eq!(base.check.verify(&request), Ok(()), "both, and the same");
            request.set("Host", "evil.example");
            tries.add("Host is evil", &base.check, &request);
            let mut request = base.signed();
            request.authority = Some(b"evil.example".to_vec());
            tries.add(":authority is evil", &base.check, &request);
        }
        "SH-06" => {
            let headers: Vec<_> = base.signed().headers;
            let headers: Vec<_> = headers
                .iter()
                .map(|(name, value)| sigv4::Header::new(name, value))
                .collect();
            let verifier = sigv4::Verifier::new("us-east-1", "service").unwrap();
            for (target, good) in [
                ("http://evil/", false),
                ("http://example.amazonaws.com/", true),
            ] {
                let head =
                    sigv4::RequestHead::from_target("GET", target.as_bytes(), &headers).unwrap();
                let claim = verifier.claim(&head, base.check.now).map(|_| ());
                assert_eq!(claim.is_ok(), good, "{target}");
                if !good {
                    tries.result(target, claim);
                }
            }
        }
        "SH-07" => host_changed("EXAMPLE.amazonaws.com"),
        "SH-08" => host_changed("example.amazonaws.com:443"),
        "SH-09" => {
            return Some(one(
                &put.check,
                &put.signed().header("x-amz-copy-source", "/victim/secret"),
            ));
        }
        "SH-11" => {
            return Some(one(
                &put.check,
                &put.signed().header("x-amz-acl", "public-read"),
            ));
        }
        "SH-13" => {
            return Some(one(
                &put.check,
                &put.signed().header("Content-Type", "text/html"),
            ));
        }
        "SH-18" => {
            return Some(one(
                &s3.check,
                &s3.signed().header("X-AMZ-ACL", "public-read"),
            ));
        }
        "SH-19" => {
            let mut base = with_signed("x-amz-acl", b"private");
            base.forge.names = base.forge.names.replace("x-amz-acl", "X-Amz-Acl");
            tries.add("signed as listed", &base.check, &base.signed());
            let mut request = with_signed("x-amz-acl", b"private").signed();
            let value = request
                .text("authorization")
                .replace("x-amz-acl", "X-Amz-Acl");
            request.set("Authorization", value);
            tries.add("listed otherwise than signed", &base.check, &request);
        }
        "SH-20" => {
            let mut base = b1();
            base.forge.names = "host;x-absent;x-amz-date".into();
            base.forge.header_lines =
                Some(b"host:example.amazonaws.com\nx-amz-date:20150830T123600Z\n".to_vec());
            return Some(one(&base.check, &base.signed()));
        }
        "SH-21" => return Some(with_names("host;x-absent;x-amz-date")),
        "SH-22" => return Some(with_names("x-amz-date;host")),
        "SH-23" => return Some(with_names("host;host;x-amz-date")),
        "SH-25" => {
            for (from, to) in [
                ("host;x", "host,x"),
                ("host;x", "host; x"),
                ("host;x", "host x"),
            ] {
                let mut request = base.signed();
                let value = request.text("authorization").replace(from, to);
                request.set("Authorization", value);
                tries.add(to, &base.check, &request);
            }
        }
        "SH-26" => return Some(with_names("authorization;host;x-amz-date")),
        "SH-27" => return Some(twice(b"a", b"b")),
        "SH-28" => {
            let base = with_signed("x-amz-meta-a", b"a,b");
            let mut request = base.signed();
            request.remove("x-amz-meta-a");
            return Some(one(
                &base.check,
                &request
                    .header("x-amz-meta-a", "b")
                    .header("x-amz-meta-a", "a"),
            ));
        }
        "SH-29" => {
            let base = with_signed("x-amz-meta-a", b"a,b");
            let mut request = base.signed();
            request.remove("x-amz-meta-a");
            return Some(one(
                &base.check,
                &request
                    .header("x-amz-meta-a", "a")
                    .header("x-amz-meta-a", "b"),
            ));
        }
        "SH-30" => {
            let mut base = with_signed("content-length", b"0");
            base.request.method = "PUT".into();
            for (name, value) in [
                ("x-amz-date", "20130524T000001Z"),
                ("host", "evil.example"),
                ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
                ("content-length", "1"),
            ] {
                tries.add(name, &base.check, &base.signed().header(name, value));
            }
        }
        "SH-31" => {
            for (signed, sent) in [("a   b", "a b"), ("a b", "a    b"), ("a b", "  a b  ")] {
                let base = with_signed("x-amz-meta-a", signed.as_bytes());
                let mut request = base.signed();
                request.set("x-amz-meta-a", sent);
                tries.add(
                    format!("{signed:?} sent as {sent:?}"),
                    &base.check,
                    &request,
                );
            }
        }
        "SH-32" => {
            let mut base = with_signed("x-amz-meta-a", b"a\t\tb");
            base.forge.header_lines = Some(
                format!(
                    "host:s3.amazonaws.com\nx-amz-content-sha256:{}\nx-amz-date:{S3_NOW}\nx-amz-meta-a:a\t\tb\n",
                    base.forge.payload
                )
                .into_bytes(),
            );
            return Some(one(&base.check, &base.signed()));
        }
        "SH-33" => {
            let base = with_signed("x-amz-meta-a", b"\"a   b\"");
            return Some(one(&base.check, &base.signed()));
        }
        "SH-35" => {
            let base = with_signed("x-amz-meta-a", b"caf\xe9");
            return Some(one(&base.check, &base.signed()));
        }
        "SH-37" => {
            return Some(one(
                &s3.check,
                &s3.signed().header("x_amz_acl", "public-read"),
            ));
        }
        "SH-38" => {
            let request = s3.signed().header("Connection", "x-amz-date");
            tries.add("not dropped yet", &s3.check, &request);
            let base = with_signed("x-amz-meta-a", b"a");
            let mut request = base.signed();
            request.remove("x-amz-meta-a");
            tries.add("dropped, with its Connection", &base.check, &request);
        }
        "SH-40" => {
            let base = with_signed("expect", b"100-continue");
            let mut request = base.signed();
            request.remove("expect");
            return Some(one(&base.check, &request));
        }
        "SH-41" => {
            let base = with_signed("user-agent", b"client/1");
            let mut request = base.signed();
            request.set("user-agent", "proxy/2");
            return Some(one(&base.check, &request));
        }
        "SH-42" => {
            for name in ["x-amz-checksum-mode", "x-amz-user-agent"] {
                let request = put.signed().header(name, "ENABLED");
                tries.add(name, &put.check, &request);
                let mut lenient = put.check.clone();
                lenient.policy.accept_unsigned_headers.push(name.into());
                assert_eq!(
                    lenient.verify(&request),
                    Ok(()),
                    "{name} is on the list of what may be unsigned"
                );
            }
        }
        _ => return None,
    }
    Some(tries)
}

/// A signed header sent twice, signed as joined.
fn twice(first: &[u8], second: &[u8]) -> Tries {
    let mut base = with_signed("x-amz-meta-a", first);
    base.request = base.request.header("x-amz-meta-a", second);
    one(&base.check, &base.signed())
}
