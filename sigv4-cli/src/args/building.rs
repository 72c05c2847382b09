//! The options that build requests, as curl has them.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use super::{CREDENTIALS, REQUEST, Secret};

/// What a request is made of beside method, headers and data.
#[derive(Debug, Clone, Default, Args)]
pub struct BuildingArgs {
    /// Put the data into the query and send no body
    #[arg(short = 'G', long, help_heading = REQUEST)]
    pub get: bool,

    /// Add to the query, as --data-urlencode reads it; '+TEXT' goes as it is
    #[arg(long, value_name = "DATA", allow_hyphen_values = true, help_heading = REQUEST)]
    pub url_query: Vec<OsString>,

    /// PUT the file, or '-' for standard input; a URL that ends in '/' gets the file's name. With several URLs the n-th is for the n-th
    #[arg(short = 'T', long, value_name = "FILE", help_heading = REQUEST)]
    pub upload_file: Vec<OsString>,

    /// HEAD, and print the answer's headers
    #[arg(short = 'I', long, help_heading = REQUEST)]
    pub head: bool,

    /// Ask for a part only, such as 0-99, 100- or -100 (bytes)
    #[arg(short, long, value_name = "RANGE", allow_hyphen_values = true, help_heading = REQUEST)]
    pub range: Option<String>,

    /// User-Agent; '' sends none
    #[arg(short = 'A', long, value_name = "TEXT", help_heading = REQUEST)]
    pub user_agent: Option<String>,

    /// Referer
    #[arg(short = 'e', long, value_name = "URL", help_heading = REQUEST)]
    pub referer: Option<String>,

    /// Send this Cookie header, NAME=VALUE; several are joined with '; '. No cookies are kept
    #[arg(short = 'b', long, value_name = "DATA", help_heading = REQUEST)]
    pub cookie: Vec<String>,

    /// Take '{}' and '[]' in URLs literally, which is what happens anyway
    #[arg(short = 'g', long, help_heading = REQUEST)]
    pub globoff: bool,

    /// The options behind it are for the URLs behind it, and those before it are not, but for -v
    #[arg(short = ':', long, help_heading = REQUEST)]
    pub next: bool,

    /// With several URLs: stop at the first failure
    #[arg(long, help_heading = REQUEST)]
    pub fail_early: bool,

    /// Read options from FILE, in curl's syntax; '-' is standard input
    #[arg(short = 'K', long, value_name = "FILE", help_heading = REQUEST)]
    pub config: Vec<PathBuf>,

    /// As the first option: do not read $XDG_CONFIG_HOME/sigcurl/config or ~/.sigcurlrc
    #[arg(short = 'q', long, help_heading = REQUEST)]
    pub disable: bool,

    /// Call an operation of a JSON API, such as DynamoDB_20120810.ListTables: POST with this X-Amz-Target, its Content-Type,
    /// and {} where there is no data
    #[arg(long, value_name = "NAME", conflicts_with_all = ["action", "get", "head"], help_heading = REQUEST)]
    pub target: Option<String>,

    /// Call an action of a Query API, such as GetCallerIdentity: a form of Action, Version and the data
    #[arg(long, value_name = "NAME", conflicts_with = "head", help_heading = REQUEST)]
    pub action: Option<String>,

    /// The Query API's version, such as 2011-06-15; the usual services need none
    #[arg(long, value_name = "DATE", requires = "action", help_heading = REQUEST)]
    pub api_version: Option<String>,

    /// As in curl: region and service to sign for, with -u KEY:SECRET
    #[arg(long, value_name = "aws:amz[:REGION[:SERVICE]]", help_heading = CREDENTIALS)]
    pub aws_sigv4: Option<String>,

    /// As in curl: the keys, with --aws-sigv4. Others on this machine can see them: prefer the environment
    #[arg(short, long, value_name = "KEY:SECRET", help_heading = CREDENTIALS)]
    pub user: Option<Secret>,
}
