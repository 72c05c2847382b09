//! Runs the binary.

use std::io::Write;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::{KEY_ID, REGION, SECRET};

/// A run of `sigcurl` to be: an empty home, an environment with nothing in it.
pub(crate) struct Sigcurl {
    pub(crate) command: Command,
    pub(crate) home: TempDir,
    stdin: Vec<u8>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Sigcurl {
    /// Without keys and without a region.
    pub(crate) fn bare() -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_sigcurl"));
        command
            .env_clear()
            .env("HOME", home.path())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("SSL_CERT_FILE", TRUSTED)
            .current_dir(home.path());
        Self {
            command,
            home,
            stdin: Vec::new(),
        }
    }

    /// With the servers' keys in the environment, and their region.
    pub(crate) fn new() -> Self {
        Self::bare()
            .env("AWS_ACCESS_KEY_ID", KEY_ID)
            .env("AWS_SECRET_ACCESS_KEY", SECRET)
            .env("AWS_REGION", REGION)
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn args<'a>(mut self, args: impl IntoIterator<Item = &'a str>) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn stdin(mut self, bytes: &[u8]) -> Self {
        self.stdin = bytes.to_vec();
        self
    }

    /// A file in the home folder, which is the working directory too.
    pub(crate) fn file(self, name: &str, contents: impl AsRef<[u8]>) -> Self {
        let path = self.home.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, contents).unwrap();
        self
    }

    pub(crate) fn run(mut self) -> Outcome {
        self.run_and_keep()
    }

    /// Runs it and leaves its home folder there to look at.
    pub(crate) fn run_and_keep(&mut self) -> Outcome {
        let command = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A process that ends without reading its input is in its right.
        let _ = child.stdin.take().unwrap().write_all(&self.stdin);
        let output = child.wait_with_output().unwrap();
        Outcome {
            code: output.status.code().unwrap_or(-1),
            stdout: output.stdout,
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Outcome {
    pub(crate) fn stdout(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    /// Asserts that all went well and nothing was said.
    #[track_caller]
    pub(crate) fn succeeds(&self) -> &Self {
        assert_eq!((self.code, self.stderr.as_str()), (0, ""));
        self
    }

    /// Asserts one line on standard error, the exit code, and neither a panic nor a backtrace.
    #[track_caller]
    pub(crate) fn fails(&self, code: i32, line: &str) -> &Self {
        assert_eq!(self.code, code, "{}", self.stderr);
        assert!(
            self.stderr.starts_with(&format!("sigcurl: {line}")),
            "{}",
            self.stderr
        );
        assert_eq!(self.stderr.lines().count(), 1, "{}", self.stderr);
        assert!(self.stderr.ends_with('\n'));
        for word in ["panicked", "backtrace", "RUST_", "Error {", "Some("] {
            assert!(!self.stderr.contains(word), "{}", self.stderr);
        }
        self
    }
}

/// A certificate that no server here has, lest the tests depend on which ones this machine trusts.
const TRUSTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/trusted.pem");
