//! Reads the command line: clap, and what clap cannot do.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};

use crate::args::Cli;
use crate::exit::Exit;

/// Reads `argv`, the program's name first.
///
/// # Errors
///
/// clap's, for a wrong command line and for `--help` and `--version` alike.
pub fn parse(argv: Vec<OsString>) -> Result<Cli, clap::Error> {
    let curls = with_data_binary_values(&argv);
    match read(curls) {
        // With the value taken for data, there is no URL left: it was awscurl's switch.
        Err(error) if error.kind() == ErrorKind::MissingRequiredArgument => {
            read(argv).map_err(|_| error)
        }
        parsed => parsed,
    }
}

fn read(argv: Vec<OsString>) -> Result<Cli, clap::Error> {
    Cli::from_arg_matches(&command().try_get_matches_from(argv)?)
}

/// The command line as it is described to the user.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
        .after_help(EXAMPLES)
        .after_long_help(after_help())
}

/// Turns curl's `--data-binary DATA` into `--data=DATA`, and leaves awscurl's switch `--data-binary` alone.
///
/// * It takes a value unless it comes last or is followed by another option.
/// * [`parse`] takes that back where no URL would be left: `-d @file --data-binary URL` and `--data-binary URL`.
///
/// The two spellings mean the same since `--data` keeps every byte, too.
fn with_data_binary_values(argv: &[OsString]) -> Vec<OsString> {
    let mut joined: Vec<OsString> = Vec::with_capacity(argv.len());
    let mut rest = argv.iter().peekable();
    while let Some(argument) = rest.next() {
        if argument == "--" {
            joined.push(argument.clone());
            joined.extend(rest.cloned());
            break;
        }
        let value = if argument == "--data-binary" {
            rest.next_if(|next| !is_option(next))
        } else {
            None
        };
        let value = value
            .map(OsString::as_os_str)
            .or_else(|| after_equals(argument));
        joined.push(match value {
            Some(value) => {
                let mut data = OsString::from("--data=");
                data.push(value);
                data
            }
            None => argument.clone(),
        });
    }
    joined
}

/// The value of `--data-binary=value`.
fn after_equals(argument: &std::ffi::OsStr) -> Option<&std::ffi::OsStr> {
    // Only texts that are valid Unicode: cutting the others is not possible on every system.
    argument
        .to_str()?
        .strip_prefix("--data-binary=")
        .map(std::ffi::OsStr::new)
}

fn is_option(argument: &OsString) -> bool {
    argument.len() > 1 && argument.as_encoded_bytes().starts_with(b"-")
}

/// What is wrong with the command line, in one line.
#[must_use]
pub fn complaint(error: &clap::Error) -> String {
    match error.kind() {
        ErrorKind::MissingRequiredArgument => return "no URL (see sigcurl --help)".to_owned(),
        // Said of a second URL, which clap takes for a subcommand.
        ErrorKind::ArgumentConflict => return "more than one URL (see sigcurl --help)".to_owned(),
        _ => {}
    }
    let text = error.render().to_string();
    let about_it = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    // The advice to write `-- --option` is never what was meant.
    let about_it = about_it.filter(|line| !line.is_empty() && !line.starts_with("tip: to pass"));
    let line = about_it.collect::<Vec<_>>().join("; ");
    format!(
        "{} (see sigcurl --help)",
        line.strip_prefix("error: ").unwrap_or(&line)
    )
}

fn after_help() -> String {
    let mut text = format!(
        "{EXAMPLES}\n\nExit codes (curl's, where curl has one):\n   0  the answer is printed, whatever its status"
    );
    for exit in Exit::ALL {
        text.push_str(&format!("\n  {:>2}  {}", exit.code(), exit.meaning()));
    }
    text.push_str("\n\n");
    text.push_str(ENVIRONMENT);
    text
}

const EXAMPLES: &str = "\
Examples:
  sigcurl demo
      An IAM-authorized endpoint on loopback: one signed call, one unsigned
  sigcurl https://abc123.execute-api.eu-west-1.amazonaws.com/prod/pets
      Service and region are in the host
  sigcurl --region eu-west-1 https://api.example.com/pets
      A custom domain: the service is execute-api unless --service says otherwise
  sigcurl -d '{\"name\": \"Rex\"}' https://abc123.lambda-url.eu-west-1.on.aws/
      POST, application/json
  sigcurl -X PUT -d @photo.jpg -H 'Content-Type: image/jpeg' https://bucket.s3.eu-west-1.amazonaws.com/photo.jpg
  sigcurl --role-arn arn:aws:iam::123456789012:role/reader https://abc123.execute-api.eu-west-1.amazonaws.com/prod/pets
      With a role's session, kept until it expires
  sigcurl whoami --online
      Which keys these are, where they come from, and whose
  sigcurl --retry 5 --retry-all-errors -C - -O https://bucket.s3.eu-west-1.amazonaws.com/backup.tar
      Goes on where it stopped, five times more if need be
  sigcurl --dry-run -v https://abc123.execute-api.eu-west-1.amazonaws.com/prod/pets
      What would be sent, and how its signature comes about";

