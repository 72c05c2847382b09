//! Reads the command line: clap, and what clap cannot do.

mod config;
mod refused;
pub(crate) mod words;

use std::ffi::OsString;

use clap::error::{ContextKind, ErrorKind};
use clap::{CommandFactory, FromArgMatches};

use crate::args::Cli;
use crate::exit::Exit;

/// Reads `argv`, the program's name first.
///
/// # Errors
///
/// clap's, for a wrong command line and for `--help` and `--version` alike.
pub fn parse(argv: Vec<OsString>) -> Result<Cli, clap::Error> {
    if argv.get(1).is_some_and(|word| word == "lambda") {
        // Its words are its own.
        return read(argv);
    }
    let mut operations = operations(argv)?.into_iter();
    let mut cli = parse_one(operations.next().unwrap_or_default())?;
    let more = operations.map(|argv| {
        let next = parse_one(argv)?;
        if cli.command.is_some() || next.command.is_some() {
            return Err(wrong("--next goes with requests, not with subcommands"));
        }
        Ok(next.request)
    });
    cli.more = more.collect::<Result<_, _>>()?;
    let requests = || std::iter::once(&cli.request).chain(&cli.more);
    if requests().any(|request| request.building.disable) {
        return Err(wrong("-q has to be the first option"));
    }
    let mut urls = requests().flat_map(|request| &request.urls.0);
    if let Some(name) = urls.find(|url| SUBCOMMANDS.contains(&url.as_str())) {
        return Err(wrong(&format!(
            "'{name}' is a subcommand, which has to be the first word (http://{name}/ is the host of that name)"
        )));
    }
    if requests().any(|request| request.building.next) {
        return Err(wrong("-: and --next have to be words of their own"));
    }
    Ok(cli)
}

/// The command lines between the `--next`s, with the config files put in.
fn operations(argv: Vec<OsString>) -> Result<Vec<Vec<OsString>>, clap::Error> {
    let mut argv = argv.into_iter();
    let program = argv.next().unwrap_or_else(|| "sigcurl".into());
    let mut given: Vec<_> = argv.collect();
    let is_request = |word: &OsString| !SUBCOMMANDS.iter().any(|name| word == name);
    let mut all = Vec::new();
    if given
        .first()
        .is_some_and(|word| word == "-q" || word == "--disable")
    {
        given.remove(0);
    } else if given.first().is_none_or(is_request)
        && let Some(file) = config::default_file()
    {
        all.extend(["--config".into(), file.into_os_string()]);
    }
    all.append(&mut given);

    if !all.iter().any(divides) {
        // Describing a hundred options takes as long as all the rest of reading them.
        return Ok(vec![std::iter::once(program).chain(all).collect()]);
    }
    let command = Cli::command();
    let mut operations = vec![vec![program.clone()]];
    put_in(&command, &all, &program, &mut operations, 0)?;
    Ok(operations)
}

/// Whether a word could be `--next` or `--config`, however it is written. Yes is not certain.
fn divides(word: &OsString) -> bool {
    let bytes = word.as_encoded_bytes();
    match bytes.strip_prefix(b"--") {
        Some(long) => long.starts_with(b"ne") || long.starts_with(b"con"),
        None => bytes.starts_with(b"-") && bytes.iter().any(|byte| matches!(byte, b':' | b'K')),
    }
}

fn put_in(
    command: &clap::Command,
    all: &[OsString],
    program: &OsString,
    operations: &mut Vec<Vec<OsString>>,
    depth: usize,
) -> Result<(), clap::Error> {
    if depth > MAX_CONFIG_DEPTH {
        return Err(wrong("config files name one another without end"));
    }
    for stretch in words::stretches(command, all) {
        match stretch {
            words::Stretch::Next => operations.push(vec![program.clone()]),
            words::Stretch::Config(file) => match config::words(&file) {
                Ok(more) => put_in(command, &more, program, operations, depth + 1)?,
                Err(config::Wrong::Unread(why)) => {
                    return Err(clap::Error::raw(ErrorKind::Io, why));
                }
                Err(config::Wrong::Syntax(why)) => return Err(wrong(&why)),
            },
            words::Stretch::Words(words) => {
                operations
                    .last_mut()
                    .into_iter()
                    .for_each(|last| last.extend(words.iter().cloned()));
            }
        }
    }
    Ok(())
}

fn wrong(why: &str) -> clap::Error {
    clap::Error::raw(ErrorKind::ValueValidation, why)
}

/// The exit code for a wrong command line.
#[must_use]
pub fn exit(error: &clap::Error) -> Exit {
    match error.kind() {
        ErrorKind::Io => Exit::Read,
        _ => Exit::Usage,
    }
}

