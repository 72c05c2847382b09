//! Signs a [`Hop`]: where the library is called.

pub mod presign;

use bytes::Bytes;
use http::Request;
use sigv4::{AmzDate, CanonicalError, Credentials, Explanation, RequestHead, SignError, Signer};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::hop::Hop;
use crate::plan::Controls;

/// Signs with one set of keys, for one region and service.
#[derive(Debug)]
pub struct Signing {
    signer: Signer,
    /// The time to sign for; `None` = now, anew for each request.
    time: Option<AmzDate>,
    controls: Controls,
}

impl Signing {
    /// # Errors
    ///
    /// For a region or a service that is no name.
    pub fn new(
        credentials: Credentials,
        region: &str,
        service: &str,
        time: Option<AmzDate>,
    ) -> Result<Self, Failure> {
        let signer = Signer::new(credentials, region, service)
            .map_err(|error| Failure::usage(error.to_string()))?;
        Ok(Self {
            signer,
            time,
            controls: Controls::default(),
        })
    }

    /// The same, signing otherwise than by default.
    ///
    /// # Errors
    ///
    /// For a header that cannot be signed, or cannot be left out.
    pub fn with_controls(mut self, controls: Controls) -> Result<Self, Failure> {
        for name in &controls.signed_headers {
            self.signer = self
                .signer
                .with_signed_header(name)
                .map_err(|_| Failure::usage(format!("--sign-header: '{name}' cannot be signed")))?;
        }
        for name in &controls.unsigned_headers {
            self.signer = self.signer.with_unsigned_header(name).map_err(|_| {
                Failure::usage(format!(
                    "--no-sign-header: '{name}' cannot be left out (host and x-amz-* have to be signed)"
                ))
            })?;
        }
        self.controls = controls;
        Ok(self)
    }

    /// The request to send, signed unless the hop is not to be, and how its signature comes about.
    ///
    /// # Errors
    ///
    /// For a request that cannot be signed: a bad escape in the URL, or headers that contradict the signature.
    pub fn sign(
        &self,
        hop: &Hop,
        explain: bool,
    ) -> Result<(Request<Bytes>, Option<Explanation>), Failure> {
        let mut request = hop.to_request()?;
        if !hop.signed {
            return Ok((request, None));
        }
        if let Some(expires) = self.controls.presign {
            return self.presigned(hop, expires, explain);
        }
        let (payload, now) = (hop.payload_hash(), self.time.unwrap_or_else(AmzDate::now));
        let explanation = explain.then(|| {
            self.signer
                .explain(&RequestHead::from(&request), &payload, now)
        });
        let explanation = explanation.transpose().map_err(refused)?;
        self.signer
            .sign_request(&mut request, payload, now)
            .map_err(refused)?;
        Ok((request, explanation))
    }
}

fn refused(error: SignError) -> Failure {
    let exit = match error {
        SignError::Request(
            CanonicalError::Path { .. }
            | CanonicalError::Query { .. }
            | CanonicalError::PlusInPath { .. }
            | CanonicalError::AmbiguousPlus { .. },
        ) => Exit::Url,
        _ => Exit::Usage,
    };
    Failure::because(exit, "the request cannot be signed", error)
}
