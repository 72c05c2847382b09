//! `sigcurl completions` and `sigcurl man`: written from the same description as `--help`.

use std::io::{self, Write};

use crate::args::CompletionsArgs;
use crate::argv;
use crate::failure::Failure;

/// `sigcurl completions SHELL`
///
/// # Errors
///
/// If standard output cannot be written to.
pub fn completions(args: &CompletionsArgs) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut argv::command(), "sigcurl", &mut script);
    print(&script)
}

/// `sigcurl man`
///
/// # Errors
///
/// If standard output cannot be written to.
pub fn man() -> Result<(), Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(argv::command())
        .render(&mut page)
        .map_err(Failure::stdout)?;
    print(&page)
}

fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(bytes)
        .and_then(|()| stdout.flush())
        .map_err(Failure::stdout)
}