const ENVIRONMENT: &str = "\
Environment:
  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN (or AWS_SECURITY_TOKEN)
  AWS_PROFILE, AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE
  AWS_REGION, AWS_DEFAULT_REGION
  AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL    where STS is, if not at AWS
  XDG_CACHE_HOME                    sessions of assumed roles are in sigcurl/ there, else in ~/.cache/sigcurl/
  AWS_EC2_METADATA_DISABLED=true    ask no instance for keys
  HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY (small letters come first)
  AWS_CA_BUNDLE                     certificates to trust, and no others
  SSL_CERT_FILE, SSL_CERT_DIR       the system's certificates are here
  NO_COLOR                          --pretty without colour";

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Cli {
        let argv = std::iter::once("sigcurl")
            .chain(line.split_whitespace())
            .map(OsString::from)
            .collect();
        parse(argv).unwrap_or_else(|error| panic!("{line}: {error}"))
    }

    #[test]
    fn clap_agrees_with_itself() {
        Cli::command().debug_assert();
    }

    /// Command lines of awscurl (the first half) and of curl: data and URL that each means.
    #[test]
    fn data_binary_as_a_switch_and_with_a_value() {
        for (line, data, url) in [
            ("--data-binary -d @f http://h/", "@f", "http://h/"),
            ("-d @f --data-binary http://h/", "@f", "http://h/"),
            ("-d @f http://h/ --data-binary", "@f", "http://h/"),
            ("--data-binary http://h/", "", "http://h/"),
            ("--data-binary -X PUT -d x http://h/", "x", "http://h/"),
            ("--data-binary @f http://h/", "@f", "http://h/"),
            ("http://h/ --data-binary @f", "@f", "http://h/"),
            ("--data-binary=@f http://h/", "@f", "http://h/"),
            ("--data-binary - http://h/", "-", "http://h/"),
            ("-d a=1 --data-binary @f http://h/", "a=1 @f", "http://h/"),
            ("--data-binary @f -d a=1 http://h/", "@f a=1", "http://h/"),
        ] {
            let request = parsed(line).request;
            let found: Vec<_> = request
                .data
                .iter()
                .map(|data| data.to_string_lossy())
                .collect();
            assert_eq!(found.join(" "), data, "{line}");
            assert_eq!(request.url.as_deref(), Some(url), "{line}");
        }
    }

    #[test]
    fn a_subcommand_comes_first_and_everything_else_is_a_url() {
        assert!(parsed("demo").command.is_some());
        for line in [
            "http://demo",
            "demo/",
            "demo.example.com",
            "-v demo",
            "-- demo",
        ] {
            let cli = parsed(line);
            assert!(cli.command.is_none(), "{line}");
            assert!(cli.request.url.is_some(), "{line}");
        }
    }

    #[test]
    fn every_option_of_awscurl() {
        let line = "-v -i -X GET -d x -H a:b -k --fail-with-body --data-binary --region r --profile p --service s --access_key a \
                    --secret_key s --security_token t -L -o f --tls-min 1.2 --tls-max 1.3 http://h/";
        let request = parsed(line).request;
        assert!(
            request.verbose
                && request.include
                && request.insecure
                && request.fail_with_body
                && request.location
        );
        assert_eq!(
            request.session_token.as_ref().map(Secret::expose),
            Some("t")
        );

        let dashed = "--access-key a --secret-key s --session-token t --verbose --reg r http://h/";
        let request = parsed(dashed).request;
        assert_eq!(
            request.region.as_deref(),
            Some("r"),
            "an unambiguous beginning, as argparse allows"
        );
        assert!(
            !format!("{request:?}").contains("\"t\""),
            "Debug shows no secret"
        );
    }

    use crate::args::Secret;

    #[test]
    fn a_complaint_is_one_line() {
        for line in [
            "--nope http://h/",
            "",
            "--tls-min 9 http://h/",
            "--at yesterday http://h/",
            "a b",
        ] {
            let argv = std::iter::once("sigcurl")
                .chain(line.split_whitespace())
                .map(OsString::from)
                .collect();
            let complaint = complaint(&parse(argv).unwrap_err());
            assert!(
                !complaint.contains('\n') && complaint.ends_with("(see sigcurl --help)"),
                "{complaint}"
            );
        }
    }
}
