//! Signs a [`Hop`]: where the library is called.

pub mod presign;

use http::Request;
use sigv4::{AmzDate, CanonicalError, Credentials, Explanation, RequestHead, SignError, Signer};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::hop::Hop;
use crate::payload::Body;
use crate::plan::Controls;

/// Signs with one set of keys, for one region and service.
#[derive(Debug)]
pub struct Signing {
    signer: Signer,
    /// The time to sign for; `None` = now, anew for each request.
    time: Option<AmzDate>,
    /// Seconds to add to the present time.
    offset: i64,
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
        // Proxies and CDNs rewrite Accept-Encoding on its way.
        let signer = Signer::new(credentials, region, service)
            .and_then(|signer| signer.with_unsigned_header("accept-encoding"))
            .map_err(|error| Failure::usage(error.to_string()))?;
        Ok(Self {
            signer,
            time,
            offset: 0,
            controls: Controls::default(),
        })
    }

    /// Signs with a time that is `seconds` later than this machine's from now on.
    pub(crate) const fn correct_clock(&mut self, seconds: i64) {
        self.offset = seconds;
    }

    /// Signs for another region from now on.
    pub(crate) fn set_region(&mut self, region: &str) -> Result<(), Failure> {
        self.signer
            .set_region(region)
            .map_err(|error| Failure::usage(error.to_string()))
    }

    /// The canonical request of `hop` as signed at `time`.
    pub(crate) fn canonical_request(&self, hop: &Hop, time: AmzDate) -> Option<String> {
        let request = hop.to_request().ok()?;
        let head = RequestHead::from(&request);
        let explanation = self
            .signer
            .explain(&head, &hop.payload_hash().ok()?, time)
            .ok()?;
        Some(explanation.canonical_request().to_owned())
    }

    fn now(&self) -> AmzDate {
        let now = || AmzDate::now().saturating_add(self.offset);
        self.time.unwrap_or_else(now)
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
    ) -> Result<(Request<Body>, Option<Explanation>), Failure> {
        let mut request = hop.to_request()?;
        if !hop.signed {
            return Ok((request, None));
        }
        if let Some(expires) = self.controls.presign {
            return self.presigned(hop, expires, explain);
        }
        let (payload, now) = (hop.payload_hash()?, self.now());
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
