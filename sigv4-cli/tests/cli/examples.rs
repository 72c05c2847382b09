//! The fixture for Rust in `examples/rust`. Those for other languages are run by `scripts/examples`.

#[allow(unreachable_pub, reason = "it is written to be copied")]
#[path = "../../../examples/rust/serve.rs"]
mod serve;

use self::serve::{KEYS, SignedEndpoint};
use super::support::process::Sigcurl;

#[test]
fn a_fixture_to_copy() {
    let endpoint = SignedEndpoint::start(env!("CARGO_BIN_EXE_sigcurl"));
    let url = format!("{}/pets", endpoint.url);
    let call = |secret: &str| {
        Sigcurl::bare()
            .env("AWS_ACCESS_KEY_ID", KEYS.0)
            .env("AWS_SECRET_ACCESS_KEY", secret)
            .args([
                "--region",
                "us-east-1",
                "--service",
                "execute-api",
                "-f",
                "--no-hints",
                &url,
            ])
            .run()
    };
    assert!(
        call(KEYS.1)
            .succeeds()
            .stdout()
            .contains("\"path\":\"/pets\"")
    );
    assert_eq!(call("wrong").code, 22);
}
