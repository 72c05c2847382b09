//! QP: query parameters of presigned requests.

use crate::bases::{Base, b4, b6, b7, set_parameter};
use crate::common::Request;
use crate::common::naive::{add_parameter, encode};
use crate::{Tries, one};

fn appended(base: &Base, name: &str, value: &str) -> Tries {
    let mut request = base.signed();
    add_parameter(&mut request, name, value);
    one(&base.check, &request)
}

fn with_value(base: &Base, name: &str, value: &str) -> Tries {
    one(
        &base.check,
        &base.presigned_with(|parameters| set_parameter(parameters, name, value)),
    )
}

fn without(base: &Base, name: &str) -> Tries {
    one(
        &base.check,
        &base.presigned_with(|parameters| parameters.retain(|(other, _)| other != name)),
    )
}

fn in_query(base: &Base, from: &str, to: &str) -> Request {
    let mut request = base.signed();
    request.query = String::from_utf8(request.query)
        .unwrap()
        .replace(from, to)
        .into_bytes();
    request
}

pub(crate) fn tries(id: &str) -> Option<Tries> {
    let (get, put, eks) = (b6(), b7(), b4());
    Some(match id {
        "QP-01" => without(&get, "X-Amz-Credential"),
        "QP-03" => without(&get, "X-Amz-SignedHeaders"),
        "QP-07" => without(&eks, "X-Amz-Expires"),
        "QP-08" => appended(&get, "X-Amz-Signature", &"0".repeat(64)),
        "QP-10" => appended(
            &get,
            "X-Amz-Credential",
            "AKIDOTHER%2F20130524%2Fus-east-1%2Fs3%2Faws4_request",
        ),
        "QP-11" => appended(
            &eks,
            "x-amz-credential",
            "VICTIM%2F20150830%2Fus-east-1%2Fsts%2Faws4_request",
        ),
        "QP-12" => {
            let mut tries = appended(&eks, "action", "AssumeRole");
            let mut resigned = b4();
            add_parameter(&mut resigned.request, "action", "AssumeRole");
            tries.add("signed again", &resigned.check, &resigned.signed());
            tries
        }
        "QP-13" => appended(&eks, "X-Amz-SignedHeaders", "host"),
        "QP-14" => {
            let mut request = get.signed();
            let query = String::from_utf8(request.query).unwrap();
            let lower = query.split('&').map(|pair| match pair.split_once('=') {
                Some((name, value)) => format!("{}={value}", name.to_lowercase()),
                None => pair.into(),
            });
            request.query = lower.collect::<Vec<_>>().join("&").into_bytes();
            one(&get.check, &request)
        }
        "QP-16" => with_value(&get, "X-Amz-Expires", "604801"),
        "QP-17" => with_value(&get, "X-Amz-Expires", "604800"),
        "QP-18" => with_value(&get, "X-Amz-Expires", "-1"),
        "QP-20" => {
            let mut tries = Tries::default();
            for value in [
                "1e3", "0x10", "10.5", " 60", "+60", "%2B60", "60s", "٦٠", "", "0", "60 ",
            ] {
                let encoded = if value.starts_with(['+', '%']) {
                    value.into()
                } else {
                    encode(value.as_bytes())
                };
                let request = get.presigned_with(|p| set_parameter(p, "X-Amz-Expires", &encoded));
                tries.add(format!("expires {value:?}"), &get.check, &request);
            }
            tries
        }
        "QP-21" => with_value(&get, "X-Amz-Expires", "99999999999999999999"),
        "QP-22" => {
            let mut tries = with_value(&get, "X-Amz-Expires", "0060");
            let request = get.presigned_with(|p| set_parameter(p, "X-Amz-Expires", "0060"));
            let mut late = get.check;
            late.now = late.now.saturating_add(61);
            assert_eq!(
                late.reason(&request),
                "presign_expired",
                "the expiry is the parsed one"
            );
            tries.add(
                "at its end",
                &{
                    late.now = late.now.saturating_add(-1);
                    late
                },
                &request,
            );
            tries
        }
        "QP-23" => one(
            &get.check,
            &in_query(&get, "X-Amz-Expires=86400", "X-Amz-Expires=604800"),
        ),
        "QP-24" => with_value(&get, "X-Amz-Algorithm", "AWS4-HMAC-SHA512"),
        "QP-25" => with_value(&eks, "X-Amz-Algorithm", "AWS4-HMAC-SHA512"),
        "QP-28" => {
            let mut base = b6();
            base.request.set("x-amz-acl", "private");
            base.forge.names = "host;x-amz-acl".into();
            with_value(&base, "X-Amz-SignedHeaders", "host%3bx-amz-acl")
        }
        "QP-29" => {
            let mut base = b6();
            base.forge.names = String::new();
            one(&base.check, &base.signed())
        }
        "QP-31" => appended(&put, "x-id", "PutObject"),
        "QP-32" => {
            let mut tries = Tries::default();
            for tail in ["&", "&&"] {
                let mut request = put.signed();
                request.query.extend_from_slice(tail.as_bytes());
                tries.add(tail, &put.check, &request);
            }
            tries
        }
        "QP-33" => one(&get.check, &get.signed().header("X-Amz-Expires", "604800")),
        "QP-36" => {
            let mut tries = Tries::default();
            for method in ["HEAD", "PUT", "DELETE"] {
                let mut request = get.signed();
                request.method = method.into();
                tries.add(method, &get.check, &request);
            }
            tries
        }
        _ => return None,
    })
}
