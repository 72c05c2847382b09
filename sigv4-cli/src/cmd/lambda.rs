//! `sigcurl lambda`: invoke functions and manage them.

mod code;
mod help;
mod invoke;
mod operate;
mod short;

use std::ffi::OsString;
use std::io::{self, Write};

use clap::{ArgMatches, Command};

use crate::args::LambdaArgs;
use crate::argv;
use crate::failure::Failure;
use crate::lambda::table::Operation;
use crate::plan::Env;

/// `sigcurl lambda COMMAND [OPTIONS]`
///
/// # Errors
///
/// As for a request, and with [`Exit::HttpStatus`](crate::exit::Exit::HttpStatus) for a refusal.
pub fn run(args: &LambdaArgs, env: Env<'_>) -> Result<(), Failure> {
    let (name, words) = match args.words.split_first() {
        Some((name, words)) => (name.to_string_lossy(), words),
        None => {
            return Err(Failure::usage(
                "lambda: no command (see sigcurl lambda --help)",
            ));
        }
    };
    match name.as_ref() {
        "-h" | "--help" | "help" => print(&help::all()),
        "invoke" => invoke::run(words, false, env),
        "invoke-with-response-stream" => invoke::run(words, true, env),
        _ => {
            if let Some((short, words)) = short::find(&name, words) {
                return operate::run_short(short, &words, env);
            }
            match Operation::named(&name) {
                Some(operation) => operate::run(&operation, words, env),
                None => Err(Failure::usage(format!(
                    "lambda: no command '{name}' (see sigcurl lambda --help)"
                ))),
            }
        }
    }
}

/// Reads words by a command; `None` = its help was asked for and is printed.
fn parse(command: Command, words: &[OsString]) -> Result<Option<ArgMatches>, Failure> {
    let name = command.get_name().to_owned();
    let command = command
        .no_binary_name(true)
        .infer_long_args(true)
        .args_override_self(true)
        .max_term_width(110);
    match command.try_get_matches_from(words) {
        Ok(matches) => Ok(Some(matches)),
        Err(error) if !error.use_stderr() => {
            error.print().map_err(Failure::stdout)?;
            Ok(None)
        }
        Err(error) => Err(Failure::new(
            argv::exit(&error),
            format!("{} (see {name} --help)", argv::one_line(&error)),
        )),
    }
}

fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(Failure::stdout)
}
