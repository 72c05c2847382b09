//! The payload line that a request declares.

use alloc::borrow::Cow;

use super::VerifiedPayload;
use crate::auth::{AuthKind, RawAuth};
use crate::body::ReceivedBody;
use crate::crypto;
use crate::error::VerifyError;
use crate::known_headers::{Known, KnownHeaders};
use crate::payload::PayloadHash;
use crate::policy::VerifyPolicy;
use crate::request::trim;

/// The payload line of a request.
#[derive(Clone)]
pub(super) enum Declared<'a> {
    /// The request says nothing: the line is the hash of the body.
    Nothing,
    /// The line as it was signed, and what it means.
    Line {
        text: Cow<'a, [u8]>,
        meaning: PayloadHash,
    },
}

impl<'a> Declared<'a> {
    const UNSIGNED: Self = Self::Line {
        text: Cow::Borrowed(b"UNSIGNED-PAYLOAD"),
        meaning: PayloadHash::Unsigned,
    };

    /// Finds the line, if the request may declare that one.
    pub(super) fn find(
        policy: &VerifyPolicy,
        known: &KnownHeaders<'a>,
        raw: &RawAuth<'a>,
    ) -> Result<Self, VerifyError> {
        let header = known
            .get(Known::ContentSha256)
            .map_err(|_| VerifyError::SignatureMismatch)?;
        let presigned = raw.kind == AuthKind::Query;
        if let (Some(parameter), Some(header)) = (&raw.query_payload, header)
            && trim(header) != &**parameter
        {
            // The parameter is what is signed, and somebody would read the header.
            return Err(VerifyError::PayloadHashNotAllowed);
        }
        let Some(text) = raw
            .query_payload
            .clone()
            .or_else(|| header.map(|value| trim(value).into()))
        else {
            if presigned && policy.presigned_is_unsigned_payload {
                return Ok(Self::UNSIGNED);
            }
            if !presigned && policy.require_content_sha256 {
                return Err(VerifyError::PayloadHashMissing);
            }
            return Ok(Self::Nothing);
        };
        // Upper-case digits are the same hash; the line that was signed has them as they came.
        let meaning = match crypto::unhex_any_case(&text) {
            Some(hash) => PayloadHash::Sha256(hash),
            None => PayloadHash::parse(&text).map_err(|_| VerifyError::PayloadHashNotAllowed)?,
        };
        let allowed = match meaning {
            PayloadHash::Sha256(_) => true,
            PayloadHash::Unsigned => {
                policy.accept_unsigned_payload || presigned && policy.presigned_is_unsigned_payload
            }
            PayloadHash::Streaming(_) => policy.accept_streaming_payload,
        };
        if allowed {
            Ok(Self::Line { text, meaning })
        } else {
            Err(VerifyError::PayloadHashNotAllowed)
        }
    }

    /// The payload line of the canonical request, given the hash of the body that arrived.
    pub(super) fn line<'l>(
        &self,
        hex: &'l [u8; 64],
        body: ReceivedBody,
    ) -> Result<Cow<'l, [u8]>, VerifyError>
    where
        'a: 'l,
    {
        match (self, body) {
            (Self::Line { text, .. }, _) => Ok(text.clone()),
            (Self::Nothing, ReceivedBody::Sha256(_)) => Ok(Cow::Borrowed(hex)),
            (Self::Nothing, ReceivedBody::Unread) => Err(VerifyError::PayloadHashMissing),
        }
    }

    /// Compares the declared hash with the body that arrived.
    pub(super) fn check(&self, body: ReceivedBody) -> Result<VerifiedPayload, VerifyError> {
        let Self::Line { meaning, .. } = self else {
            // The hash of the body was the line that was signed.
            return Ok(VerifiedPayload::Authenticated);
        };
        match (meaning, body) {
            (PayloadHash::Sha256(declared), ReceivedBody::Sha256(actual))
                if *declared == actual =>
            {
                Ok(VerifiedPayload::Authenticated)
            }
            (PayloadHash::Sha256(_), ReceivedBody::Sha256(_)) => Err(VerifyError::PayloadMismatch),
            (PayloadHash::Sha256(declared), ReceivedBody::Unread) => {
                Ok(VerifiedPayload::MustMatch(*declared))
            }
            (PayloadHash::Unsigned, _) => Ok(VerifiedPayload::Unsigned),
            (PayloadHash::Streaming(mode), _) => Ok(VerifiedPayload::Streaming(*mode)),
        }
    }
}