/// One command line without `--next`.
fn parse_one(argv: Vec<OsString>) -> Result<Cli, clap::Error> {
    let argv = presign_json(argv);
    let curls = with_data_binary_values(&argv);
    match read(curls) {
        // With the value taken for data, there is no URL left: it was awscurl's switch.
        Err(error) if error.kind() == ErrorKind::MissingRequiredArgument => {
            read(argv).map_err(|_| error)
        }
        parsed => parsed,
    }
}

/// `sigcurl presign --json` and `sigcurl explain --json` print JSON: there `--json` is no data.
fn presign_json(mut argv: Vec<OsString>) -> Vec<OsString> {
    if argv
        .get(1)
        .is_some_and(|word| word == "presign" || word == "explain")
    {
        for word in argv.iter_mut().filter(|word| *word == "--json") {
            *word = "--print-json".into();
        }
    }
    argv
}

fn read(argv: Vec<OsString>) -> Result<Cli, clap::Error> {
    let asks_for_help = |word: &OsString| {
        let bytes = word.as_encoded_bytes();
        bytes.starts_with(b"--h") || bytes.starts_with(b"-") && bytes.contains(&b'h')
    };
    let command = if argv.iter().any(asks_for_help) {
        command()
    } else {
        Cli::command()
    };
    Cli::from_arg_matches(&command.try_get_matches_from(argv)?)
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
        ErrorKind::UnknownArgument => {
            let option = error.get(ContextKind::InvalidArg).map(ToString::to_string);
            let why = option.as_deref().and_then(refused::why);
            if let Some((option, why)) = option.zip(why) {
                return format!("{option} is not here: {why}");
            }
        }
        _ => {}
    }
    format!("{} (see sigcurl --help)", one_line(error))
}

/// What clap says, in one line and without its advice.
pub(crate) fn one_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let about_it = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    // The advice to write `-- --option` is never what was meant.
    let about_it = about_it.filter(|line| !line.is_empty() && !line.starts_with("tip: to pass"));
    let line = about_it.collect::<Vec<_>>().join("; ");
    line.strip_prefix("error: ").unwrap_or(&line).to_owned()
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

/// The first words that are no URLs.
const SUBCOMMANDS: [&str; 11] = [
    "api",
    "completions",
    "demo",
    "explain",
    "lambda",
    "man",
    "presign",
    "serve",
    "verify",
    "whoami",
    "ws",
];

/// curl's own.
const MAX_CONFIG_DEPTH: usize = 10;

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
  sigcurl lambda invoke my-function '{\"name\": \"Rex\"}' --log
      What the function returns, and the end of its log (see sigcurl lambda --help)
  sigcurl whoami --online
      Which keys these are, where they come from, and whose
  sigcurl --retry 5 --retry-all-errors -C - -O https://bucket.s3.eu-west-1.amazonaws.com/backup.tar
      Goes on where it stopped, five times more if need be
  sigcurl api abc123.eu-west-1/prod/pets
      By the id of the API
  sigcurl ws wss://abc123.execute-api.eu-west-1.amazonaws.com/prod
      Lines out, lines in
  sigcurl --target DynamoDB_20120810.ListTables https://dynamodb.eu-west-1.amazonaws.com/
      A JSON API; --action GetCallerIdentity is for those that speak Query
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

    #[test]
    fn every_subcommand_is_known_beforehand() {
        let command = Cli::command();
        let mut names: Vec<_> = command
            .get_subcommands()
            .map(clap::Command::get_name)
            .collect();
        names.sort_unstable();
        assert_eq!(names, SUBCOMMANDS);
    }

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
            let data_of = |(_, data): &(_, OsString)| data.to_string_lossy().into_owned();
            let found: Vec<_> = request.body.data.iter().map(data_of).collect();
            assert_eq!(found.join(" "), data, "{line}");
            assert_eq!(request.urls.0, [url], "{line}");
        }
    }

    #[test]
    fn a_subcommand_comes_first_and_everything_else_is_a_url() {
        assert!(parsed("demo").command.is_some());
        for line in ["http://demo", "demo/", "demo.example.com"] {
            let cli = parsed(line);
            assert!(cli.command.is_none(), "{line}");
            assert!(!cli.request.url().is_empty(), "{line}");
        }
        // Whoever types this means the subcommand, and would send signed requests to hosts called lambda and list.
        for line in ["-v demo", "--role-arn R lambda list", "http://h/ -- ws"] {
            let argv = std::iter::once("sigcurl").chain(line.split(' '));
            let error = parse(argv.map(OsString::from).collect()).unwrap_err();
            assert!(
                complaint(&error).contains("has to be the first word"),
                "{line}"
            );
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
