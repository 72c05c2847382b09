//! Signature Version 4 test data and the loader for it.
//!
//! The data is read from this crate's directory when a test asks for it, so
//! regenerating a file needs no rebuild. Every function panics on data it does
//! not understand: a test must not pass because its vectors went missing.
//!
//! Where the data comes from is told in `README.md`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "only tests use this crate, and broken test data has to stop them"
)]

mod raw_request;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use raw_request::RawRequest;

/// Name and value pairs in the order they were written.
pub type Pairs = Vec<(String, String)>;

/// One case of the official suite, signed once by header and once by query.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuiteCase {
    /// Directory name of the case in the suite.
    pub name: String,
    /// Access key id.
    pub access_key_id: String,
    /// Secret access key.
    pub secret_access_key: String,
    /// Session token of temporary credentials.
    pub session_token: Option<String>,
    /// The token is added after signing and stays out of the signature.
    pub omit_session_token: bool,
    /// Region of the scope.
    pub region: String,
    /// Service of the scope.
    pub service: String,
    /// Signing time as `20150830T123600Z`.
    pub timestamp: String,
    /// Lifetime of the presigned form in seconds.
    pub expires: u64,
    /// Dot segments and repeated slashes of the path are removed.
    pub normalize: bool,
    /// What the suite calls signing the body. The payload hash is that of the
    /// body either way; the flag only decides [`Self::signed_body_header`].
    pub sign_body: bool,
    /// Header signing adds `x-amz-content-sha256`; presigning never does.
    pub signed_body_header: bool,
    /// The request before it is signed.
    pub request: SuiteRequest,
    /// Expected values when the signature goes into the header.
    pub header: SuiteHeader,
    /// Expected values when the signature goes into the query.
    pub query: SuiteQuery,
}

/// Unsigned request of a [`SuiteCase`].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuiteRequest {
    /// HTTP method.
    pub method: String,
    /// Path as written in the suite: raw, with spaces and non-ASCII unescaped.
    pub path: String,
    /// Query as written, without the question mark.
    pub query: String,
    /// Headers as written, values untrimmed. A folded value is one entry whose
    /// line breaks became spaces.
    pub headers: Pairs,
    /// Body.
    pub body: String,
}

/// Expected values of a [`SuiteCase`] signed by header.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuiteHeader {
    /// Canonical request.
    pub canonical_request: String,
    /// String to sign.
    pub string_to_sign: String,
    /// Signature in hex.
    pub signature: String,
    /// Value of the `Authorization` header.
    pub authorization: String,
    /// Signed header names, joined by semicolons.
    pub signed_headers: String,
    /// All headers of the signed request, in order.
    pub signed_request_headers: Pairs,
}

/// Expected values of a [`SuiteCase`] signed by query.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuiteQuery {
    /// Canonical request.
    pub canonical_request: String,
    /// String to sign.
    pub string_to_sign: String,
    /// Signature in hex.
    pub signature: String,
    /// Request target, path and query, of the signed request.
    pub signed_target: String,
}

/// What a [`DocVector`] exercises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocKind {
    /// A request signed by header.
    RequestHeader,
    /// A presigned request.
    RequestQuery,
    /// The derivation of a signing key; the request fields are empty.
    DerivedKey,
    /// A signature of a client that breaks the rules; see the note.
    InteropNonconformant,
    /// A request whose body is signed chunk by chunk.
    Chunked,
}

/// A published example.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocVector {
    /// Name of the example.
    pub id: String,
    /// What it exercises.
    pub kind: DocKind,
    /// Where it was published.
    pub source: String,
    /// Access key id; empty for [`DocKind::DerivedKey`].
    #[serde(default)]
    pub access_key_id: String,
    /// Secret access key.
    pub secret_access_key: String,
    /// Session token that the signer adds. A token that is already in
    /// [`Self::headers`] is not repeated here.
    #[serde(default)]
    pub session_token: Option<String>,
    /// Signing time as `20130524T000000Z`; empty for [`DocKind::DerivedKey`].
    #[serde(default)]
    pub timestamp: String,
    /// Day as `20150830`, only for [`DocKind::DerivedKey`].
    #[serde(default)]
    pub date: Option<String>,
    /// Region of the scope.
    pub region: String,
    /// Service of the scope.
    pub service: String,
    /// HTTP method.
    #[serde(default)]
    pub method: String,
    /// Path as sent.
    #[serde(default)]
    pub path: String,
    /// Query before signing, without the question mark.
    #[serde(default)]
    pub query: String,
    /// Exactly the signed headers, with those that the signer adds.
    #[serde(default)]
    pub headers: Pairs,
    /// Last line of the canonical request.
    #[serde(default)]
    pub payload_hash: String,
    /// The payload's mode, only for [`DocKind::Chunked`].
    #[serde(default)]
    pub x_amz_content_sha256: String,
    /// Lifetime in seconds, only for [`DocKind::RequestQuery`].
    #[serde(default)]
    pub expires: Option<u64>,
    /// How the path is made canonical.
    #[serde(default)]
    pub settings: Option<DocSettings>,
    /// Expected values.
    pub expected: DocExpected,
    /// Names of the expected values that the source gives; the others were
    /// computed from the same input.
    #[serde(default)]
    pub published: Vec<String>,
    /// What to watch out for.
    #[serde(default)]
    pub note: Option<String>,
}

