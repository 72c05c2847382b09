//! `sigcurl explain`

use crate::args::ExplainArgs;
use crate::failure::Failure;
use crate::plan::Env;

/// todo
pub fn run(_: &ExplainArgs, _: Env<'_>) -> Result<(), Failure> {
    Ok(())
}
