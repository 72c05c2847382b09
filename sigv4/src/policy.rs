//! [`VerifyPolicy`]: what a verifier demands and tolerates, as data.

use alloc::string::String;
use alloc::vec::Vec;

use crate::rules::PlusPolicy;

/// What a verifier demands and tolerates.
///
/// [`for_service`](Self::for_service) gives the strict default. Every field that loosens it is named after what then
/// passes; each exists since a real client or an older AWS rule needs it.
///
/// ```
/// use sigv4::VerifyPolicy;
///
/// let mut policy = VerifyPolicy::for_service("s3");
/// assert_eq!(policy.max_skew, 900);
/// policy.accept_unsigned_headers.push("x-amz-meta-note".into());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifyPolicy {
    /// How far the request's clock may be from the verifier's, in seconds: 300 for execute-api, lambda, dynamodb,
    /// kinesis and rekognition, 900 for the others.
    pub max_skew: u32,
    /// The longest expiry of a presigned request, in seconds; at most 604800.
    pub max_expires: u32,
    /// The header `x-amz-content-sha256` must be there: S3's header signatures.
    pub require_content_sha256: bool,
    /// A presigned request without a payload hash means `UNSIGNED-PAYLOAD` (S3), not the hash of its body.
    pub presigned_is_unsigned_payload: bool,
    /// A literal `+` in the query. `Refuse` for S3, where clients and servers disagree and a swap with `%20` or `%2B`
    /// would change the request unnoticed; `Space` for the others, which is how AWS's services read it.
    pub plus: PlusPolicy,
    /// Two query parameters whose names differ only in case are refused: for Query services such as STS, whose
    /// front ends have folded case (CVE-2022-2385).
    pub refuse_case_variant_parameters: bool,
    /// An unknown `X-Amz-Algorithm` counts as no authentication at all, as Query services and API Gateway have it; S3
    /// says what is wrong.
    pub unknown_query_algorithm_is_missing: bool,
    /// A signed but absent `Expect` counts as `100-continue`: HTTP servers answer it and take it away.
    pub restore_expect: bool,
    /// The host must be one of these. Empty: any, since the host is signed. Compared in lower case.
    pub hosts: Vec<String>,
    /// Limits that are checked before anything is hashed.
    pub limits: Limits,

    /// Tolerates: `UNSIGNED-PAYLOAD` in a header signature. Only sound over TLS. (curl -T, AWS CLI over https.)
    pub accept_unsigned_payload: bool,
    /// Tolerates: a named streaming mode whose chunks the caller verifies, with [`ChunkDecoder`](crate::ChunkDecoder).
    pub accept_streaming_payload: bool,
    /// Tolerates: chunks of less than 8 KiB before the last one, which S3 refuses. Each costs a signature.
    pub accept_small_chunks: bool,
    /// Tolerates: these `x-amz-*` headers unsigned, in lower case. (aws-requests-auth, go-minio's checksum headers.)
    /// `x-amz-content-sha256` never needs to be here: its value is signed as the payload line.
    pub accept_unsigned_headers: Vec<String>,
    /// Tolerates: a list of signed headers that is not sorted, where the text that was signed has it sorted.
    pub accept_unsorted_signed_headers: bool,
    /// Tolerates: a `Date` header in HTTP's form instead of X-Amz-Date (the rule of 2011).
    pub accept_http_date: bool,
    /// Tolerates: a presigned request without `X-Amz-Expires`, then good for `max_skew` (STS).
    pub accept_missing_expires: bool,
    /// Tolerates: a path signed exactly as sent, where S3 would decode and encode it. (AWS SDKs, with `+` and the
    /// like raw in a key.) A raw `+` is then accepted as `accept_plus_in_path` has it, too. Only for services whose
    /// path is decoded, which is the S3 family.
    pub accept_path_as_sent: bool,
    /// Tolerates: a raw `+` in an S3 path, signed as a plus (`%2B`). S3 itself reads it as a space; without this or
    /// `accept_path_as_sent` it is refused. (minio-go, awscurl.)
    pub accept_plus_in_path: bool,
    /// Tolerates: a path signed with its encoded slashes as plain ones. (aws4, aws4fetch.) Only for services whose path
    /// is decoded, which is the S3 family.
    pub accept_encoded_slash_as_slash: bool,
    /// Tolerates: a signed but absent `Expect` whose value was signed as empty. (curl 7.88 with a body.)
    pub accept_empty_expect: bool,
    /// Tolerates: repeated query parameters signed in the order of the wire. (minio-java.)
    pub accept_query_sorted_by_name: bool,
}