/// Path rules of a [`DocVector`].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocSettings {
    /// Dot segments and repeated slashes are removed.
    pub normalize: bool,
    /// The path as sent is encoded once more.
    pub double_encode: bool,
    /// Canonical path where it is not the path as sent.
    #[serde(default)]
    pub path_for_canonical: Option<String>,
}

/// Expected values of a [`DocVector`]; which are there depends on its kind.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DocExpected {
    /// Canonical request.
    pub canonical_request: Option<String>,
    /// SHA-256 of the canonical request in hex.
    pub canonical_request_sha256: Option<String>,
    /// String to sign.
    pub string_to_sign: Option<String>,
    /// Signed header names, joined by semicolons.
    pub signed_headers: Option<String>,
    /// Signature in hex.
    pub signature: Option<String>,
    /// Value of the `Authorization` header.
    pub authorization: Option<String>,
    /// Order of query parameters with which a broken client's signature fits.
    pub order_that_matches: Option<String>,
    /// Signature the broken client should have made.
    pub signature_if_sorted_by_value: Option<String>,
    /// Signature of the head, only for [`DocKind::Chunked`].
    pub seed_signature: Option<String>,
    /// Chunks, the last one empty.
    pub chunks: Vec<DocChunk>,
    /// Trailers.
    pub trailer: Option<DocTrailer>,
    /// Key after the date, in hex.
    #[serde(rename = "kDate")]
    pub k_date: Option<String>,
    /// Key after the region, in hex.
    #[serde(rename = "kRegion")]
    pub k_region: Option<String>,
    /// Key after the service, in hex.
    #[serde(rename = "kService")]
    pub k_service: Option<String>,
    /// Signing key, in hex.
    #[serde(rename = "kSigning")]
    pub k_signing: Option<String>,
}

/// A chunk of a [`DocKind::Chunked`] body.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocChunk {
    /// Its bytes.
    pub length: usize,
    /// The character that it is made of.
    pub fill: String,
    /// SHA-256 in hex.
    pub sha256: String,
    /// String to sign.
    pub string_to_sign: String,
    /// Signature in hex.
    pub signature: String,
}

/// The trailers of a [`DocKind::Chunked`] body.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocTrailer {
    /// Names and values.
    pub headers: Pairs,
    /// The canonical lines.
    pub canonical: String,
    /// Their SHA-256 in hex.
    pub sha256: String,
    /// String to sign.
    pub string_to_sign: String,
    /// Signature in hex.
    pub signature: String,
}

/// A way to attack or confuse a verifier, told in words.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdversarialCase {
    /// Name of the case.
    pub id: String,
    /// Request to start from, a key of [`adversarial_bases`].
    pub base: String,
    /// What is done to it.
    pub mutation: String,
    /// Verdict, beginning with `accept` or `reject` in most cases.
    pub expect: String,
    /// Class of the verdict.
    pub reason: String,
    /// Evidence for the verdict: `aws`, `pdf` or `policy`.
    pub confidence: String,
    /// Why the case matters.
    pub why: String,
}

/// Request that [`AdversarialCase`]s change, told in words.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdversarialBase {
    /// Protocol family: `query`, `json`, `rest` or `s3`.
    pub profile: String,
    /// The request.
    pub desc: String,
}

