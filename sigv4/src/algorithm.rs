//! The tags that name an algorithm on the wire.

/// Signs and verifies with HMAC-SHA256; the first word of an Authorization header and of a string to sign.
pub(crate) const HMAC_SHA256: &str = "AWS4-HMAC-SHA256";

/// Begins the string to sign of a chunk.
pub(crate) const HMAC_SHA256_PAYLOAD: &str = "AWS4-HMAC-SHA256-PAYLOAD";

/// Begins the string to sign of trailers.
pub(crate) const HMAC_SHA256_TRAILER: &str = "AWS4-HMAC-SHA256-TRAILER";
