//! The subcommands, one file each.

pub mod api;
pub mod demo;
pub mod explain;
pub mod lambda;
pub mod manual;
pub mod presign;
pub mod serve;
pub mod verify;
pub mod whoami;
pub mod ws;

use crate::args::RequestArgs;
use crate::infer;

/// Where a subcommand says that it is an API, a custom domain is no guess.
fn is_api(request: &mut RequestArgs) {
    let url = url::Url::parse(request.url()).ok();
    let known = url.and_then(|url| infer::infer(url.host_str()?, url.path()));
    if known.is_none() && request.service.is_none() {
        request.service = Some("execute-api".to_owned());
    }
}
