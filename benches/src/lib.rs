//! The five requests that the benchmarks sign and verify, a to e.

use sigv4::{Credentials, Header, ParseError, RequestHead, Signer};

/// The length of a session token of temporary credentials, in bytes.
const TOKEN_BYTES: usize = 1_000;

/// A request that owns its parts.
#[derive(Debug)]
pub struct Case {
    /// One letter, and what it is.
    pub name: &'static str,
    /// The signing name.
    pub service: &'static str,
    /// Whether it is presigned, not signed with headers.
    pub presigned: bool,
    /// The method.
    pub method: &'static str,
    /// The path on the wire.
    pub path: &'static str,
    /// The query on the wire.
    pub query: &'static str,
    /// The headers before signing.
    pub headers: Vec<(&'static str, &'static str)>,
    /// The body.
    pub body: Vec<u8>,
    /// The session token.
    pub token: Option<String>,
}

impl Case {
    /// A signer with this case's credentials.
    ///
    /// # Errors
    /// None: the names are good.
    pub fn signer(&self) -> Result<Signer, ParseError> {
        let credentials =
            Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
        let credentials = credentials.with_session_token(self.token.clone().unwrap_or_default())?;
        Signer::new(credentials, "us-east-1", self.service)
    }

    /// The headers as the library takes them.
    #[must_use]
    pub fn headers(&self) -> Vec<Header<'_>> {
        self.headers
            .iter()
            .map(|(name, value)| Header::new(name, value.as_bytes()))
            .collect()
    }

    /// The head of the request with these headers.
    #[must_use]
    pub fn head<'a>(&'a self, headers: &'a [Header<'a>]) -> RequestHead<'a> {
        RequestHead::new(
            self.method,
            self.path.as_bytes(),
            self.query.as_bytes(),
            headers,
        )
    }
}

/// The five requests.
#[must_use]
pub fn cases() -> Vec<Case> {
    let token = || {
        Some(
            "IQoJb3JpZ2luX2VjEDkaCXVzLWVhc3QtMSJHMEUC/+="
                .chars()
                .cycle()
                .take(TOKEN_BYTES)
                .collect(),
        )
    };
    vec![
        Case {
            name: "a GET execute-api",
            service: "execute-api",
            presigned: false,
            method: "GET",
            path: "/prod/pets",
            query: "",
            headers: vec![
                ("host", "abc123.execute-api.us-east-1.amazonaws.com"),
                ("accept", "application/json"),
            ],
            body: Vec::new(),
            token: None,
        },
        Case {
            name: "b POST 1 KiB, 10 headers, 8 parameters",
            service: "execute-api",
            presigned: false,
            method: "POST",
            path: "/prod/orders/2026/11",
            query: "limit=100&offset=200&sort=created&order=desc&filter=status%3Aopen&fields=id%2Cname%2Ctotal&verbose=1&cursor=abc",
            headers: vec![
                ("host", "abc123.execute-api.us-east-1.amazonaws.com"),
                ("content-type", "application/json"),
                ("content-length", "1024"),
                ("accept", "application/json"),
                ("accept-language", "en-GB,en;q=0.9"),
                ("cache-control", "no-cache"),
                ("x-api-key", "0123456789abcdef0123456789abcdef01234567"),
                ("x-request-id", "5f1c8b7e-3e0f-4a39-9a2b-0d1f9b2f8c11"),
                ("x-amz-meta-tenant", "tenant-0042"),
            ],
            body: vec![b'x'; 1024],
            token: None,
        },
        Case {
            name: "c Lambda Invoke with token",
            service: "lambda",
            presigned: false,
            method: "POST",
            path: "/2015-03-31/functions/hello/invocations",
            query: "Qualifier=prod",
            headers: vec![
                ("host", "lambda.us-east-1.amazonaws.com"),
                ("content-type", "application/json"),
                ("x-amz-invocation-type", "RequestResponse"),
                ("x-amz-log-type", "Tail"),
            ],
            body: br#"{"key":"value"}"#.to_vec(),
            token: token(),
        },
        Case {
            name: "d S3 presign with token",
            service: "s3",
            presigned: true,
            method: "GET",
            path: "/my-bucket/photos/2026/november/picture-000042.jpg",
            query: "",
            headers: vec![("host", "my-bucket.s3.us-east-1.amazonaws.com")],
            body: Vec::new(),
            token: token(),
        },
        Case {
            name: "e POST 1 MiB",
            service: "execute-api",
            presigned: false,
            method: "POST",
            path: "/prod/upload",
            query: "",
            headers: vec![
                ("host", "abc123.execute-api.us-east-1.amazonaws.com"),
                ("content-type", "application/octet-stream"),
            ],
            body: vec![0x5a; 1 << 20],
            token: None,
        },
    ]
}
