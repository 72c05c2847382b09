//! What the vector tests share: owned requests, signing and verifying them, and changing one thing.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod corpus;
pub(crate) mod naive;

use sigv4::{
    AmzDate, CanonicalRules, Credentials, Header, KeyLookup, KnownKey, ReceivedBody, RequestHead,
    SecretAccessKey, SessionToken, Signer, SigningKey, Verifier, VerifyError, VerifyPolicy,
};

/// A request that owns its parts, so that a test can change them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: Vec<u8>,
    pub(crate) query: Vec<u8>,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    pub(crate) authority: Option<Vec<u8>>,
}

impl Request {
    pub(crate) fn new(method: &str, path: &str, query: &str) -> Self {
        Self {
            method: method.into(),
            path: path.into(),
            query: query.into(),
            headers: Vec::new(),
            body: Vec::new(),
            authority: None,
        }
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Puts a header in place of those of the same name.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        self.remove(name);
        self.headers.push((name.into(), value.into()));
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.headers
            .retain(|(other, _)| !other.eq_ignore_ascii_case(name));
    }

    pub(crate) fn get(&self, name: &str) -> Option<&[u8]> {
        self.headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_slice())
    }

    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(self.get(name).unwrap_or_default().to_vec()).unwrap()
    }

    /// Calls `run` with the borrowed head.
    pub(crate) fn with_head<T>(&self, run: impl FnOnce(&RequestHead<'_>) -> T) -> T {
        let headers: Vec<_> = self
            .headers
            .iter()
            .map(|(name, value)| Header::new(name, value))
            .collect();
        let mut head = RequestHead::new(&self.method, &self.path, &self.query, &headers);
        if let Some(authority) = &self.authority {
            head = head.with_authority(authority);
        }
        run(&head)
    }

    /// Puts the headers of a signature into the request.
    pub(crate) fn apply(&mut self, output: &sigv4::SigningOutput<'_>) {
        for (name, value) in output.headers() {
            self.set(name, value);
        }
    }
}

pub(crate) fn credentials(id: &str, secret: &str, token: Option<&str>) -> Credentials {
    Credentials::new(id, secret)
        .unwrap()
        .with_session_token(token.unwrap_or_default())
        .unwrap()
}

pub(crate) fn signer(
    credentials: Credentials,
    region: &str,
    service: &str,
    rules: CanonicalRules,
) -> Signer {
    Signer::new(credentials, region, service)
        .unwrap()
        .with_rules(rules)
}

pub(crate) fn date(text: &str) -> AmzDate {
    text.parse().unwrap()
}

/// Everything that verifying needs besides the request.
#[derive(Clone)]
pub(crate) struct Check {
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) rules: CanonicalRules,
    pub(crate) policy: VerifyPolicy,
    pub(crate) access_key_id: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
    pub(crate) now: AmzDate,
}

impl Check {
    pub(crate) fn new(
        region: &str,
        service: &str,
        id: &str,
        secret: &str,
        token: Option<&str>,
        now: AmzDate,
    ) -> Self {
        Self {
            region: region.into(),
            service: service.into(),
            rules: CanonicalRules::for_service(service),
            policy: VerifyPolicy::for_service(service),
            access_key_id: id.into(),
            secret: secret.into(),
            token: token.filter(|token| !token.is_empty()).map(Into::into),
            now,
        }
    }

    /// Verifies a request whose body is `request.body`, as a server with one key would.
    pub(crate) fn verify(&self, request: &Request) -> Result<(), VerifyError> {
        let verifier = Verifier::new(&self.region, &self.service)
            .unwrap()
            .with_rules(self.rules)
            .with_policy(self.policy.clone());
        let token = self
            .token
            .as_deref()
            .map(|token| SessionToken::new(token).unwrap());
        request.with_head(|head| {
            let claim = verifier.claim(head, self.now)?;
            if claim.access_key_id() != self.access_key_id {
                return claim
                    .verify(KeyLookup::Unknown, ReceivedBody::of(&request.body))
                    .map(|_| ());
            }
            let key = SigningKey::derive(
                &SecretAccessKey::new(self.secret.as_str()).unwrap(),
                claim.scope(),
            );
            let mut known = KnownKey::new(&key);
            if let Some(token) = &token {
                known = known.with_session_token(token);
            }
            let verified =
                claim.verify(KeyLookup::Found(known), ReceivedBody::of(&request.body))?;
            assert_eq!(verified.access_key_id(), self.access_key_id);
            Ok(())
        })
    }

