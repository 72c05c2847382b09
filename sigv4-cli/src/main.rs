//! `sigcurl`: one request, signed with AWS Signature Version 4.

use std::process::ExitCode;

use sigcurl::args::{Cli, Command};
use sigcurl::failure::Failure;
use sigcurl::{argv, cmd, jobs, run};

fn main() -> ExitCode {
    match argv::parse(std::env::args_os().collect()) {
        Ok(cli) => report(execute(&cli)),
        // --help and --version come as errors, too.
        Err(error) if !error.use_stderr() => report(error.print().map_err(Failure::stdout)),
        Err(error) => report(Err(Failure::new(
            argv::exit(&error),
            argv::complaint(&error),
        ))),
    }
}

fn execute(cli: &Cli) -> Result<(), Failure> {
    match &cli.command {
        Some(Command::Demo(args)) => cmd::demo::run(args),
        Some(Command::Whoami(args)) => cmd::whoami::run(args, &environment),
        Some(Command::Completions(args)) => cmd::manual::completions(args),
        Some(Command::Man) => cmd::manual::man(),
        Some(Command::Presign(args)) => cmd::presign::run(args, &environment),
        Some(Command::Api(args)) => cmd::api::run(args, &environment),
        Some(Command::Ws(args)) => cmd::ws::run(args, &environment),
        Some(Command::Lambda(args)) => cmd::lambda::run(args, &environment),
        Some(Command::Serve(args)) => cmd::serve::run(args, &environment),
        Some(Command::Verify(args)) => cmd::verify::run(args, &environment),
        Some(Command::Explain(args)) => cmd::explain::run(args, &environment),
        None => run::run(&jobs::requests(cli)?, &environment),
    }
}

/// White space around a key is a slip of copy and paste, and never part of it.
fn environment(name: &str) -> Option<String> {
    let value = std::env::var(name).ok()?;
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

fn report(outcome: Result<(), Failure>) -> ExitCode {
    let Err(failure) = outcome else {
        return ExitCode::SUCCESS;
    };
    failure.tell();
    failure.exit().into()
}
