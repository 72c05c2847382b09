//! The Authorization header: printed and parsed.

use alloc::vec::Vec;

use crate::algorithm;
use crate::error::{MissingParts, VerifyError};
use crate::request::trim;
use crate::scope::CredentialScope;
use crate::signature::Signature;
use crate::time::AmzDate;

/// The scheme of a Signature Version 2 header, which has no parts with names.
const VERSION_2: &[u8] = b"AWS";

/// Appends the value of an Authorization header.
pub(crate) fn write(
    out: &mut Vec<u8>,
    access_key_id: &str,
    scope: &CredentialScope,
    signed_headers: &[u8],
    signature: &Signature,
) {
    out.extend_from_slice(algorithm::HMAC_SHA256.as_bytes());
    out.extend_from_slice(b" Credential=");
    out.extend_from_slice(access_key_id.as_bytes());
    out.push(b'/');
    scope.write(out, b"/");
    out.extend_from_slice(b", SignedHeaders=");
    out.extend_from_slice(signed_headers);
    out.extend_from_slice(b", Signature=");
    out.extend_from_slice(&signature.hex());
}

/// The parts of an Authorization header, as text.
#[derive(Debug)]
pub(crate) struct Parts<'a> {
    pub(crate) credential: &'a [u8],
    pub(crate) signed_headers: &'a [u8],
    pub(crate) signature: &'a [u8],
}

/// Parses `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`.
///
/// * The parts come in any order, separated by a comma and any number of spaces.
/// * A part with another name is ignored, as AWS does; a part twice is refused (AWS takes the last).
pub(crate) fn parse(value: &[u8]) -> Result<Parts<'_>, VerifyError> {
    let end = value.iter().position(|b| *b == b' ').unwrap_or(value.len());
    let (scheme, rest) = value.split_at(end);
    if scheme == VERSION_2 {
        return Err(VerifyError::UnsupportedMechanism);
    }
    let parts = named_parts(rest);
    if scheme == algorithm::HMAC_SHA256.as_bytes() {
        return parts;
    }
    // Some other scheme: if it has the three parts then its algorithm is what is wrong, else it is no signature.
    match parts {
        Ok(_) => Err(VerifyError::UnsupportedAlgorithm),
        Err(VerifyError::Incomplete(missing)) => Err(VerifyError::Incomplete(missing)),
        Err(_) => Err(VerifyError::MalformedAuthorization),
    }
}

fn named_parts(text: &[u8]) -> Result<Parts<'_>, VerifyError> {
    let (mut credential, mut signed_headers, mut signature) = (None, None, None);
    let text = trim(text);
    let pieces = if text.is_empty() {
        None
    } else {
        Some(text.split(|b| *b == b','))
    };
    for piece in pieces.into_iter().flatten() {
        let piece = trim(piece);
        let Some(eq) = piece.iter().position(|b| *b == b'=') else {
            return Err(VerifyError::MalformedAuthorization);
        };
        let (name, value) = piece.split_at(eq);
        let value = value.get(1..).unwrap_or_default();
        let blank = piece.contains(&b' ') || piece.contains(&b'\t');
        if blank || core::str::from_utf8(value).is_err() {
            return Err(VerifyError::MalformedAuthorization);
        }
        let place = match name {
            b"Credential" => &mut credential,
            b"SignedHeaders" => &mut signed_headers,
            b"Signature" => &mut signature,
            _ => continue,
        };
        if place.replace(value).is_some() {
            return Err(VerifyError::MalformedAuthorization);
        }
    }
    match (credential, signed_headers, signature) {
        (Some(credential), Some(signed_headers), Some(signature)) => Ok(Parts {
            credential,
            signed_headers,
            signature,
        }),
        _ => Err(VerifyError::Incomplete(MissingParts {
            credential: credential.is_none(),
            signed_headers: signed_headers.is_none(),
            signature: signature.is_none(),
            date: false,
        })),
    }
}

