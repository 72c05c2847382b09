//! AH: the Authorization header.

use crate::bases::{b1, b5, b6};
use crate::{Tries, one};

pub(crate) fn tries(id: &str) -> Option<Tries> {
    let base = b1();
    let check = &base.check;
    let signed = base.signed();
    let value = signed.text("authorization");
    let with = |value: &str| {
        let mut request = signed.clone();
        request.set("Authorization", value);
        request
    };
    let replaced = |from: &str, to: &str| one(check, &with(&value.replace(from, to)));
    let signature = value.rsplit('=').next().unwrap().to_owned();
    let without = |part: &str| {
        let parts: Vec<_> = value["AWS4-HMAC-SHA256 ".len()..]
            .split(", ")
            .filter(|p| !p.starts_with(part))
            .collect();
        one(
            check,
            &with(&format!("AWS4-HMAC-SHA256 {}", parts.join(", "))),
        )
    };
    let two = |first: &str, second: &str| {
        let mut request = signed.clone();
        request.remove("authorization");
        one(
            check,
            &request
                .header("Authorization", first)
                .header("Authorization", second),
        )
    };
    Some(match id {
        "AH-01" => {
            let mut request = signed.clone();
            request.remove("authorization");
            one(check, &request)
        }
        "AH-04" => one(check, &with("Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2ln")),
        "AH-05" => replaced("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512"),
        "AH-06" => replaced("AWS4-HMAC-SHA256", "FOO"),
        "AH-07" => replaced("AWS4-HMAC-SHA256", "aws4-hmac-sha256"),
        "AH-08" => two(&value, "Bearer x"),
        "AH-09" => two("garbage", &value),
        "AH-10" => {
            let mut other = b1();
            other.forge.access_key_id = "AKIDOTHER".into();
            two(&value, &other.signed().text("authorization"))
        }
        "AH-11" => {
            let mut tries = Tries::default();
            let presigned = base
                .forge
                .query(&base.request, &base.forge.parameters("60"));
            let mut both = base.forge.header(&presigned);
            tries.add("signed over both", check, &both);
            both.set("Authorization", value.as_str());
            tries.add("each on its own", check, &both);
            let s3 = b6();
            let mut both = s3.signed();
            both.set("Authorization", b5().signed().text("authorization"));
            tries.add("at S3", &s3.check, &both);
            tries
        }
        "AH-13" => {
            let s3 = b5();
            let mut request = s3.request.clone();
            request.query =
                b"X-Amz-Credential=AKIDEXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request".to_vec();
            request.set("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
            one(&s3.check, &request)
        }
        "AH-16" => replaced("Credential=", "Credential= "),
        "AH-17" => replaced("AWS4-HMAC-SHA256", "Authorization: AWS4-HMAC-SHA256"),
        "AH-18" => without("Signature="),
        "AH-20" => without("Credential="),
        "AH-21" => {
            let mut request = with("AWS4-HMAC-SHA256");
            request.remove("x-amz-date");
            one(check, &request)
        }
        "AH-22" => replaced(
            "Signature=",
            &format!("Signature={}, Signature=", "0".repeat(64)),
        ),
        "AH-23" => one(
            check,
            &with(&format!("{value}, Signature={}", "0".repeat(64))),
        ),
        "AH-24" => {
            let mut tries = Tries::default();
            let other = "Credential=AKIDOTHER/20150830/us-east-1/service/aws4_request";
            tries.add(
                "other first",
                check,
                &with(&value.replace("Credential=", &format!("{other}, Credential="))),
            );
            tries.add("other last", check, &with(&format!("{value}, {other}")));
            tries
        }
        "AH-25" => one(check, &with(&format!("{value}, Foo=bar"))),
        "AH-28" => replaced(&signature, &signature.to_uppercase()),
        "AH-29" => replaced(&signature, &signature[..63]),
        "AH-30" => replaced(&signature, &signature[..8]),
        "AH-32" => replaced(&signature, &format!("{signature}0")),
        "AH-34" => {
            let mut tries = Tries::default();
            for bit in 0..256 {
                let mut digits = signature.clone().into_bytes();
                let place = bit / 4;
                let digit = char::from(digits[place]).to_digit(16).unwrap() ^ (1 << (bit % 4));
                digits[place] = format!("{digit:x}").as_bytes()[0];
                let flipped = value.replace(&signature, std::str::from_utf8(&digits).unwrap());
                tries.add(format!("bit {bit}"), check, &with(&flipped));
            }
            tries
        }
        "AH-36" => {
            let mut tries = Tries::default();
            for byte in 0x80..=0xff {
                let mut request = signed.clone();
                let mut bytes = value.clone().into_bytes();
                let at = value.find("AKID").unwrap();
                bytes[at] = byte;
                request.set("Authorization", bytes);
                tries.add(format!("byte {byte:02x}"), check, &request);
            }
            tries
        }
        "AH-37" => one(check, &with(&",".repeat(64 * 1024))),
        "AH-38" => replaced("AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256\t"),
        _ => return None,
    })
}
