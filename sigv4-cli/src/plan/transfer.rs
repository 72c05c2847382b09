//! How to connect, when to try again, and what becomes of the answer.

use std::path::PathBuf;
use std::time::Duration;

use http::StatusCode;
use url::Url;

use super::{Env, Output};
use crate::args::RequestArgs;
use crate::args::transfer::{TransferArgs, When};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::proxy::Proxies;
use crate::redirect::MAX_REDIRECTS;
use crate::route::{Family, Routes};
use crate::write_out::Template;

/// How to connect, beyond TLS versions and time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// The version of HTTP, if it is not to be agreed on.
    pub http: Http,
    /// Where to connect instead of where the URL says.
    pub routes: Routes,
    /// Through which proxy.
    pub proxies: Proxies,
    /// From which network interface or local address.
    pub interface: Option<String>,
    /// Through which Unix domain socket.
    pub unix_socket: Option<PathBuf>,
    /// The certificates to trust, instead of the system's.
    pub trusted: Option<PathBuf>,
    /// The client's certificate.
    pub certificate: Option<PathBuf>,
    /// Its key.
    pub key: Option<PathBuf>,
    /// Bytes per second, each way.
    pub limit_rate: Option<u64>,
}

/// Versions of HTTP.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Http {
    /// HTTP/2 if a TLS server speaks it.
    #[default]
    Any,
    /// HTTP/1.1 only.
    One,
    /// HTTP/2 only, without asking.
    Two,
}

/// When to try again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retry {
    /// How often.
    pub times: u32,
    /// After every error.
    pub all_errors: bool,
    /// Where there is no connection, too.
    pub unconnected: bool,
    /// The pause; `None` = 1 s, doubled each time.
    pub pause: Option<Duration>,
    /// When to begin no further try.
    pub within: Option<Duration>,
}

/// How far redirects are followed, and which of them keep a POST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirects {
    /// How many; `None` = any number.
    pub most: Option<usize>,
    /// Statuses on which a POST stays one.
    pub keep_post: Vec<StatusCode>,
}

/// Where the answer goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Save {
    /// Take the server's name for the file.
    pub server_names: bool,
    /// Give the file the time that the server tells.
    pub remote_time: bool,
    /// Make missing folders.
    pub create_folders: bool,
    /// Where to go on.
    pub resume: Option<Resume>,
    /// Where the heads go; `-` is standard output.
    pub dump_header: Option<PathBuf>,
}

/// Where to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resume {
    /// Where the file ends.
    AtEnd,
    /// At this byte.
    At(u64),
}

/// What is said about the transfer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Show {
    /// No line about an error.
    pub no_errors: bool,
    /// Fail on a status of 400 or more, with no body.
    pub fail: bool,
    /// What to print at the end.
    pub write_out: Option<Template>,
    /// Decompress.
    pub compressed: bool,
    /// Lay out JSON and XML.
    pub pretty: When,
    /// Leave event streams as they are.
    pub raw: bool,
    /// Whether there may be a progress bar.
    pub progress: bool,
    /// Whether it is there from the start.
    pub progress_at_once: bool,
}

pub(super) fn network(
    args: &RequestArgs,
    url: &Url,
    other_host: bool,
    env: Env<'_>,
) -> Result<Network, Failure> {
    let more = &args.transfer;
    let routes = Routes::new(more)?;
    let http = http(more, url, other_host)?;
    let wrong_family = match (routes.family, url.host()) {
        (Some(Family::V6), Some(url::Host::Ipv4(_))) => Some("-6"),
        (Some(Family::V4), Some(url::Host::Ipv6(_))) => Some("-4"),
        _ => None,
    };
    if let Some(option) = wrong_family.filter(|_| routes.is_empty()) {
        return Err(Failure::new(
            Exit::Resolve,
            format!(
                "{option} and the address {} contradict each other",
                url.host_str().unwrap_or_default()
            ),
        ));
    }
    if more.key.is_some() && more.cert.is_none() {
        return Err(Failure::usage("--key needs --cert"));
    }
    let network = Network {
        http,
        routes,
        proxies: Proxies::new(more, env)?,
        interface: more.interface.clone(),
        unix_socket: more.unix_socket.clone(),
        trusted: more
            .cacert
            .clone()
            .or_else(|| env("AWS_CA_BUNDLE").map(PathBuf::from)),
        certificate: more.cert.clone(),
        key: more.key.clone(),
        limit_rate: more.limit_rate.filter(|rate| *rate > 0),
    };
    if network.unix_socket.is_some() {
        if more.proxy.as_deref().is_some_and(|proxy| !proxy.is_empty()) {
            return Err(Failure::usage(
                "--unix-socket and -x contradict each other: the HTTP client reaches no proxy through a Unix domain socket",
            ));
        }
        if !network.routes.is_empty() || network.interface.is_some() {
            return Err(Failure::usage(
                "--unix-socket leaves nothing to --resolve, --connect-to and --interface",
            ));
        }
    }
    Ok(network)
}

