//! The `X-Amz-*` query parameters: written and parsed.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use crate::algorithm;
use crate::canonical::percent;
use crate::canonical::query::{auth_name, pairs};
use crate::error::VerifyError;
use crate::names::param;
use crate::scope::CredentialScope;
use crate::time::AmzDate;

/// The parameters of a presigned request but for the signature, each value encoded, in the order of their names.
pub(crate) struct PresignParams {
    values: [(&'static str, Vec<u8>); 6],
}

impl PresignParams {
    /// Without a token the value of `X-Amz-Security-Token` is empty, and the parameter is left out.
    pub(crate) fn new(
        access_key_id: &str,
        scope: &CredentialScope,
        date: AmzDate,
        expires: u32,
        token: Option<&str>,
        signed_headers: &[u8],
    ) -> Self {
        let encoded = |text: &[u8]| {
            let mut out = Vec::with_capacity(text.len());
            percent::push_all(&mut out, text);
            out
        };
        let mut credential = encoded(access_key_id.as_bytes());
        credential.extend_from_slice(b"%2F");
        scope.write(&mut credential, b"%2F");
        Self {
            values: [
                (param::ALGORITHM, algorithm::HMAC_SHA256.into()),
                (param::CREDENTIAL, credential),
                (param::DATE, date.as_bytes().to_vec()),
                (param::EXPIRES, alloc::format!("{expires}").into_bytes()),
                (
                    param::SECURITY_TOKEN,
                    encoded(token.unwrap_or_default().as_bytes()),
                ),
                (param::SIGNED_HEADERS, encoded(signed_headers)),
            ],
        }
    }

    /// The parameters that are there.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&'static str, &[u8])> {
        let there =
            |(name, value): &&(&str, Vec<u8>)| *name != param::SECURITY_TOKEN || !value.is_empty();
        self.values
            .iter()
            .filter(there)
            .map(|(name, value)| (*name, value.as_slice()))
    }
}

impl Drop for PresignParams {
    fn drop(&mut self) {
        for (_, value) in &mut self.values {
            zeroize::Zeroize::zeroize(value);
        }
    }
}

/// Appends `name=value`, with an `&` before it unless it is the first.
pub(crate) fn write_pair(out: &mut Vec<u8>, name: &str, encoded: &[u8]) {
    if !out.is_empty() {
        out.push(b'&');
    }
    out.extend_from_slice(name.as_bytes());
    out.push(b'=');
    out.extend_from_slice(encoded);
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
            if name.eq_ignore_ascii_case(b"AWSAccessKeyId") {
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