/// Limits on a request's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of path.
    pub path: usize,
    /// Bytes of query.
    pub query: usize,
    /// Number of query parameters.
    pub query_parameters: usize,
    /// Number of headers.
    pub headers: usize,
    /// Bytes of header names and values together.
    pub header_bytes: usize,
    /// Bytes of body, where its length is known beforehand and where [`BodyHasher`](crate::BodyHasher) counts it.
    pub body: u64,
    /// Bytes of a signed chunk, which is held until its signature is checked.
    pub chunk: usize,
    /// Bytes of trailers after the last chunk.
    pub trailer_bytes: usize,
}

impl Default for Limits {
    /// 16 KiB of path, 64 KiB of query, 1,000 parameters, 200 headers, 64 KiB of headers, 5 GiB of body (the largest
    /// single upload to S3), 16 MiB of chunk, 4 KiB of trailers.
    fn default() -> Self {
        Self {
            path: 16 * 1024,
            query: 64 * 1024,
            query_parameters: 1_000,
            headers: 200,
            header_bytes: 64 * 1024,
            body: 5 * 1024 * 1024 * 1024,
            chunk: 16 * 1024 * 1024,
            trailer_bytes: 4 * 1024,
        }
    }
}

impl VerifyPolicy {
    /// The strict policy for a signing name.
    #[must_use]
    pub fn for_service(service: &str) -> Self {
        let base = Self {
            max_skew: 900,
            max_expires: 604_800,
            require_content_sha256: false,
            presigned_is_unsigned_payload: false,
            plus: PlusPolicy::Space,
            refuse_case_variant_parameters: false,
            unknown_query_algorithm_is_missing: true,
            restore_expect: false,
            hosts: Vec::new(),
            limits: Limits::default(),
            accept_unsigned_payload: false,
            accept_streaming_payload: false,
            accept_small_chunks: false,
            accept_unsigned_headers: Vec::new(),
            accept_unsorted_signed_headers: false,
            accept_http_date: false,
            accept_missing_expires: false,
            accept_path_as_sent: false,
            accept_plus_in_path: false,
            accept_encoded_slash_as_slash: false,
            accept_empty_expect: false,
            accept_query_sorted_by_name: false,
        };
        match service {
            "s3" | "s3express" | "s3-object-lambda" | "s3-outposts" => Self {
                require_content_sha256: true,
                presigned_is_unsigned_payload: true,
                plus: PlusPolicy::Refuse,
                unknown_query_algorithm_is_missing: false,
                restore_expect: true,
                ..base
            },
            "execute-api" | "lambda" | "dynamodb" | "kinesis" | "rekognition" => Self {
                max_skew: 300,
                ..base
            },
            // The services of the Query protocol, where the query names the action.
            "autoscaling"
            | "cloudformation"
            | "ec2"
            | "elasticache"
            | "elasticloadbalancing"
            | "iam"
            | "monitoring"
            | "rds"
            | "redshift"
            | "ses"
            | "sns"
            | "sqs"
            | "sts" => Self {
                refuse_case_variant_parameters: true,
                ..base
            },
            // VPC Lattice takes no signed payloads at all.
            "vpc-lattice-svcs" => Self {
                accept_unsigned_payload: true,
                presigned_is_unsigned_payload: true,
                ..base
            },
            _ => base,
        }
    }
}
