//! The signature in the query.

use http::header::{HeaderName, HeaderValue};
use http::{Request, Uri};
use sigv4::{AmzDate, Expires, Explanation, PayloadHash, RequestHead};

use super::{Signing, refused};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::hop::Hop;
use crate::payload::Body;

/// A presigned request.
#[derive(Debug)]
pub struct Presigned {
    /// The request, its signature in the query.
    pub request: Request<Body>,
    /// The headers that have to be sent, host among them.
    pub headers: Vec<HeaderName>,
    /// The last second at which it is good.
    pub until: AmzDate,
    explanation: Option<Explanation>,
}

impl Signing {
    /// Signs in the query.
    ///
    /// * S3 leaves the body out, and everything else signs its hash, unless told otherwise.
    /// * What it was told stands in `x-amz-content-sha256`, since a server cannot know it otherwise.
    ///
    /// # Errors
    ///
    /// As [`Signing::sign`].
    pub fn presign(
        &self,
        hop: &Hop,
        expires: Expires,
        explain: bool,
    ) -> Result<Presigned, Failure> {
        let mut request = hop.to_request()?;
        let payload = match hop.payload {
            Some(told) => {
                let text = told.to_string();
                let value = HeaderValue::from_str(&text)
                    .map_err(|error| Failure::usage(error.to_string()))?;
                request.headers_mut().insert("x-amz-content-sha256", value);
                told
            }
            None if self.signer.presign_payload() == PayloadHash::Unsigned => PayloadHash::Unsigned,
            None => hop.payload_hash()?,
        };
        let now = self.now();
        let head = RequestHead::from(&request);
        let explanation =
            explain.then(|| self.signer.explain_presign(&head, &payload, expires, now));
        let explanation = explanation.transpose().map_err(refused)?;
        let presigned = self
            .signer
            .presign(&head, &payload, expires, now)
            .map_err(refused)?;
        let headers = presigned
            .signed_headers()
            .split(';')
            .filter_map(|name| name.parse().ok())
            .collect();
        let uri = with_query(request.uri(), presigned.query())?;
        *request.uri_mut() = uri;
        Ok(Presigned {
            request,
            headers,
            until: now.saturating_add(i64::from(expires.seconds())),
            explanation,
        })
    }

    pub(super) fn presigned(
        &self,
        hop: &Hop,
        expires: Expires,
        explain: bool,
    ) -> Result<(Request<Body>, Option<Explanation>), Failure> {
        let presigned = self.presign(hop, expires, explain)?;
        Ok((presigned.request, presigned.explanation))
    }
}

impl Presigned {
    /// How the signature comes about, if that was asked for.
    #[must_use]
    pub const fn explanation(&self) -> Option<&Explanation> {
        self.explanation.as_ref()
    }
}

fn with_query(uri: &Uri, query: &str) -> Result<Uri, Failure> {
    let mut parts = uri.clone().into_parts();
    let target = format!("{}?{query}", uri.path());
    let failure = |error: &dyn std::error::Error| {
        Failure::new(
            Exit::Url,
            format!("the presigned URL cannot be sent: {error}"),
        )
    };
    parts.path_and_query = Some(
        target
            .parse()
            .map_err(|error: http::uri::InvalidUri| failure(&error))?,
    );
    Uri::from_parts(parts).map_err(|error| failure(&error))
}
