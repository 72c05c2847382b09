//! [`CanonicalRequest`]: the shared middle of signing and verifying. It never learns which end asked.

use alloc::vec::Vec;
use core::fmt;

pub(crate) mod headers;
pub(crate) mod query;
pub(crate) mod uri;

use crate::crypto;
use crate::error::CanonicalError;
use crate::payload::PayloadHash;
use crate::request::RequestHead;
use crate::rules::CanonicalRules;

use headers::HeaderEntry;
use query::{QueryEdit, QueryWork};

/// The canonical form of a request: method, path, query, headers, names of the signed headers, payload hash.
///
/// * The text can hold a session token, so it is neither `Display` nor shown by `Debug`;
///   [`Explanation`](crate::Explanation) prints it with the token redacted.
///
/// Implements *Create a canonical request* of the AWS IAM User Guide.
///
/// ```
/// use sigv4::{CanonicalRequest, CanonicalRules, Header, PayloadHash, RequestHead};
///
/// let headers = [Header::new("Host", b"example.amazonaws.com"), Header::new("X-Amz-Date", b"20150830T123600Z")];
/// let head = RequestHead::new("GET", b"/", b"b=2&a=1", &headers);
/// let canonical = CanonicalRequest::new(&head, &CanonicalRules::SERVICE, &PayloadHash::EMPTY)?;
/// assert!(canonical.as_bytes().starts_with(b"GET\n/\na=1&b=2\nhost:example.amazonaws.com\n"));
/// assert_eq!(canonical.signed_headers(), "host;x-amz-date");
/// # Ok::<(), sigv4::CanonicalError>(())
/// ```
#[derive(Clone, Default)]
pub struct CanonicalRequest {
    text: Vec<u8>,
    /// Where in `text` the names of the signed headers start and end.
    names: (usize, usize),
}

impl CanonicalRequest {
    /// The canonical form with every header signed that is signed by default.
    ///
    /// # Errors
    /// [`CanonicalError`] says what part of the request has no canonical form.
    pub fn new(
        head: &RequestHead<'_>,
        rules: &CanonicalRules,
        payload: &PayloadHash,
    ) -> Result<Self, CanonicalError> {
        let mut entries = Vec::new();
        headers::gather(&mut entries, head, &[])?;
        entries.retain(|entry| entry.with_lower_name(|name| !crate::names::is_never_signed(name)));
        headers::sort(&mut entries);
        let mut this = Self::default();
        let text = payload.text();
        this.write(
            &mut QueryWork::default(),
            head,
            rules,
            &QueryEdit::default(),
            &entries,
            text.as_bytes(),
        )?;
        Ok(this)
    }

    /// Writes the six lines. `entries` are the headers to sign, sorted.
    pub(crate) fn write(
        &mut self,
        work: &mut QueryWork,
        head: &RequestHead<'_>,
        rules: &CanonicalRules,
        edit: &QueryEdit<'_>,
        entries: &[HeaderEntry<'_>],
        payload: &[u8],
    ) -> Result<(), CanonicalError> {
        let text = &mut self.text;
        text.clear();
        if head.method.is_empty() || !head.method.bytes().all(headers::is_token) {
            return Err(CanonicalError::Method);
        }
        // Nothing after a `#` is ever sent, and a `?` in the path would start the query somewhere else than here.
        let stray =
            head.path.iter().any(|b| matches!(b, b'#' | b'?')) || head.query.contains(&b'#');
        if stray || head.method == "CONNECT" {
            return Err(CanonicalError::Target);
        }
        text.extend_from_slice(head.method.as_bytes());
        text.push(b'\n');
        uri::write(text, head.path, rules.path)?;
        text.push(b'\n');
        query::write(text, work, head.query, rules, edit)?;
        text.push(b'\n');
        headers::write_lines(text, entries);
        text.push(b'\n');
        let start = text.len();
        headers::write_names(text, entries);
        self.names = (start, text.len());
        text.push(b'\n');
        text.extend_from_slice(payload);
        Ok(())
    }

    /// The text whose hash is signed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.text
    }

    /// The names of the signed headers, joined with `;`.
    #[must_use]
    pub fn signed_headers(&self) -> &str {
        core::str::from_utf8(self.signed_names()).unwrap_or_default()
    }

    /// The same as bytes.
    pub(crate) fn signed_names(&self) -> &[u8] {
        let (start, end) = self.names;
        self.text.get(start..end).unwrap_or_default()
    }

    /// The SHA-256 of the text.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        crypto::sha256(&self.text)
    }
}

impl fmt::Debug for CanonicalRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CanonicalRequest")
            .field("signed_headers", &self.signed_headers())
            .finish_non_exhaustive()
    }
}

impl Drop for CanonicalRequest {
    fn drop(&mut self) {
        // It can hold a session token.
        zeroize::Zeroize::zeroize(&mut self.text);
    }
}

/// Working memory that can be used again, so that signing and verifying need no heap after a first request.
///
/// ```
/// use sigv4::{Credentials, Header, PayloadHash, RequestHead, Scratch, Signer};
///
/// let signer = Signer::new(Credentials::new("AKIDEXAMPLE", "secret")?, "us-east-1", "execute-api")?;
/// let headers = [Header::new("Host", b"abc.execute-api.us-east-1.amazonaws.com")];
/// let mut scratch = Scratch::new();
/// for path in ["/prod/a", "/prod/b"] {
///     let head = RequestHead::new("GET", path.as_bytes(), b"", &headers);
///     let signed = signer.sign_with(&mut scratch, &head, &PayloadHash::EMPTY, "20150830T123600Z".parse()?)?;
///     assert_eq!(signed.signed_headers(), "host;x-amz-date");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct Scratch {
    pub(crate) canonical: CanonicalRequest,
    pub(crate) query: QueryWork,
    pub(crate) entries: Vec<HeaderEntry<'static>>,
    pub(crate) output: Vec<u8>,
}

impl Scratch {
    /// Empty working memory.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scratch")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.output);
    }
}