/// A generated request whose signature two signers agree on.
#[derive(Debug, Clone, Deserialize)]
pub struct OracleCase {
    /// Name of the case.
    pub id: String,
    /// HTTP method.
    pub method: String,
    /// Value of the `Host` header.
    pub host: String,
    /// Path as sent.
    pub path: String,
    /// Query as sent before signing, without the question mark.
    pub query: String,
    /// The same query decoded.
    pub query_pairs: Pairs,
    /// How `query` is escaped: `canon`, `lower`, `noeq`, `over`, `plus` or
    /// `under`.
    pub query_style: String,
    /// Headers before signing, `Host` among them.
    pub headers: Pairs,
    /// Body in base64; see [`Self::body`].
    pub body_b64: String,
    /// Access key id.
    pub access_key: String,
    /// Secret access key.
    pub secret: String,
    /// Session token of temporary credentials.
    pub token: Option<String>,
    /// Signing time as `20230809T203325Z`.
    pub time: String,
    /// Region of the scope.
    pub region: String,
    /// Service of the scope.
    pub service: String,
    /// `header` or `query`.
    pub mode: String,
    /// Lifetime in seconds when the mode is `query`.
    pub expires: Option<u64>,
    /// What was asked of the signers.
    pub options: OracleOptions,
    /// What they answered.
    pub expect: OracleExpected,
    /// A third signer, written from the rules, gives the same.
    pub reference_agrees: bool,
}

/// Signer options of an [`OracleCase`].
#[derive(Debug, Clone, Deserialize)]
pub struct OracleOptions {
    /// The path as sent is encoded once more.
    pub double_encode: bool,
    /// Dot segments and repeated slashes are removed.
    pub normalize: bool,
    /// `signed` or `unsigned`.
    pub payload: String,
    /// `x-amz-content-sha256` is added and signed.
    pub sha256_header: bool,
}

/// Expected values of an [`OracleCase`].
#[derive(Debug, Clone, Deserialize)]
pub struct OracleExpected {
    /// Canonical request.
    pub canonical_request: String,
    /// String to sign.
    pub string_to_sign: String,
    /// Signature in hex.
    pub signature: String,
    /// Value of the `Authorization` header, when the mode is `header`.
    #[serde(default)]
    pub authorization: Option<String>,
    /// Query of the signed request, when the mode is `query`. The order of the
    /// added parameters is the C signer's own and not part of the contract.
    #[serde(default)]
    pub wire_query: Option<String>,
}

/// A request of a real client, as captured from the wire.
#[derive(Debug, Clone, Deserialize)]
pub struct CorpusCase {
    /// Client and its version.
    pub client: String,
    /// Name of what the client was asked to send.
    pub shape: String,
    /// Service the client signed for.
    pub service: String,
    /// Region the client signed for; `*` marks the asymmetric algorithm,
    /// which only the full set has.
    pub region: String,
    /// Access key id.
    pub access_key: String,
    /// Secret access key.
    pub secret: String,
    /// Session token of temporary credentials.
    pub token: Option<String>,
    /// The client was asked for a presigned request. Some presign without
    /// being asked, so go by the query.
    pub presign: bool,
    /// When the request arrived, as `2026-11-21T02:18:53.601843+00:00`.
    pub time: String,
    /// Method the client was asked for. A client that probes or cleans up on
    /// its own (rclone) has sent another; [`Self::request`] has the real one.
    pub method: String,
    /// Bytes of the request in base64; see [`Self::request`].
    pub raw_request: String,
    /// The client used chunked transfer coding, which is still in the request.
    #[serde(default)]
    pub http_chunked: bool,
    /// The verdict.
    pub check: CorpusCheck,
}

/// Verdict on a [`CorpusCase`].
#[derive(Debug, Clone, Deserialize)]
pub struct CorpusCheck {
    /// `ok`, `client-wrong` or, in the full set only, `disputed`.
    pub flag: String,
    /// Remarks, such as a signed header that is not on the wire.
    pub notes: Vec<String>,
    /// Free text.
    pub why: Option<String>,
    /// `accept`, `reject` or, in the full set only, `disputed`.
    pub expect: String,
    /// Findings on an aws-chunked body ([`chunked`] and the full set only).
    #[serde(default)]
    pub chunked: Option<Value>,
}

impl OracleCase {
    /// The body's bytes.
    pub fn body(&self) -> Vec<u8> {
        decode_base64(&self.body_b64)
    }
}

impl CorpusCase {
    /// The parsed request.
    pub fn request(&self) -> RawRequest {
        RawRequest::parse(&decode_base64(&self.raw_request))
    }
}

/// The official suite.
pub fn suite() -> Vec<SuiteCase> {
    document("suite/v4.json", "cases")
}

/// Published examples other than the suite.
pub fn docs() -> Vec<DocVector> {
    document("docs.json", "vectors")
}

/// Ways to attack or confuse a verifier.
pub fn adversarial() -> Vec<AdversarialCase> {
    document("adversarial.json", "cases")
}

