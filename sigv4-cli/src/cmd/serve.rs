//! `sigcurl serve`

use crate::args::ServeArgs;
use crate::failure::Failure;
use crate::plan::Env;
use crate::{run, serve};

/// `sigcurl serve`
///
/// # Errors
///
/// If the options contradict each other, a file cannot be read, or a port is taken.
pub fn run(args: &ServeArgs, env: Env<'_>) -> Result<(), Failure> {
    run::on_runtime(serve::serve(args, env))
}
