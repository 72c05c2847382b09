//! A server that takes signed requests only, for the tests of whatever signs: a fixture to copy.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// `sigcurl serve`, until it is dropped. It echoes what it received, and knows one pair of keys.
pub struct SignedEndpoint {
    server: Child,
    /// Where it is.
    pub url: String,
}

/// Access key id and secret access key.
pub const KEYS: (&str, &str) = ("AKIDEXAMPLE", "for-tests-only");

impl SignedEndpoint {
    /// Starts it; `sigcurl` is the program's path, or its name if that is on the PATH.
    pub fn start(sigcurl: &str) -> Self {
        let mut server = Command::new(sigcurl)
            .args(["serve", "--port", "0", "--log", "off"])
            .env("AWS_ACCESS_KEY_ID", KEYS.0)
            .env("AWS_SECRET_ACCESS_KEY", KEYS.1)
            .env_remove("AWS_SESSION_TOKEN")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = server.stdout.as_mut().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let url = line.trim_end().strip_prefix("READY ").unwrap();
        let url = url.to_owned();
        Self { server, url }
    }
}

impl Drop for SignedEndpoint {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
