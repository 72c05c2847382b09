//! The tags that name an algorithm on the wire.

/// Signs and verifies with HMAC-SHA256; the first word of an Authorization header and of a string to sign.
pub(crate) const HMAC_SHA256: &str = "AWS4-HMAC-SHA256";
