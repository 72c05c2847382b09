//! WD: size, shape and work.

use crate::bases::{b1, b6};
use crate::common::Request;
use crate::{Tries, one};

fn b1_with(change: impl FnOnce(&mut Request)) -> Tries {
    let base = b1();
    let mut request = base.signed();
    change(&mut request);
    one(&base.check, &request)
}

pub(crate) fn tries(id: &str) -> Option<Tries> {
    let base = b1();
    let mut tries = Tries::default();
    Some(match id {
        "WD-01" => b1_with(|r| {
            (0..10_000).for_each(|i| r.headers.push((format!("x-h{i}"), b"v".to_vec())));
        }),
        "WD-02" => {
            let mut base = b1();
            base.forge.names = "host;x-a;x-amz-date".into();
            (0..10_000).for_each(|_| base.request.headers.push(("x-a".into(), b"v".to_vec())));
            one(&base.check, &base.signed())
        }
        "WD-03" => {
            let mut base = b1();
            base.forge.names = (0..10_000)
                .map(|i| format!("x-{i:05}"))
                .collect::<Vec<_>>()
                .join(";");
            one(&base.check, &base.signed())
        }
        "WD-04" => {
            let base = b6();
            let mut request = base.signed();
            request.query.extend(b"&a=123456".repeat(100_000));
            let mut tries = one(&base.check, &request);
            let mut request = base.signed();
            request.query.extend(b"&a".repeat(2_000));
            tries.add("2,000 parameters", &base.check, &request);
            tries
        }
        "WD-05" => b1_with(|r| r.path = b"/.".repeat(32_000)),
        "WD-06" => b1_with(|r| r.path = b"/a/..".repeat(12_800)),
        "WD-08" => {
            tries = b1_with(|r| r.path = [b"/".to_vec(), b"%41".repeat(21_845)].concat());
            let mut request = base.signed();
            request.path = [b"/".to_vec(), b"%".repeat(65_535)].concat();
            tries.add("only %", &base.check, &request);
            tries
        }
        "WD-09" => {
            for byte in [b'\0', b'\r', b'\n'] {
                let request = base.signed().header("X-A", vec![b'a', byte, b'b']);
                tries.add(format!("value with {byte:?}"), &base.check, &request);
                let name = format!("X-{}A", char::from(byte));
                tries.add(
                    format!("name with {byte:?}"),
                    &base.check,
                    &base.signed().header(&name, "a"),
                );
            }
            tries
        }
        "WD-10" => {
            let mut request = base.signed();
            request.remove("host");
            tries.add("missing Host", &base.check, &request);
            tries.add(
                "space before the colon",
                &base.check,
                &request.header("Host ", "example.amazonaws.com"),
            );
            tries.add(
                "duplicate Host",
                &base.check,
                &base.signed().header("Host", "example.amazonaws.com"),
            );
            let mut request = base.signed();
            request.set("Host", "");
            tries.add("empty Host", &base.check, &request);
            tries
        }
        "WD-11" => {
            let request = base
                .signed()
                .header("Transfer-Encoding", "chunked")
                .header("Content-Length", "0");
            one(&base.check, &request)
        }
        "WD-12" => {
            // A head has no place for trailers: whatever is in them, the head alone is what counts.
            b1_with(|r| r.remove("authorization"))
        }
        "WD-16" => {
            let mut base = b1();
            base.forge.names = "host;x-a;x-amz-date;x-b".into();
            base.request.set("x-a", "signed");
            base.request.set("x-b", "signed");
            let mut request = base.signed();
            request.set("x-a", vec![b' '; 8 * 1024]);
            request.set("x-b", vec![b' '; 8 * 1024]);
            one(&base.check, &request)
        }
        _ => return None,
    })
}