/// Reads `Mon, 09 Sep 2011 23:36:00 GMT`, the date form of HTTP (RFC 9110, section 5.6.7). The day of the week is not
/// compared with the date: AWS's own first examples have a wrong one.
pub(crate) fn parse_http_date(text: &[u8]) -> Option<AmzDate> {
    const MONTHS: [&[u8; 3]; 12] = [
        b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov",
        b"Dec",
    ];
    let &[
        _,
        _,
        _,
        b',',
        b' ',
        d1,
        d2,
        b' ',
        m1,
        m2,
        m3,
        b' ',
        y1,
        y2,
        y3,
        y4,
        b' ',
        h1,
        h2,
        b':',
        i1,
        i2,
        b':',
        s1,
        s2,
        b' ',
        b'G',
        b'M',
        b'T',
    ] = text
    else {
        return None;
    };
    let month = MONTHS.into_iter().position(|name| *name == [m1, m2, m3])?;
    let month = u8::try_from(month).ok()?.checked_add(1)?;
    let (tens, ones) = (month / 10, month % 10);
    let digit = |n: u8| n.saturating_add(b'0');
    AmzDate::parse(&[
        y1,
        y2,
        y3,
        y4,
        digit(tens),
        digit(ones),
        d1,
        d2,
        b'T',
        h1,
        h2,
        i1,
        i2,
        s1,
        s2,
        b'Z',
    ])
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=00";

    #[test]
    fn parses_what_it_prints() {
        let scope = "20150830/us-east-1/iam/aws4_request".parse().unwrap();
        let signature = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
            .parse()
            .unwrap();
        let mut out = Vec::new();
        write(&mut out, "AKID", &scope, b"host;x-amz-date", &signature);
        let parts = parse(&out).unwrap();
        assert_eq!(
            parts.credential,
            b"AKID/20150830/us-east-1/iam/aws4_request"
        );
        assert_eq!(parts.signed_headers, b"host;x-amz-date");
        assert_eq!(Signature::parse(parts.signature), Ok(signature));
    }

    #[test]
    fn separators_and_order() {
        for good in [
            "AWS4-HMAC-SHA256 Credential=a/b,SignedHeaders=host,Signature=00",
            "AWS4-HMAC-SHA256  Signature=00,  Credential=a/b , Foo=bar, SignedHeaders=host",
        ] {
            assert_eq!(parse(good.as_bytes()).unwrap().credential, b"a/b", "{good}");
        }
    }

    #[test]
    fn each_flaw_has_its_reason() {
        use VerifyError as E;
        let rows: &[(&str, E)] = &[
            (&GOOD.replace("256 ", "512 "), E::UnsupportedAlgorithm),
            (&GOOD.replace("AWS4", "aws4"), E::UnsupportedAlgorithm),
            ("AWS AKID:c2ln", E::UnsupportedMechanism),
            (&GOOD.replace("=a", "= a"), E::MalformedAuthorization),
            (
                &GOOD.replace(", Signature=00", ", Signature=00, Signature=01"),
                E::MalformedAuthorization,
            ),
            (
                &GOOD.replace(", Signature=00", ","),
                E::MalformedAuthorization,
            ),
            (
                &",".repeat(65536),
                E::Incomplete(MissingParts {
                    credential: true,
                    signed_headers: true,
                    signature: true,
                    date: false,
                }),
            ),
        ];
        for (value, error) in rows {
            assert_eq!(parse(value.as_bytes()).unwrap_err(), *error, "{value}");
        }
        for value in [
            "Bearer abc.def",
            "",
            "AWS4-HMAC-SHA256",
            &GOOD.replace("256 ", "256\t"),
            &GOOD.replace("AWS4", "Authorization: AWS4"),
            &GOOD.replace(", Signature=00", ""),
        ] {
            assert_eq!(
                parse(value.as_bytes()).unwrap_err().reason(),
                "incomplete",
                "{value}"
            );
        }
        let mut bytes = GOOD.as_bytes().to_vec();
        bytes[29] = 0xff;
        assert_eq!(parse(&bytes).unwrap_err(), E::MalformedAuthorization);
    }

    #[test]
    fn http_dates() {
        let date = parse_http_date(b"Mon, 09 Sep 2011 23:36:00 GMT").unwrap();
        assert_eq!(date.as_str(), "20110909T233600Z");
        assert!(parse_http_date(b"Mon, 9 Sep 2011 23:36:00 GMT").is_none());
        assert!(parse_http_date(b"Mon, 09 Foo 2011 23:36:00 GMT").is_none());
    }
}
