//! [`http::Request`] in and out (feature `http`).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use http::header::{HOST, HeaderName, HeaderValue};
use http::uri::{PathAndQuery, Uri};

use crate::chunked::{ChunkSigner, ChunkedPayload};
use crate::error::{CanonicalError, SignError};
use crate::payload::PayloadHash;
use crate::presign::Expires;
use crate::request::{Headers, RequestHead, host_of};
use crate::sign::{Signer, SigningOutput};
use crate::time::AmzDate;

impl<'a, B> From<&'a http::Request<B>> for RequestHead<'a> {
    fn from(request: &'a http::Request<B>) -> Self {
        head(request.method(), request.uri(), request.headers())
    }
}

impl<'a> From<&'a http::request::Parts> for RequestHead<'a> {
    fn from(parts: &'a http::request::Parts) -> Self {
        head(&parts.method, &parts.uri, &parts.headers)
    }
}

fn head<'a>(
    method: &'a http::Method,
    uri: &'a Uri,
    headers: &'a http::HeaderMap,
) -> RequestHead<'a> {
    let default_port: &[u8] = match uri.scheme_str() {
        Some("http" | "ws") => b":80",
        _ => b":443",
    };
    RequestHead {
        method: method.as_str(),
        path: uri.path().as_bytes(),
        query: uri.query().unwrap_or_default().as_bytes(),
        headers: Headers::Map(headers),
        authority: uri
            .authority()
            .map(|authority| host_of(authority.as_str().as_bytes(), default_port)),
    }
}

impl Signer {
    /// Signs an [`http::Request`] in place.
    ///
    /// * A missing Host header is computed from the URI (default port stripped) and inserted, so that what is sent is
    ///   what was signed; one that is there is signed as it is.
    /// * The inserted values are marked sensitive.
    ///
    /// # Errors
    /// As [`sign`](Self::sign); the request is then unchanged.
    ///
    /// ```
    /// use sigv4::{AmzDate, Credentials, PayloadHash, Signer};
    ///
    /// let signer = Signer::new(Credentials::new("AKIDEXAMPLE", "secret")?, "us-east-1", "dynamodb")?;
    /// let mut request = http::Request::post("https://dynamodb.us-east-1.amazonaws.com/")
    ///     .header("x-amz-target", "DynamoDB_20120810.ListTables")
    ///     .body(b"{}".as_slice())?;
    ///
    /// let payload = PayloadHash::of(request.body());
    /// signer.sign_request(&mut request, payload, AmzDate::now())?;
    /// assert!(request.headers().contains_key("authorization"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sign_request<B>(
        &self,
        request: &mut http::Request<B>,
        payload: PayloadHash,
        now: AmzDate,
    ) -> Result<(), SignError> {
        let head = RequestHead::from(&*request);
        let output = self.sign(&head, &payload, now)?;
        apply(request, &output)
    }

    /// Signs an [`http::Request`] in place whose body is going to be sent in chunks: see
    /// [`sign_chunked`](Self::sign_chunked). What makes the chunks comes back.
    ///
    /// # Errors
    /// As `sign_chunked`; the request is then unchanged.
    ///
    /// ```
    /// use sigv4::{AmzDate, ChunkedPayload, Credentials, Signer, StreamingMode};
    ///
    /// let signer = Signer::new(Credentials::new("AKIDEXAMPLE", "secret")?, "us-east-1", "s3")?;
    /// let mut request = http::Request::put("https://bucket.s3.amazonaws.com/key").body(())?;
    ///
    /// let payload = ChunkedPayload::new(StreamingMode::Signed, 5)?;
    /// let chunks = signer.sign_chunked_request(&mut request, &payload, AmzDate::now())?;
    /// assert_eq!(request.headers()["content-encoding"], "aws-chunked");
    /// assert_eq!(request.headers()["content-length"], payload.encoded_len().to_string());
    /// let encoder = chunks.into_encoder();
    /// # let _ = encoder;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sign_chunked_request<B>(
        &self,
        request: &mut http::Request<B>,
        payload: &ChunkedPayload,
        now: AmzDate,
    ) -> Result<ChunkSigner, SignError> {
        let head = RequestHead::from(&*request);
        let (output, chunks) = self.sign_chunked(&head, payload, now)?;
        apply(request, &output)?;
        Ok(chunks)
    }

    /// Presigns a URI, with `host` as the only signed header.
    ///
    /// # Errors
    /// As [`presign`](Self::presign).
    ///
    /// ```
    /// use sigv4::{Credentials, Expires, Signer};
    ///
    /// let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")?;
    /// let signer = Signer::new(credentials, "us-east-1", "s3")?;
    /// let uri = "https://examplebucket.s3.amazonaws.com/test.txt".parse()?;
    ///
    /// let (expires, now) = (Expires::from_secs(86_400)?, "20130524T000000Z".parse()?);
    /// let url = signer.presign_uri("GET", &uri, expires, now)?;
    /// assert!(url.to_string().ends_with("aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn presign_uri(
        &self,
        method: &str,
        uri: &Uri,
        expires: Expires,
        now: AmzDate,
    ) -> Result<Uri, SignError> {
        let headers = http::HeaderMap::new();
        let get = http::Method::GET;
        let head = RequestHead {
            method,
            ..head(&get, uri, &headers)
        };
        let presigned = self.presign(&head, &self.presign_payload(), expires, now)?;
        Ok(with_query(uri, presigned.query())?)
    }
}

/// Puts what signing added into a request, or leaves it unchanged.
fn apply<B>(request: &mut http::Request<B>, output: &SigningOutput<'_>) -> Result<(), SignError> {
    let head = RequestHead::from(&*request);
    let host = head
        .authority
        .filter(|_| !request.headers().contains_key(HOST));
    let host = host
        .map(HeaderValue::from_bytes)
        .transpose()
        .map_err(|_| CanonicalError::Host)?;
    let uri = match output.replaced_query() {
        Some(query) => Some(with_query(
            request.uri(),
            core::str::from_utf8(query).unwrap_or_default(),
        )?),
        None => None,
    };
    let mut added = Vec::with_capacity(9);
    for (name, value) in output.headers() {
        // Everything that signing makes is printable ASCII, so this does not fail.
        let mut value =
            HeaderValue::from_str(value).map_err(|_| CanonicalError::HeaderValue { index: 0 })?;
        value.set_sensitive(true);
        added.push((HeaderName::from_static(name), value));
    }
    added.extend(host.map(|host| (HOST, host)));
    let removed = output.removed_headers();
    // A map that is full would panic halfway through.
    let headers = request.headers_mut();
    headers
        .try_reserve(added.len())
        .map_err(|_| CanonicalError::HeaderName {
            index: headers.len(),
        })?;
    for name in removed {
        headers.remove(*name);
    }
    for (name, value) in added {
        headers.insert(name, value);
    }
    if let Some(uri) = uri {
        *request.uri_mut() = uri;
    }
    Ok(())
}

/// The same URI with another query.
fn with_query(uri: &Uri, query: &str) -> Result<Uri, CanonicalError> {
    let path = uri.path();
    let target: String = if query.is_empty() {
        path.into()
    } else {
        format!("{path}?{query}")
    };
    let target = PathAndQuery::try_from(target).map_err(|_| CanonicalError::Query { at: 0 })?;
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(target);
    Uri::from_parts(parts).map_err(|_| CanonicalError::Target)
}
