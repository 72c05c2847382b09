//! The `X-Amz-*` query parameters: written and parsed.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::ops::Range;

use crate::algorithm;
use crate::canonical::query::{auth_name, pairs};
use crate::error::VerifyError;
use crate::names::param;
use crate::percent;
use crate::scope::CredentialScope;
use crate::time::AmzDate;

/// A parameter that was written: its name, and where its encoded value stands in the query.
pub(crate) type Written = (&'static str, Range<usize>);

/// What goes into the parameters of a presigned request besides its signature.
pub(crate) struct PresignParams<'p> {
    pub(crate) access_key_id: &'p str,
    pub(crate) scope: &'p CredentialScope,
    pub(crate) date: AmzDate,
    pub(crate) expires: u32,
    /// The payload line, where it has to be named; else empty.
    pub(crate) payload: &'p [u8],
    /// Percent-encoded. Empty if there is none or if it is not signed.
    pub(crate) token: &'p [u8],
}

impl PresignParams<'_> {
    /// Appends the parameters to a query; `names` appends the encoded names of the signed headers.
    pub(crate) fn write(
        &self,
        query: &mut Vec<u8>,
        names: impl FnOnce(&mut Vec<u8>),
    ) -> [Written; 7] {
        [
            write_param(query, param::ALGORITHM, |out| {
                out.extend_from_slice(algorithm::HMAC_SHA256.as_bytes());
            }),
            write_param(query, param::CREDENTIAL, |out| {
                percent::push_all(out, self.access_key_id.as_bytes());
                out.extend_from_slice(b"%2F");
                self.scope.write(out, b"%2F");
            }),
            write_param(query, param::DATE, |out| {
                out.extend_from_slice(self.date.as_bytes());
            }),
            write_param(query, param::EXPIRES, |out| push_decimal(out, self.expires)),
            if self.payload.is_empty() {
                (param::CONTENT_SHA256, 0..0)
            } else {
                write_param(query, param::CONTENT_SHA256, |out| {
                    out.extend_from_slice(self.payload);
                })
            },
            if self.token.is_empty() {
                (param::SECURITY_TOKEN, 0..0)
            } else {
                write_param(query, param::SECURITY_TOKEN, |out| {
                    out.extend_from_slice(self.token);
                })
            },
            write_param(query, param::SIGNED_HEADERS, names),
        ]
    }
}

/// Appends `name=value`, with an `&` before it unless it is the first.
pub(crate) fn write_param(
    query: &mut Vec<u8>,
    name: &'static str,
    value: impl FnOnce(&mut Vec<u8>),
) -> Written {
    if !query.is_empty() {
        query.push(b'&');
    }
    query.extend_from_slice(name.as_bytes());
    query.push(b'=');
    let start = query.len();
    value(query);
    (name, start..query.len())
}

fn push_decimal(out: &mut Vec<u8>, number: u32) {
    let mut digits = [0; 10];
    let mut left = number;
    let mut used = 0_usize;
    for place in digits.iter_mut().rev() {
        *place = b'0'.saturating_add(u8::try_from(left % 10).unwrap_or_default());
        left /= 10;
        used = used.saturating_add(1);
        if left == 0 {
            break;
        }
    }
    out.extend_from_slice(
        digits
            .get(digits.len().saturating_sub(used)..)
            .unwrap_or_default(),
    );
}

/// The parameters that may carry a signature, as they stand in a query.
pub(crate) struct QueryAuth<'a> {
    found: [(&'static str, Option<&'a [u8]>); 8],
    /// A parameter that is there twice.
    duplicate: Option<&'static str>,
    /// A parameter whose name has other case or encoding than it must: whoever reads it leniently reads another
    /// request than the one that is verified (CVE-2022-2385).
    pub(crate) variant: Option<&'static str>,
    /// There is a Signature Version 2 in the query.
    pub(crate) version_2: bool,
}

impl<'a> QueryAuth<'a> {
    pub(crate) fn collect(query: &'a [u8]) -> Self {
        let names = [
            param::ALGORITHM,
            param::CREDENTIAL,
            param::DATE,
            param::EXPIRES,
            param::SECURITY_TOKEN,
            param::SIGNED_HEADERS,
            param::SIGNATURE,
            param::CONTENT_SHA256,
        ];
        let mut this = Self {
            found: names.map(|name| (name, None)),
            duplicate: None,
            variant: None,
            version_2: false,
        };
        for (_, name, value) in pairs(query) {
            // Most parameters are out by the first byte of their names.
            if !matches!(name.first(), Some(b'X' | b'x' | b'A' | b'a' | b'%')) {
                continue;
            }
            if percent::decode(name)
                .is_some_and(|name| name.eq_ignore_ascii_case(b"AWSAccessKeyId"))
            {
                this.version_2 = true;
            }
            if let Some((name, place)) = this
                .found
                .iter_mut()
                .find(|(known, _)| known.as_bytes() == name)
            {
                if place.replace(value).is_some() {
                    this.duplicate = Some(name);
                }
            } else if let Some(name) = auth_name(name) {
                this.variant = Some(name);
            }
        }
        this
    }

    fn get(&self, name: &str) -> Option<&'a [u8]> {
        self.found
            .iter()
            .find(|(known, _)| *known == name)
            .and_then(|(_, value)| *value)
    }

    /// Whether the query tries to be a presigned request. A token or a payload hash alone does not make it one.
    pub(crate) fn has_marker(&self) -> bool {
        let other = [param::SECURITY_TOKEN, param::CONTENT_SHA256];
        self.found
            .iter()
            .any(|(name, value)| value.is_some() && !other.contains(name))
    }

    pub(crate) fn has_token(&self) -> bool {
        self.get(param::SECURITY_TOKEN).is_some()
    }

    /// Checks what does not depend on one value alone.
    pub(crate) fn check(&self) -> Result<(), VerifyError> {
        if let Some(name) = self.duplicate.or(self.variant) {
            return Err(VerifyError::QueryParameter(name));
        }
        match self.get(param::ALGORITHM) {
            None => Err(VerifyError::QueryParameter(param::ALGORITHM)),
            Some(value) if value == algorithm::HMAC_SHA256.as_bytes() => Ok(()),
            Some(_) => Err(VerifyError::UnsupportedAlgorithm),
        }
    }

    /// A parameter's decoded value; an error if it is missing.
    pub(crate) fn value(&self, name: &'static str) -> Result<Cow<'a, [u8]>, VerifyError> {
        self.optional(name)?
            .ok_or(VerifyError::QueryParameter(name))
    }

    /// A parameter's decoded value, if it is there.
    pub(crate) fn optional(
        &self,
        name: &'static str,
    ) -> Result<Option<Cow<'a, [u8]>>, VerifyError> {
        self.get(name)
            .map(|value| percent::decode(value).ok_or(VerifyError::QueryParameter(name)))
            .transpose()
    }
}
