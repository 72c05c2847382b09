//! Signs a [`Hop`]: where the library is called.

use http::Request;
use sigv4::{AmzDate, CanonicalError, Credentials, Explanation, RequestHead, SignError, Signer};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::hop::Hop;
use crate::payload::Body;

/// Signs with one set of keys, for one region and service.
#[derive(Debug)]
pub struct Signing {
    signer: Signer,
    /// The time to sign for; `None` = now, anew for each request.
    time: Option<AmzDate>,
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
        Ok(Self { signer, time })
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
        let (payload, now) = (hop.payload_hash()?, self.time.unwrap_or_else(AmzDate::now));
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
