//! What every test here needs: the binary in an empty environment, and servers that check signatures.

pub(crate) mod process;
pub(crate) mod server;

/// The keys that the servers know.
pub(crate) const KEY_ID: &str = "AKIDEXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
pub(crate) const REGION: &str = "us-east-1";
pub(crate) const SERVICE: &str = "execute-api";
