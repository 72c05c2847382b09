//! How to sign, against the default.

use sigv4::{Expires, PayloadHash};

use crate::args::RequestArgs;
use crate::failure::Failure;

/// How to sign, against the default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Controls {
    /// Headers to sign that are left out by default.
    pub signed_headers: Vec<String>,
    /// Headers to leave out.
    pub unsigned_headers: Vec<String>,
    /// Sign in the query, for this long.
    pub presign: Option<Expires>,
    /// Send a plain request.
    pub plain: bool,
}

impl Controls {
    pub(super) fn new(args: &RequestArgs) -> Result<Self, Failure> {
        let signing = &args.signing;
        if signing.expires.is_some() && !signing.presign {
            return Err(Failure::usage("--expires goes with --presign"));
        }
        let expires = || signing.expires.map_or_else(|| Expires::from_secs(900), Ok);
        let presign = signing.presign.then(expires).transpose();
        Ok(Self {
            signed_headers: signing.sign_header.clone(),
            unsigned_headers: signing.no_sign_header.clone(),
            presign: presign.map_err(|error| Failure::usage(error.to_string()))?,
            plain: signing.no_sign,
        })
    }
}

/// The payload line that options ask for, which is not another than that of the header.
pub(super) fn payload(
    args: &RequestArgs,
    header: Option<PayloadHash>,
) -> Result<Option<PayloadHash>, Failure> {
    let option = match (args.signing.payload_hash, args.signing.unsigned_payload) {
        (Some(hash), _) => Some(hash),
        (None, true) => Some(PayloadHash::Unsigned),
        (None, false) => None,
    };
    match (option, header) {
        (Some(option), Some(header)) if option != header => Err(Failure::usage(
            "-H 'x-amz-content-sha256: …' says another thing about the body than --unsigned-payload or --payload-hash",
        )),
        (option, header) => Ok(option.or(header)),
    }
}