/// The requests that [`adversarial`] cases start from.
pub fn adversarial_bases() -> BTreeMap<String, AdversarialBase> {
    let mut value: Value = parse_json(&read(&data("adversarial.json")));
    serde_json::from_value(value["bases"].take()).expect("bases of adversarial.json")
}

/// Generated requests on which two signers agree (a sample).
pub fn oracle() -> Vec<OracleCase> {
    sample("oracle.jsonl")
}

/// Requests of real clients (a sample).
pub fn corpus() -> Vec<CorpusCase> {
    sample("corpus.jsonl")
}

/// Requests of real clients whose bodies are aws-chunked (a sample).
pub fn chunked() -> Vec<CorpusCase> {
    sample("chunked.jsonl")
}

/// Reads oracle cases from a file of one JSON object a line, such as the
/// unpacked full set.
pub fn oracle_from(path: impl AsRef<Path>) -> Vec<OracleCase> {
    lines(path.as_ref()).1
}

/// Reads corpus cases from a file of one JSON object a line, such as the
/// unpacked full set.
///
/// The full set has rows the sample leaves out: the asymmetric algorithm
/// (`region` is `*`), chunked bodies (`check.chunked`) and disputed ones.
pub fn corpus_from(path: impl AsRef<Path>) -> Vec<CorpusCase> {
    lines(path.as_ref()).1
}

