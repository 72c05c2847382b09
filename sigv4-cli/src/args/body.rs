//! The options that make up a body or a query. Their order counts, across options, so clap alone cannot read them.

use std::ffi::OsString;

use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::REQUEST;

/// The pieces of body or query, in the order of the command line.
#[derive(Debug, Clone, Default)]
pub struct BodyArgs {
    /// `-d` and its kin.
    pub data: Vec<(DataKind, OsString)>,
    /// `-F` and `--form-string`.
    pub form: Vec<(FormKind, OsString)>,
}

/// How the value of a data option is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataKind {
    /// `-d`: text, `@FILE` or `@-`.
    Data,
    /// `--data-raw`: text, whatever it begins with.
    Raw,
    /// `--data-urlencode`: text or file, percent-encoded.
    Urlencode,
    /// `--json`: as `-d`, and never behind a `&`.
    Json,
}

/// How the value of a form option is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormKind {
    /// `-F`: `@`, `<` and `;` mean something.
    Part,
    /// `--form-string`: nothing does.
    Text,
}

#[derive(Debug, Args)]
struct RawBodyArgs {
    /// Body: a text, @FILE, or @- for standard input. Sent byte for byte; several are joined with '&'
    #[arg(short, long, alias = "data-ascii", value_name = "DATA", allow_hyphen_values = true, help_heading = REQUEST)]
    data: Vec<OsString>,

    /// Body: a text, even if it begins with '@'
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, help_heading = REQUEST)]
    data_raw: Vec<OsString>,

    /// Body, percent-encoded: TEXT, =TEXT, NAME=TEXT, @FILE or NAME@FILE; the name goes as it is
    #[arg(long, value_name = "DATA", allow_hyphen_values = true, help_heading = REQUEST)]
    data_urlencode: Vec<OsString>,

    /// Body as with -d, with Content-Type and Accept application/json; several are joined with nothing
    #[arg(long, value_name = "DATA", allow_hyphen_values = true, help_heading = REQUEST)]
    json: Vec<OsString>,

    /// Part of a multipart form: NAME=TEXT, NAME=@FILE (a file) or NAME=<FILE (its text); ';type=' and ';filename=' may follow
    #[arg(short = 'F', long, value_name = "NAME=CONTENT", allow_hyphen_values = true, help_heading = REQUEST)]
    form: Vec<OsString>,

    /// Part of a multipart form whose text is taken as it is
    #[arg(long, value_name = "NAME=TEXT", allow_hyphen_values = true, help_heading = REQUEST)]
    form_string: Vec<OsString>,
}

impl Args for BodyArgs {
    fn augment_args(command: Command) -> Command {
        RawBodyArgs::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        RawBodyArgs::augment_args_for_update(command)
    }
}

impl FromArgMatches for BodyArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let data = [
            ("data", DataKind::Data),
            ("data_raw", DataKind::Raw),
            ("data_urlencode", DataKind::Urlencode),
            ("json", DataKind::Json),
        ];
        let form = [("form", FormKind::Part), ("form_string", FormKind::Text)];
        Ok(Self {
            data: in_order(matches, &data),
            form: in_order(matches, &form),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Where the requests go, in the order of the command line.
#[derive(Debug, Clone, Default)]
pub struct UrlArgs(pub Vec<String>);

#[derive(Debug, Args)]
struct RawUrlArgs {
    /// Where to send the request; `https://` is assumed where no scheme is given. Several are requested one by one
    #[arg(value_name = "URL", required_unless_present = "url")]
    urls: Vec<String>,

    /// Another way to give a URL
    #[arg(long, value_name = "URL", help_heading = REQUEST)]
    url: Vec<String>,
}

impl Args for UrlArgs {
    fn augment_args(command: Command) -> Command {
        RawUrlArgs::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        RawUrlArgs::augment_args_for_update(command)
    }
}

impl FromArgMatches for UrlArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let urls = in_order::<(), String>(matches, &[("urls", ()), ("url", ())]);
        Ok(Self(urls.into_iter().map(|((), url)| url).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The values of several options in the order in which they were given.
fn in_order<K: Copy, V: Clone + Send + Sync + 'static>(
    matches: &ArgMatches,
    options: &[(&str, K)],
) -> Vec<(K, V)> {
    let mut found = Vec::new();
    for (id, kind) in options {
        let places = matches.indices_of(id).into_iter().flatten();
        let values = matches.get_many::<V>(id).into_iter().flatten();
        found.extend(
            places
                .zip(values)
                .map(|(place, value)| (place, *kind, value.clone())),
        );
    }
    found.sort_by_key(|(place, ..)| *place);
    found
        .into_iter()
        .map(|(_, kind, value)| (kind, value))
        .collect()
}
