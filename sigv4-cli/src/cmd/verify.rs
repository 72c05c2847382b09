//! `sigcurl verify`

use crate::args::VerifyArgs;
use crate::failure::Failure;
use crate::plan::Env;

/// todo
pub fn run(_: &VerifyArgs, _: Env<'_>) -> Result<(), Failure> {
    Ok(())
}
