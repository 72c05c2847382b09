//! [`CanonicalRules`]: how services differ, as data.

/// How a request is brought into canonical form for one service.
///
/// [`for_service`](Self::for_service) knows what AWS's services do; every field can be changed.
///
/// ```
/// use sigv4::{CanonicalRules, PathRule, PlusPolicy};
///
/// let mut rules = CanonicalRules::for_service("execute-api");
/// assert_eq!(rules.path, PathRule::SERVICE);
/// rules.plus = PlusPolicy::Refuse;
/// assert_eq!(CanonicalRules::for_service("s3").path, PathRule::S3);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct CanonicalRules {
    /// What happens to the path.
    pub path: PathRule,
    /// What a literal `+` in the query means.
    pub plus: PlusPolicy,
    /// How query parameters are ordered.
    pub query_order: QueryOrder,
    /// Whether signing adds the header `x-amz-content-sha256`.
    pub content_sha256: ContentSha256,
    /// What signing with headers does with a session token.
    pub session_token: TokenPlacement,
    /// What presigning does with a session token.
    pub presigned_session_token: TokenPlacement,
    /// Whether a presigned request leaves its body unsigned unless told otherwise.
    pub presign_unsigned_payload: bool,
}

impl CanonicalRules {
    /// The rules of most services.
    pub const SERVICE: Self = Self {
        path: PathRule::SERVICE,
        plus: PlusPolicy::Space,
        query_order: QueryOrder::NameThenValue,
        content_sha256: ContentSha256::IfPresent,
        session_token: TokenPlacement::Signed,
        presigned_session_token: TokenPlacement::Signed,
        presign_unsigned_payload: false,
    };

    /// The rules of the S3 family.
    pub const S3: Self = Self {
        path: PathRule::S3,
        content_sha256: ContentSha256::Always,
        presign_unsigned_payload: true,
        ..Self::SERVICE
    };

    /// The rules for a signing name.
    ///
    /// * `s3`, `s3express`, `s3-object-lambda`, `s3-outposts`: the S3 family.
    /// * `aoss`, `glacier`, `vpc-lattice-svcs`: need `x-amz-content-sha256` (for VPC Lattice sign
    ///   [`PayloadHash::Unsigned`](crate::PayloadHash::Unsigned), which is all that it takes).
    /// * `iotdevicegateway`: the session token of a presigned request follows the signature.
    /// * Anything else: [`SERVICE`](Self::SERVICE).
    #[must_use]
    pub fn for_service(service: &str) -> Self {
        match service {
            "s3" | "s3express" | "s3-object-lambda" | "s3-outposts" => Self::S3,
            "aoss" | "glacier" => Self {
                content_sha256: ContentSha256::Always,
                ..Self::SERVICE
            },
            "vpc-lattice-svcs" => Self {
                content_sha256: ContentSha256::Always,
                presign_unsigned_payload: true,
                ..Self::SERVICE
            },
            "iotdevicegateway" => Self {
                presigned_session_token: TokenPlacement::AppendedUnsigned,
                ..Self::SERVICE
            },
            _ => Self::SERVICE,
        }
    }
}

/// What happens to the path as it stands on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct PathRule {
    /// Remove `.` and `..` segments and repeated slashes. `/a/b/..` becomes `/a`.
    pub normalize: bool,
    /// How the bytes are written.
    pub encoding: PathEncoding,
}

impl PathRule {
    /// Most services: normalize, then encode what is on the wire once more (`%20` becomes `%2520`).
    pub const SERVICE: Self = Self {
        normalize: true,
        encoding: PathEncoding::Again,
    };
    /// The S3 family: decode once, encode strictly, keep dots and slashes as they are.
    pub const S3: Self = Self {
        normalize: false,
        encoding: PathEncoding::DecodeThenEncode,
    };
    /// The path exactly as on the wire. Control bytes are refused.
    pub const VERBATIM: Self = Self {
        normalize: false,
        encoding: PathEncoding::Verbatim,
    };

    /// A rule from its two parts.
    #[must_use]
    pub const fn new(normalize: bool, encoding: PathEncoding) -> Self {
        Self {
            normalize,
            encoding,
        }
    }
}

/// How the bytes of a path are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum PathEncoding {
    /// Every byte but `A-Z a-z 0-9 - . _ ~ /` is percent-encoded, `%` too.
    Again,
    /// Percent-decoded once, then encoded as with [`Again`](Self::Again). A bad escape is refused.
    DecodeThenEncode,
    /// As [`DecodeThenEncode`](Self::DecodeThenEncode), but an encoded slash becomes a plain one: what the JavaScript
    /// libraries aws4 and aws4fetch sign for S3. Two different keys then have one canonical form.
    DecodeSlashToo,
    /// As on the wire.
    Verbatim,
}

/// What a literal `+` in a query means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum PlusPolicy {
    /// A space, `%20`: how AWS's services read it.
    Space,
    /// A plus, `%2B`.
    Literal,
    /// Refused: the two ends might not agree.
    Refuse,
}

/// How query parameters are ordered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum QueryOrder {
    /// By encoded name, then by encoded value: the rule.
    NameThenValue,
    /// By encoded name only, values in the order of the wire: what minio-java signs.
    NameOnly,
}

/// Whether signing adds the header `x-amz-content-sha256`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ContentSha256 {
    /// Always.
    Always,
    /// Only where the request has it already, or where the payload is not a plain hash and so has to be named.
    IfPresent,
}

/// What signing does with a session token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum TokenPlacement {
    /// Sent and signed.
    Signed,
    /// Sent, but added after signing.
    AppendedUnsigned,
    /// Not sent: the caller does.
    Omitted,
}