    /// Verifies a request whose body is aws-chunked, and decodes that: at once, byte by byte and in pieces, with one
    /// outcome.
    pub(crate) fn decode(&self, request: &Request) -> Result<Vec<u8>, VerifyError> {
        let at_once = self.decode_in(request, usize::MAX);
        // What is refused without being held need not be taken byte by byte.
        if request.body.len() < 1 << 20 {
            for size in [1, 7, 4096] {
                assert_eq!(
                    self.decode_in(request, size),
                    at_once,
                    "in pieces of {size}"
                );
            }
        }
        at_once
    }

    fn decode_in(&self, request: &Request, size: usize) -> Result<Vec<u8>, VerifyError> {
        let size = size.min(request.body.len()).max(1);
        self.decode_pieces(request, &request.body.chunks(size).collect::<Vec<_>>())
    }

    /// Verifies a request whose body is aws-chunked and arrives in these pieces.
    pub(crate) fn decode_pieces(
        &self,
        request: &Request,
        pieces: &[&[u8]],
    ) -> Result<Vec<u8>, VerifyError> {
        let verifier = Verifier::new(&self.region, &self.service)
            .unwrap()
            .with_rules(self.rules)
            .with_policy(self.policy.clone());
        let token = self
            .token
            .as_deref()
            .map(|token| SessionToken::new(token).unwrap());
        request.with_head(|head| {
            let claim = verifier.claim(head, self.now)?;
            let secret = SecretAccessKey::new(self.secret.as_str()).unwrap();
            let key = SigningKey::derive(&secret, claim.scope());
            let mut known = KnownKey::new(&key);
            if let Some(token) = &token {
                known = known.with_session_token(token);
            }
            let verified = claim.verify(KeyLookup::Found(known), ReceivedBody::Unread)?;
            let mut decoder = verified.chunk_decoder(&key)?;
            let mut body = Vec::new();
            for mut piece in pieces.iter().copied() {
                while let Some(data) = decoder.decode(&mut piece)? {
                    body.extend_from_slice(data);
                }
            }
            decoder.finish()?;
            assert!(decoder.is_finished() && decoder.remaining() == 0);
            Ok(body)
        })
    }

    pub(crate) fn reason(&self, request: &Request) -> &'static str {
        self.verify(request)
            .err()
            .map_or("ok", |error| error.reason())
    }
}

/// The request with one thing changed, each change named. Every one of them must be refused.
pub(crate) fn tampered(request: &Request, signed_headers: &str) -> Vec<(String, Request)> {
    let mut all = Vec::new();
    let mut push = |name: &str, change: &dyn Fn(&mut Request)| {
        let mut changed = request.clone();
        change(&mut changed);
        if changed != *request {
            all.push((name.to_owned(), changed));
        }
    };
    push("method", &|r| {
        r.method = if r.method == "GET" {
            "PUT".into()
        } else {
            "GET".into()
        }
    });
    push("path", &|r| r.path.extend(b"x"));
    push("query added", &|r| {
        let separator: &[u8] = if r.query.is_empty() { b"" } else { b"&" };
        r.query.extend([separator, b"evil=1"].concat());
    });
    push("body", &|r| r.body.push(b'x'));
    push("signature", &|r| {
        for (name, value) in &mut r.headers {
            if name.eq_ignore_ascii_case("authorization") {
                flip_last_hex(value);
            }
        }
        let marker = b"X-Amz-Signature=";
        if let Some(at) = r
            .query
            .windows(marker.len())
            .position(|window| window == marker)
        {
            let end = at + marker.len() + 64;
            flip_last_hex(&mut r.query[at..end]);
        }
    });
    for signed in signed_headers.split(';') {
        push(&format!("header {signed}"), &|r| {
            if let Some((_, value)) = r
                .headers
                .iter_mut()
                .find(|(name, _)| name.eq_ignore_ascii_case(signed))
            {
                value.extend(b"x");
            }
        });
        push(&format!("no header {signed}"), &|r| r.remove(signed));
    }
    all
}

fn flip_last_hex(text: &mut [u8]) {
    if let Some(last) = text.last_mut() {
        *last = if *last == b'0' { b'1' } else { b'0' };
    }
}
