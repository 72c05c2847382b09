//! Presigning: the signature goes into the query.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use crate::auth::query::{PresignParams, write_param};
use crate::canonical::Scratch;
use crate::canonical::headers::{self, HeaderEntry};
use crate::canonical::query::{QueryEdit, Skip, pairs};
use crate::credentials::SentToken;
use crate::error::{CanonicalError, ParseError, SignError};
use crate::explain::Explanation;
use crate::known_headers::{Known, KnownHeaders};
use crate::names::{self, param};
use crate::payload::PayloadHash;
use crate::percent;
use crate::request::{RequestHead, trim};
use crate::rules::TokenPlacement;
use crate::sign::{ExistingAuth, Signer};
use crate::string_to_sign::StringToSign;
use crate::time::AmzDate;

/// For how long a presigned request is good: 1 second to 7 days.
///
/// ```
/// use std::time::Duration;
/// use sigv4::Expires;
///
/// assert_eq!(Expires::try_from(Duration::from_secs(900))?.seconds(), 900);
/// assert!(Expires::from_secs(604_801).is_err());
/// # Ok::<(), sigv4::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Expires(u32);

impl Expires {
    /// Seven days, the longest.
    pub const MAX: Self = Self(604_800);

    /// That many seconds.
    ///
    /// # Errors
    /// [`ParseError::Expires`] if that is not 1 to 604800.
    pub const fn from_secs(seconds: u32) -> Result<Self, ParseError> {
        if seconds == 0 || seconds > Self::MAX.0 {
            Err(ParseError::Expires)
        } else {
            Ok(Self(seconds))
        }
    }

    /// Digits only, as they stand in `X-Amz-Expires`.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, ParseError> {
        if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
            return Err(ParseError::Expires);
        }
        let text = core::str::from_utf8(text).map_err(|_| ParseError::Expires)?;
        Self::from_secs(text.parse().map_err(|_| ParseError::Expires)?)
    }

    /// The seconds.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.0
    }
}

impl TryFrom<Duration> for Expires {
    type Error = ParseError;

    /// Whole seconds; a fraction is dropped.
    fn try_from(duration: Duration) -> Result<Self, ParseError> {
        Self::from_secs(u32::try_from(duration.as_secs()).map_err(|_| ParseError::Expires)?)
    }
}

impl Signer {
    /// Presigns a request: whoever has the URL can send it until it expires, without credentials.
    ///
    /// * Every header of `head` that is signed by default is signed, and so has to be sent; the least is `host`.
    ///   [`PresignedQuery::signed_headers`] names them.
    /// * [`presign_payload`](Self::presign_payload) is what most callers want as `payload`. Another one is named in the
    ///   query, as `X-Amz-Content-Sha256`, where the service would not assume it.
    ///
    /// # Errors
    /// [`SignError`]: the request has no canonical form, or is already signed.
    ///
    /// ```
    /// use sigv4::{Credentials, Expires, Header, RequestHead, Signer};
    ///
    /// let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")?;
    /// let signer = Signer::new(credentials, "us-east-1", "s3")?;
    /// let headers = [Header::new("Host", b"examplebucket.s3.amazonaws.com")];
    /// let head = RequestHead::new("GET", b"/test.txt", b"", &headers);
    ///
    /// let (expires, now) = (Expires::from_secs(86_400)?, "20130524T000000Z".parse()?);
    /// let presigned = signer.presign(&head, &signer.presign_payload(), expires, now)?;
    /// let url = format!("https://examplebucket.s3.amazonaws.com/test.txt?{}", presigned.query());
    /// assert!(url.ends_with("aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Implements *Authenticating requests: using query parameters* of the Amazon S3 API Reference.
    pub fn presign(
        &self,
        head: &RequestHead<'_>,
        payload: &PayloadHash,
        expires: Expires,
        now: AmzDate,
    ) -> Result<PresignedQuery, SignError> {
        let mut scratch = Scratch::new();
        self.write_presigned(&mut scratch, head, payload, expires, now)?;
        let query = core::mem::take(&mut scratch.output);
        Ok(PresignedQuery {
            query: String::from_utf8(query).map_err(|_| CanonicalError::Query { at: 0 })?,
            signed_headers: scratch.canonical.signed_headers().into(),
            removed: match self.existing() {
                ExistingAuth::Replace => &[
                    names::AUTHORIZATION,
                    names::X_AMZ_DATE,
                    names::X_AMZ_SECURITY_TOKEN,
                ],
                ExistingAuth::Refuse => &[],
            },
        })
    }

