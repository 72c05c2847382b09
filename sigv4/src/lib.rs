//! Sign, presign and verify AWS Signature Version 4 requests.
//!
//! * Whoever signs and whoever verifies build the same canonical request with the same code.
//! * `no_std` (with `alloc`), no `unsafe`, no I/O, no clock, no logging.
//! * Fails closed: signing never yields an unsigned request, verifying never yields the signature it expected.
//!
//! ```text
//! sign    http::Request ─► RequestHead ─► +headers ─► CanonicalRequest ─► StringToSign ─► SigningKey::sign ──► Signature ─► SigningOutput ─► request
//! presign Uri ───────────► RequestHead ─► +query ───► CanonicalRequest ─► StringToSign ─► SigningKey::sign ──► Signature ─► PresignedQuery ─► Uri
//! verify  http::Request ─► RequestHead ─► Claim ────► (your look-up) ───► CanonicalRequest ─► StringToSign ─► SigningKey::verify ─► Verified
//! ```
//!
//! Start with [`Signer`] or [`Verifier`]. The README has a snippet for each.
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `std` (default) | `AmzDate::now`, `SharedKeyCache`, and a [`Signer`] that keeps the day's key |
//! | `http` | signing, presigning and verifying `http::Request` |
//! | `checksums` | checksums in the trailers of chunked bodies: CRC32, CRC32C, CRC64NVME, SHA-1, SHA-256 |
//! | `tower` | module `tower`: a layer that verifies, one that signs |
//! | `answers` | `Profile`: refusals as AWS words them, in each protocol |
//!
//! Features add and never change behaviour.
#![no_std]
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::todo,
    clippy::unreachable,
    clippy::unwrap_used
)]
#![warn(
    clippy::alloc_instead_of_core,
    clippy::exhaustive_enums,
    clippy::exhaustive_structs,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::string_slice,
        reason = "a test may panic"
    )
)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod algorithm;
#[cfg(feature = "answers")]
mod answer;
mod auth;
#[cfg(any(feature = "answers", feature = "checksums"))]
mod base64;
mod body;
mod canonical;
mod chunked;
mod credentials;
mod crypto;
mod day_key;
mod error;
mod explain;
#[cfg(feature = "http")]
mod http;
mod key;
mod key_cache;
mod known_headers;
mod names;
mod payload;
mod percent;
mod policy;
mod presign;
mod request;
mod rules;
mod scope;
mod sign;
mod signature;
mod string_to_sign;
mod text;
mod time;
#[cfg(feature = "tower")]
pub mod tower;
mod verify;

#[cfg(feature = "answers")]
pub use answer::{Profile, Protocol, Refusal, Refused};
pub use auth::{AuthKind, AuthParams, SignedHeaders};
pub use body::{BodyHasher, ReceivedBody};
pub use canonical::{CanonicalRequest, Scratch};
#[cfg(feature = "checksums")]
pub use chunked::ChecksumAlgorithm;
pub use chunked::{ChunkDecoder, ChunkEncoder, ChunkSigner, ChunkedPayload, EncodedChunk};
pub use credentials::{Credentials, SecretAccessKey, SessionToken};
pub use error::{
    CanonicalError, ChunkError, HeaderName, Limit, MissingParts, ParseError, ScopeMismatch,
    SignError, Skew, VerifyError,
};
pub use explain::Explanation;
pub use key::{DateKey, RegionKey, ServiceKey, SigningKey};
pub use key_cache::KeyCache;
#[cfg(feature = "std")]
pub use key_cache::SharedKeyCache;
pub use payload::{PayloadHash, StreamingMode};
pub use policy::{Limits, VerifyPolicy};
pub use presign::{Expires, PresignedQuery};
pub use request::{Header, RequestHead};
pub use rules::{
    CanonicalRules, ContentSha256, PathEncoding, PathRule, PlusPolicy, QueryOrder, TokenPlacement,
};
pub use scope::CredentialScope;
pub use sign::{ExistingAuth, Signer, SigningOutput};
pub use signature::Signature;
pub use string_to_sign::StringToSign;
pub use time::{AmzDate, ScopeDate};
pub use verify::{Claim, KeyLookup, KnownKey, Verified, VerifiedPayload, Verifier};

#[cfg(all(doctest, feature = "tower"))]
#[doc = include_str!("../../README.md")]
mod readme {}
