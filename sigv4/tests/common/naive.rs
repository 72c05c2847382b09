//! A second, plain implementation, written from AWS's text: Strings, no reuse, no speed. It forges requests that the
//! library's own signer would never make, and is what the library's canonicalizer is compared with.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::Request;

pub(crate) fn hex(bytes: &[u8]) -> String {
    hex::encode(bytes)
}

pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// `A-Z a-z 0-9 - . _ ~` stay, every other byte becomes `%XX`.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let one = |byte: &u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(*byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    bytes.iter().map(one).collect()
}

/// Decodes good escapes and leaves everything else.
pub(crate) fn decode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        let digits = bytes
            .get(i + 1..i + 3)
            .and_then(|d| std::str::from_utf8(d).ok());
        match (
            bytes[i],
            digits.and_then(|d| u8::from_str_radix(d, 16).ok()),
        ) {
            (b'%', Some(byte)) if !digits.unwrap().starts_with('+') => {
                out.push(byte);
                i += 3;
            }
            (byte, _) => {
                out.push(byte);
                i += 1;
            }
        }
    }
    out
}

/// The canonical path of S3 (decode once, encode), or of the other services (normalize, encode what is there).
pub(crate) fn path(path: &[u8], s3: bool) -> String {
    let encode_path = |bytes: &[u8]| {
        bytes
            .split(|b| *b == b'/')
            .map(encode)
            .collect::<Vec<_>>()
            .join("/")
    };
    if path.is_empty() {
        return "/".into();
    }
    if s3 {
        return path
            .split(|b| *b == b'/')
            .map(|s| encode(&decode(s)))
            .collect::<Vec<_>>()
            .join("/");
    }
    let mut segments: Vec<&[u8]> = Vec::new();
    for segment in path.split(|b| *b == b'/') {
        match segment {
            b"" | b"." => {}
            b".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    let mut text = segments
        .iter()
        .map(|s| format!("/{}", encode_path(s)))
        .collect::<String>();
    if text.is_empty() || path.ends_with(b"/") {
        text.push('/');
    }
    text
}

/// The canonical query, without `X-Amz-Signature`; a literal `+` is a space.
pub(crate) fn query(query: &[u8]) -> String {
    let plus_is_space = |bytes: &[u8]| -> Vec<u8> {
        let spaced: Vec<u8> = bytes
            .iter()
            .flat_map(|b| {
                if *b == b'+' {
                    b"%20".to_vec()
                } else {
                    vec![*b]
                }
            })
            .collect();
        decode(&spaced)
    };
    let mut pairs: Vec<(String, String)> = query
        .split(|b| *b == b'&')
        .filter(|piece| !piece.is_empty())
        .map(|piece| {
            let eq = piece.iter().position(|b| *b == b'=').unwrap_or(piece.len());
            let value = piece.get(eq + 1..).unwrap_or_default();
            (
                encode(&plus_is_space(&piece[..eq])),
                encode(&plus_is_space(value)),
            )
        })
        .filter(|(name, _)| name != "X-Amz-Signature")
        .collect();
    pairs.sort();
    pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join("&")
}

/// A value trimmed, with runs of spaces and tabs folded to one space.
fn fold(value: &[u8]) -> Vec<u8> {
    let words = value
        .split(|b| matches!(b, b' ' | b'\t'))
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(&b' ')
}

/// What a forged signature says and is made of; each field can lie.
#[derive(Clone)]
pub(crate) struct Forge {
    pub(crate) algorithm: String,
    pub(crate) access_key_id: String,
    pub(crate) secret: String,
    /// The scope in the credential and in the string to sign.
    pub(crate) scope: String,
    /// Day, region and service of the key.
    pub(crate) key: [String; 3],
    /// The date in the string to sign.
    pub(crate) date: String,
    /// The list of signed headers as written.
    pub(crate) names: String,
    /// The canonical header lines, if they are not those of `names`.
    pub(crate) header_lines: Option<Vec<u8>>,
    pub(crate) payload: String,
    pub(crate) s3: bool,
}

impl Forge {
    pub(crate) fn new(date: &str, region: &str, service: &str, names: &str, payload: &str) -> Self {
        let day = date.get(..8).unwrap();
        Self {
            algorithm: "AWS4-HMAC-SHA256".into(),
            access_key_id: "AKIDEXAMPLE".into(),
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            scope: format!("{day}/{region}/{service}/aws4_request"),
            key: [day.into(), region.into(), service.into()],
            date: date.into(),
            names: names.into(),
            header_lines: None,
            payload: payload.into(),
            s3: service == "s3",
        }
    }

    pub(crate) fn canonical_request(&self, request: &Request) -> Vec<u8> {
        let mut text = format!(
            "{}\n{}\n{}\n",
            request.method,
            path(&request.path, self.s3),
            query(&request.query)
        )
        .into_bytes();
        match &self.header_lines {
            Some(lines) => text.extend_from_slice(lines),
            None => {
                for name in self.names.split(';').filter(|name| !name.is_empty()) {
                    let values = request
                        .headers
                        .iter()
                        .filter(|(n, _)| n.eq_ignore_ascii_case(name));
                    let values: Vec<_> = values.map(|(_, value)| fold(value)).collect();
                    text.extend_from_slice(name.as_bytes());
                    text.push(b':');
                    text.extend_from_slice(&values.join(&b','));
                    text.push(b'\n');
                }
            }
        }
        text.extend_from_slice(format!("\n{}\n{}", self.names, self.payload).as_bytes());
        text
    }

    pub(crate) fn signature(&self, request: &Request) -> String {
        let hash = sha256_hex(&self.canonical_request(request));
        self.sign(&self.algorithm, &[&hash])
    }

    /// The signature of a text of tag, date, scope and these lines.
    fn sign(&self, tag: &str, lines: &[&str]) -> String {
        let string_to_sign = format!("{tag}\n{}\n{}\n{}", self.date, self.scope, lines.join("\n"));
        let mut key = format!("AWS4{}", self.secret).into_bytes();
        for part in self.key.iter().map(String::as_str).chain(["aws4_request"]) {
            key = hmac(&key, part.as_bytes());
        }
        hex(&hmac(&key, string_to_sign.as_bytes()))
    }

    /// The signature of a chunk.
    pub(crate) fn chunk_signature(&self, previous: &str, data: &[u8]) -> String {
        self.sign(
            "AWS4-HMAC-SHA256-PAYLOAD",
            &[previous, &sha256_hex(b""), &sha256_hex(data)],
        )
    }

    /// The signature of trailers, given their canonical lines.
    pub(crate) fn trailer_signature(&self, previous: &str, canonical: &str) -> String {
        let hash = sha256_hex(canonical.as_bytes());
        self.sign("AWS4-HMAC-SHA256-TRAILER", &[previous, &hash])
    }

    pub(crate) fn credential(&self) -> String {
        format!("{}/{}", self.access_key_id, self.scope)
    }

    /// The request with a forged Authorization header.
    pub(crate) fn header(&self, request: &Request) -> Request {
        let mut request = request.clone();
        let signature = self.signature(&request);
        request.set(
            "Authorization",
            format!(
                "{} Credential={}, SignedHeaders={}, Signature={signature}",
                self.algorithm,
                self.credential(),
                self.names
            ),
        );
        request
    }

    /// The parameters of a presigned request but for its signature.
    pub(crate) fn parameters(&self, expires: &str) -> Vec<(String, String)> {
        [
            ("X-Amz-Algorithm", self.algorithm.clone()),
            ("X-Amz-Credential", encode(self.credential().as_bytes())),
            ("X-Amz-Date", self.date.clone()),
            ("X-Amz-Expires", expires.into()),
            ("X-Amz-SignedHeaders", encode(self.names.as_bytes())),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// The request with these parameters added to its query, and the signature over all of it.
    pub(crate) fn query(&self, request: &Request, parameters: &[(String, String)]) -> Request {
        let mut request = request.clone();
        for (name, value) in parameters {
            add_parameter(&mut request, name, value);
        }
        let signature = self.signature(&request);
        add_parameter(&mut request, "X-Amz-Signature", &signature);
        request
    }
}

pub(crate) fn add_parameter(request: &mut Request, name: &str, value: &str) {
    if !request.query.is_empty() {
        request.query.push(b'&');
    }
    request
        .query
        .extend_from_slice(format!("{name}={value}").as_bytes());
}

/// CRC-32C in Base64, bit by bit.
pub(crate) fn crc32c(bytes: &[u8]) -> String {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = crc >> 1 ^ if crc & 1 == 1 { 0x82f6_3b78 } else { 0 };
        }
    }
    let bits: String = (!crc)
        .to_be_bytes()
        .iter()
        .map(|b| format!("{b:08b}"))
        .collect();
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let sixes = bits.as_bytes().chunks(6).map(|six| {
        let six = format!("{:0<6}", std::str::from_utf8(six).unwrap());
        char::from(alphabet[usize::from_str_radix(&six, 2).unwrap()])
    });
    sixes.chain(['=', '=']).collect()
}