    /// Like [`presign`](Self::presign), with working memory that can be used again: the whole query, for which no heap
    /// is needed after a first request of the same size. For the names of the headers that have to be sent, and not to
    /// be sent, see [`PresignedQuery`].
    ///
    /// # Errors
    /// As `presign`.
    pub fn presign_with<'s>(
        &self,
        scratch: &'s mut Scratch,
        head: &RequestHead<'_>,
        payload: &PayloadHash,
        expires: Expires,
        now: AmzDate,
    ) -> Result<&'s str, SignError> {
        self.write_presigned(scratch, head, payload, expires, now)?;
        Ok(core::str::from_utf8(&scratch.output).unwrap_or_default())
    }

    /// The canonical request and the string to sign that [`presign`](Self::presign) would use.
    ///
    /// # Errors
    /// As `presign`.
    pub fn explain_presign(
        &self,
        head: &RequestHead<'_>,
        payload: &PayloadHash,
        expires: Expires,
        now: AmzDate,
    ) -> Result<Explanation, SignError> {
        let mut scratch = Scratch::new();
        let string_to_sign = self.write_presigned(&mut scratch, head, payload, expires, now)?;
        Ok(Explanation::new(&scratch.canonical, &string_to_sign))
    }

    /// What the service takes as the payload of a presigned request without a body: `UNSIGNED-PAYLOAD` for the S3
    /// family, the hash of nothing for the others.
    #[must_use]
    pub const fn presign_payload(&self) -> PayloadHash {
        if self.rules.presign_unsigned_payload {
            PayloadHash::Unsigned
        } else {
            PayloadHash::EMPTY
        }
    }

    /// Writes the whole presigned query into `scratch.output`.
    fn write_presigned(
        &self,
        scratch: &mut Scratch,
        head: &RequestHead<'_>,
        payload: &PayloadHash,
        expires: Expires,
        now: AmzDate,
    ) -> Result<StringToSign, SignError> {
        let known = KnownHeaders::of(head);
        self.refuse_signed(&known)?;
        self.refuse_signed_query(head)?;
        let host = known
            .host(head)?
            .filter(|host| !trim(host).is_empty())
            .ok_or(CanonicalError::Host)?;
        let Scratch {
            canonical,
            query,
            entries: kept,
            output,
        } = scratch;
        let mut entries = headers::recycle(core::mem::take(kept));
        headers::gather(&mut entries, head, &[])?;
        if !known.has(Known::Host) {
            entries.push(HeaderEntry::new(names::HOST, host, entries.len()));
        }
        entries.retain(|entry| self.signs(entry) && !self.replaces(entry));
        let payload_line = payload.text();
        let token = self.session_token.as_ref().map(SentToken::plain);
        let sent = HeaderEntry::key(names::X_AMZ_SECURITY_TOKEN.as_bytes());
        if token.is_some() && entries.iter().any(|entry| entry.cmp_name(&sent).is_eq()) {
            // It would be there twice, in a header and in the query.
            return Err(SignError::Conflict(names::X_AMZ_SECURITY_TOKEN));
        }
        let hash = HeaderEntry::key(names::X_AMZ_CONTENT_SHA256.as_bytes());
        if entries
            .iter()
            .any(|e| e.cmp_name(&hash).is_eq() && trim(e.value()) != payload_line.as_bytes())
        {
            return Err(SignError::Conflict(names::X_AMZ_CONTENT_SHA256));
        }
        let assumed = matches!(payload, PayloadHash::Unsigned)
            == self.rules.presign_unsigned_payload
            && !matches!(payload, PayloadHash::Streaming(_));
        // What the service would not assume has to be said, in a header or in the query.
        let named = !assumed && !known.has(Known::ContentSha256);
        if pairs(head.query).any(|(_, name, _)| name == param::CONTENT_SHA256.as_bytes()) && named {
            return Err(SignError::Conflict(param::CONTENT_SHA256));
        }
        headers::sort(&mut entries);

        let scope = self.scope(now);
        let placement = self.rules.presigned_session_token;
        let token = self
            .session_token
            .as_ref()
            .map(SentToken::encoded)
            .unwrap_or_default();
        let replaced = self.replaced_query(head);
        output.clear();
        push_ascii(output, replaced.as_deref().unwrap_or(head.query));
        let own = PresignParams {
            access_key_id: &self.access_key_id,
            scope: &scope,
            date: now,
            expires: expires.0,
            payload: if named { payload_line.as_bytes() } else { b"" },
            token: if placement == TokenPlacement::Signed {
                token
            } else {
                b""
            },
        };
        let written = own.write(output, |out| headers::write_encoded_names(out, &entries));

        let append = written.map(|(name, range)| (name, output.get(range).unwrap_or_default()));
        let skip = if self.existing() == ExistingAuth::Replace {
            Skip::Auth
        } else {
            Skip::Nothing
        };
        let edit = QueryEdit {
            skip,
            append: &append,
        };
        canonical.write(
            query,
            head,
            &self.rules,
            &edit,
            &entries,
            payload_line.as_bytes(),
        )?;
        *kept = headers::recycle(entries);
        let string_to_sign = StringToSign::request(canonical, now, &scope);
        let signature = self.with_key_for(&scope, |key| key.sign(&string_to_sign))?;

        write_param(output, param::SIGNATURE, |out| {
            out.extend_from_slice(&signature.hex());
        });
        if placement == TokenPlacement::AppendedUnsigned && !token.is_empty() {
            write_param(output, param::SECURITY_TOKEN, |out| {
                out.extend_from_slice(token);
            });
        }
        Ok(string_to_sign)
    }
}

/// Appends a query with what is not printable ASCII encoded, which is how it has to travel.
fn push_ascii(out: &mut Vec<u8>, query: &[u8]) {
    for byte in query {
        if byte.is_ascii_graphic() {
            out.push(*byte);
        } else {
            percent::push(out, *byte);
        }
    }
}

/// The query of a presigned request.
///
/// It is a bearer token until it expires: `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
#[must_use = "this is the presigned query"]
pub struct PresignedQuery {
    query: String,
    signed_headers: String,
    removed: &'static [&'static str],
}

impl PresignedQuery {
    /// The whole query to send, without `?`: what the request had, and the signature.
    #[must_use]
    pub fn query(&self) -> &str {
        &self.query
    }

    /// The names of the headers that have to be sent as they were signed, joined with `;`; often just `host`.
    #[must_use]
    pub fn signed_headers(&self) -> &str {
        &self.signed_headers
    }

    /// Headers that must not be sent: what an earlier signature left. Only ever any with [`ExistingAuth::Replace`].
    #[must_use]
    pub const fn removed_headers(&self) -> &'static [&'static str] {
        self.removed
    }

    /// The query itself.
    #[must_use]
    pub fn into_query(self) -> String {
        self.query
    }
}

impl fmt::Debug for PresignedQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PresignedQuery")
            .field("signed_headers", &self.signed_headers)
            .finish_non_exhaustive()
    }
}