/// First line of a sample file.
#[derive(Debug, Deserialize)]
struct Header {
    count: usize,
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> T {
    serde_json::from_slice(bytes).unwrap_or_else(|error| panic!("{error}"))
}

/// Reads the list `key` of a JSON document that states its length.
fn document<T: DeserializeOwned>(name: &str, key: &str) -> Vec<T> {
    let mut value: Value = parse_json(&read(&data(name)));
    let header: Header = serde_json::from_value(value.clone()).expect("count of the document");
    let rows: Vec<T> =
        serde_json::from_value(value[key].take()).unwrap_or_else(|error| panic!("{name}: {error}"));
    checked(name, rows, header.count)
}

fn sample<T: DeserializeOwned>(name: &str) -> Vec<T> {
    let (header, rows) = lines(&data(name));
    let header = header.unwrap_or_else(|| panic!("{name}: no header line"));
    checked(name, rows, header.count)
}

fn checked<T>(name: &str, rows: Vec<T>, count: usize) -> Vec<T> {
    assert!(count > 0, "{name}: no cases");
    assert_eq!(rows.len(), count, "{name}: wrong number of cases");
    rows
}

/// Reads one object a line; a leading object with a count is the header.
fn lines<T: DeserializeOwned>(path: &Path) -> (Option<Header>, Vec<T>) {
    let bytes = read(path);
    let mut rows = bytes
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .peekable();
    let header = rows
        .peek()
        .and_then(|line| serde_json::from_slice(line).ok());
    if header.is_some() {
        rows.next();
    }
    (header, rows.map(parse_json).collect())
}

/// Decodes base64 with the standard alphabet and padding.
///
/// # Panics
///
/// When the text is not that.
pub fn decode_base64(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(4), "base64 without its padding");
    let digits = text.trim_end_matches('=');
    assert!(text.len() - digits.len() <= 2, "base64 of only padding");
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for digit in digits.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            other => panic!("base64 digit {other:#04x}"),
        };
        buffer = (buffer << 6) | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(buffer >> bits).expect("eight bits"));
            buffer &= (1 << bits) - 1;
        }
    }
    assert_eq!(buffer, 0, "base64 with stray bits");
    bytes
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sha2::{Digest, Sha256};

    use super::*;

    fn sha256_hex(text: &str) -> String {
        Sha256::digest(text.as_bytes())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    fn assert_hash_fits(name: &str, canonical_request: &str, string_to_sign: &str) {
        assert_eq!(
            string_to_sign.lines().last(),
            Some(sha256_hex(canonical_request).as_str()),
            "{name}"
        );
    }

    #[test]
    fn suite_is_complete() {
        let cases = suite();
        assert_eq!(cases.len(), 38);
        let names: BTreeSet<_> = cases.iter().map(|case| case.name.as_str()).collect();
        assert_eq!(names.len(), 38);
        assert_eq!(cases.iter().filter(|case| !case.normalize).count(), 7);
        assert_eq!(cases.iter().filter(|case| case.sign_body).count(), 2);
        for name in ["get-space-normalized", "get-space-unnormalized"] {
            let case = cases.iter().find(|case| case.name == name).unwrap();
            assert_eq!(case.request.path, "/example space/");
        }
    }

    #[test]
    fn suite_hashes_fit() {
        for case in suite() {
            let (header, query) = (&case.header, &case.query);
            assert_hash_fits(
                &case.name,
                &header.canonical_request,
                &header.string_to_sign,
            );
            assert_hash_fits(&case.name, &query.canonical_request, &query.string_to_sign);
            assert!(header.authorization.ends_with(&header.signature));
            assert!(query.signed_target.ends_with(&query.signature));
        }
    }

    #[test]
    fn docs_by_kind() {
        let vectors = docs();
        let count = |kind| vectors.iter().filter(|vector| vector.kind == kind).count();
        assert_eq!(count(DocKind::RequestHeader), 15);
        assert_eq!(count(DocKind::RequestQuery), 10);
        assert_eq!(count(DocKind::DerivedKey), 2);
        assert_eq!(count(DocKind::InteropNonconformant), 1);
        assert_eq!(count(DocKind::Chunked), 3);
        for vector in &vectors {
            let expected = &vector.expected;
            if let (Some(request), Some(to_sign)) =
                (&expected.canonical_request, &expected.string_to_sign)
            {
                assert_hash_fits(&vector.id, request, to_sign);
            } else {
                assert!(!matches!(
                    vector.kind,
                    DocKind::RequestHeader | DocKind::RequestQuery
                ));
            }
        }
    }

    #[test]
    fn adversarial_bases_are_known() {
        let cases = adversarial();
        assert_eq!(cases.len(), 215);
        let bases = adversarial_bases();
        assert_eq!(bases.len(), 12);
        for case in cases {
            assert!(bases.contains_key(&case.base), "{}", case.id);
        }
    }

    #[test]
    fn oracle_hashes_fit() {
        let cases = oracle();
        assert_eq!(cases.len(), 300);
        for case in cases {
            let expect = &case.expect;
            assert_hash_fits(&case.id, &expect.canonical_request, &expect.string_to_sign);
            assert_eq!(case.mode == "header", expect.authorization.is_some());
            assert_eq!(case.mode == "query", expect.wire_query.is_some());
            assert_eq!(case.mode == "query", case.expires.is_some());
            let _ = case.body();
        }
    }

    #[test]
    fn corpus_requests_parse() {
        let cases = corpus();
        assert_eq!(cases.len(), 220);
        for case in cases {
            let request = case.request();
            assert!(request.method == case.method || case.client.starts_with("rclone"));
            assert_eq!(request.header_values("host").count(), 1);
            let presigned = request.query.windows(16).any(|w| w == b"X-Amz-Signature=");
            let header = request.header_values("authorization").count();
            assert_eq!(
                header,
                usize::from(!presigned),
                "{} {}",
                case.client,
                case.shape
            );
            assert!(case.check.chunked.is_none() && !case.http_chunked);
        }
    }

    #[test]
    fn chunked_requests_parse() {
        let cases = chunked();
        assert_eq!(cases.len(), 19);
        for case in cases {
            assert!(case.check.chunked.is_some() && case.check.flag == "ok");
            assert!(!case.request().body.is_empty());
        }
    }

    #[test]
    fn samples_read_by_path() {
        assert_eq!(oracle_from(data("oracle.jsonl")).len(), oracle().len());
        assert_eq!(corpus_from(data("corpus.jsonl")).len(), corpus().len());
    }

    #[test]
    fn request_taken_apart() {
        let request = RawRequest::parse(
            b"PUT /a b?c?d HTTP/1.1\r\nHoSt: \tx \r\nE:\r\ncontent-length: 2\r\n\r\nhiJUNK",
        );
        assert_eq!(request.method, "PUT");
        assert_eq!(request.target, b"/a b?c?d");
        assert_eq!(request.path, b"/a b");
        assert_eq!(request.query, b"c?d");
        assert_eq!(request.headers[0], ("HoSt".to_owned(), b"x".to_vec()));
        assert_eq!(request.headers[1], ("E".to_owned(), Vec::new()));
        assert_eq!(request.body, b"hi");
    }

    #[test]
    fn base64_decoded() {
        assert_eq!(decode_base64(""), b"");
        assert_eq!(decode_base64("AA=="), [0]);
        assert_eq!(decode_base64("+/8="), [0xfb, 0xff]);
        assert_eq!(decode_base64("Zm9v"), b"foo");
    }

    #[test]
    #[should_panic(expected = "base64 digit")]
    fn base64_refuses_other_digits() {
        decode_base64("Zm-v");
    }
}