fn http(more: &TransferArgs, url: &Url, other_host: bool) -> Result<Http, Failure> {
    match (more.http1_1, more.http2, more.http2_prior_knowledge) {
        (true, false, false) => Ok(Http::One),
        (false, _, true) if other_host => Err(Failure::usage(
            "HTTP/2 has no Host header apart from the URL's host: --http2-prior-knowledge and -H Host contradict each other",
        )),
        (false, _, true) => Ok(Http::Two),
        (false, true, false) if url.scheme() == "http" => Err(Failure::usage(
            "--http2 needs https: the HTTP client cannot upgrade a plain connection (--http2-prior-knowledge does without)",
        )),
        (true, ..) => Err(Failure::usage(
            "--http1.1 and --http2 contradict each other",
        )),
        _ => Ok(Http::Any),
    }
}

pub(super) fn retry(more: &TransferArgs) -> Result<Retry, Failure> {
    if more.retry.is_none() {
        let unused = [
            (more.retry_all_errors, "--retry-all-errors"),
            (more.retry_connrefused, "--retry-connrefused"),
            (more.retry_delay.is_some(), "--retry-delay"),
            (more.retry_max_time.is_some(), "--retry-max-time"),
        ];
        if let Some((_, option)) = unused.iter().find(|(given, _)| *given) {
            return Err(Failure::usage(format!("{option} needs --retry N")));
        }
    }
    Ok(Retry {
        times: more.retry.unwrap_or(0),
        all_errors: more.retry_all_errors,
        unconnected: more.retry_connrefused || more.retry_all_errors,
        pause: more.retry_delay.filter(|pause| !pause.is_zero()),
        within: more
            .retry_max_time
            .filter(|within| *within != Duration::MAX),
    })
}

pub(super) fn redirects(more: &TransferArgs) -> Redirects {
    let most = match more.max_redirs {
        None => Some(MAX_REDIRECTS),
        Some(most) => usize::try_from(most).ok(),
    };
    let keep_post = [
        (more.post301, StatusCode::MOVED_PERMANENTLY),
        (more.post302, StatusCode::FOUND),
        (more.post303, StatusCode::SEE_OTHER),
    ];
    Redirects {
        most,
        keep_post: keep_post
            .into_iter()
            .filter_map(|(given, status)| given.then_some(status))
            .collect(),
    }
}

/// Fills in what `-O`, `--output-dir`, `-C` and `-w` decide.
pub(super) fn output(mut output: Output, args: &RequestArgs, url: &Url) -> Result<Output, Failure> {
    let more = &args.transfer;
    if more.remote_name {
        if args.output.is_some() {
            return Err(Failure::usage("-o and -O both name the file"));
        }
        output.file = Some(remote_name(url, more.remote_header_name)?);
    } else if more.remote_header_name {
        return Err(Failure::usage("-J needs -O"));
    }
    output.file = match (output.file, &more.output_dir) {
        (Some(file), Some(folder)) => Some(folder.join(file)),
        (file, _) => file,
    };
    let resume = match more.continue_at.as_deref() {
        None => None,
        Some("-") if output.file.is_none() => {
            return Err(Failure::usage("-C - needs a file: -o FILE or -O"));
        }
        Some(_) if more.remote_header_name => {
            return Err(Failure::usage(
                "-C and -J contradict each other: which file to resume is known too late",
            ));
        }
        Some(_) if more.compressed => {
            return Err(Failure::usage(
                "-C and --compressed contradict each other: a part cannot be decompressed",
            ));
        }
        Some("-") => Some(Resume::AtEnd),
        Some(at) => Some(Resume::At(at.parse().map_err(|_| {
            Failure::usage(format!("-C '{at}' is neither '-' nor a number of bytes"))
        })?)),
    };
    output.save = Save {
        server_names: more.remote_header_name,
        remote_time: more.remote_time,
        create_folders: more.create_dirs,
        resume,
        dump_header: more.dump_header.clone(),
    };
    output.show = Show {
        no_errors: more.silent && !more.show_error,
        fail: more.fail,
        write_out: more.write_out.as_deref().map(Template::given).transpose()?,
        compressed: more.compressed,
        pretty: more.pretty.unwrap_or_default(),
        // A part of a stream cannot be decoded.
        raw: more.raw || resume.is_some(),
        progress: !more.silent && !more.no_progress_meter,
        progress_at_once: more.progress_bar,
    };
    Ok(output)
}

/// The last part of the path, as it stands in the URL.
fn remote_name(url: &Url, server_names: bool) -> Result<PathBuf, Failure> {
    let name = url
        .path()
        .rsplit('/')
        .next()
        .filter(|name| !matches!(*name, "" | "." | ".."));
    match name {
        Some(name) => Ok(PathBuf::from(name)),
        None if server_names => Ok(PathBuf::from(UNNAMED)),
        None => Err(Failure::new(
            Exit::Write,
            format!(
                "-O finds no file name at the end of {}: give one with -o",
                url.path()
            ),
        )),
    }
}

/// curl's name for what has none.
const UNNAMED: &str = "curl_response";
