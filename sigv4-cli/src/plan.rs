//! Arguments + environment + host → one decided request. Pure: no file, no network, no clock.

mod assume;
mod building;
mod controls;
mod curl;
mod headers;
mod keys;
mod scope;
mod strict;
pub mod transfer;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

use http::Method;
use http::header::{CONTENT_TYPE, HeaderMap};
use sigv4::{AmzDate, PayloadHash};
use url::Url;

pub(crate) use self::assume::check_mfa_code;
pub use self::assume::{AssumePlan, Role};
pub use self::controls::Controls;
pub use self::keys::CredentialPlan;
pub(crate) use self::strict::strict;
use crate::args::transfer::When;
use crate::args::{DryRun, RefusalArgs, RequestArgs, TlsVersion};
use crate::body::BodySource;
use crate::curl_command;
use crate::failure::Failure;
use crate::headers::HeaderEdits;
use crate::invocation::Invocation;
use crate::sink::Sink;
use crate::target::{Target, any_target, authority, target};

/// Reads an environment variable; `None` also where it is empty, as the AWS CLI has it.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Everything that is decided before anything is read, looked up or sent.
#[derive(Debug, Clone)]
pub struct RequestPlan {
    /// The method, in capitals where it is a standard one.
    pub method: Method,
    /// The URL in its wire form.
    pub url: Url,
    /// Host, defaults and the user's headers, in the order in which they are sent.
    pub headers: HeaderMap,
    /// Whether the body's first byte decides the Content-Type.
    pub default_content_type: bool,
    /// Where the body comes from.
    pub body: BodySource,
    /// The signing name.
    pub service: Decided,
    /// The signing region; `None` = only the profile can tell.
    pub region: Option<Decided>,
    /// The payload hash that the user's header asks for.
    pub payload: Option<PayloadHash>,
    /// How to sign, against the default.
    pub controls: Controls,
    /// The time to sign for; `None` = now.
    pub time: Option<AmzDate>,
    /// Where the keys come from.
    pub credentials: CredentialPlan,
    /// The role to assume with them, and what that takes.
    pub assume: AssumePlan,
    /// What to do about a refusal.
    pub refusal: RefusalArgs,
    /// The profile that may tell the region.
    pub profile: Option<String>,
    /// How to connect.
    pub connection: Connection,
    /// What to print.
    pub output: Output,
    /// Whether to follow redirects.
    pub follow: bool,
    /// How far.
    pub redirects: transfer::Redirects,
    /// When to try again.
    pub retry: transfer::Retry,
    /// How to print the request instead of sending it.
    pub dry_run: Option<DryRun>,
    /// What curl has to be told of the connection to send the same.
    pub for_curl: Vec<OsString>,
    /// What `-v` says about the decisions.
    pub notes: Vec<String>,
    /// What is said without `-v`, too, but not with `-s`.
    pub warning: Option<String>,
}

/// A value and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The value.
    pub value: String,
    /// Its source, for `-v`.
    pub from: &'static str,
}

/// How to connect.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connection {
    /// Accept any certificate.
    pub insecure: bool,
    /// Lowest TLS version.
    pub tls_min: Option<TlsVersion>,
    /// Highest TLS version.
    pub tls_max: Option<TlsVersion>,
    /// Limit for the connection.
    pub connect_timeout: Option<Duration>,
    /// Limit for everything.
    pub max_time: Option<Duration>,
    /// The Host header is not the URL's host, which HTTP/2 cannot say.
    pub http1_only: bool,
    /// Go past any proxy.
    pub no_proxy: bool,
    /// Where to, and through what.
    pub network: transfer::Network,
}

/// What to print, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// Status line and headers too.
    pub include: bool,
    /// Notes, heads and canonical request on standard error.
    pub verbose: bool,
    /// Session token and signature in these.
    pub show_secrets: bool,
    /// The file to write to; `None` = standard output.
    pub file: Option<PathBuf>,
    /// A status of 400 or more is a failure.
    pub fail_with_body: bool,
    /// How it is kept.
    pub save: transfer::Save,
    /// What else is said about it.
    pub show: transfer::Show,
    /// How the answer to an invocation is shown; `None` = it is none.
    pub invocation: Option<Invocation>,
    /// Whatever is no success is a failure, a redirect among them.
    pub only_success: bool,
    /// The answer is for the program itself and printed by no one.
    pub captured: bool,
}

impl Output {
    /// Whether JSON and XML are laid out where they go.
    #[must_use]
    pub fn wants_layout(&self, sink: &Sink) -> bool {
        match self.show.pretty {
            When::Always => true,
            When::Never => false,
            When::Auto => matches!(sink, Sink::Stdout) && std::io::stdout().is_terminal(),
        }
    }
}

impl RequestPlan {
    /// Decides.
    ///
    /// # Errors
    ///
    /// For what is wrong with the command line or the environment.
    pub fn new(args: &RequestArgs, env: Env<'_>) -> Result<Self, Failure> {
        let args = &curl::translated(args)?;
        let controls = Controls::new(args)?;
        let read = if controls.plain { any_target } else { target };
        let Target {
            mut url,
            mut notes,
            is_as_written,
        } = read(args.url())?;
        if args.signing.path_as_is && !is_as_written {
            return Err(Failure::usage(format!(
                "--path-as-is: the HTTP client would send the path as {}",
                url.path()
            )));
        }
        let mut edits = HeaderEdits::new(&args.header)?;
        let (body, form_type) = building::body(args)?;
        building::add_headers(&mut edits, args, form_type)?;
        if !controls.plain {
            headers::refuse_what_signing_makes(&edits)?;
        }

        let host = headers::host(&edits, &url)?;
        let inferred = scope::inferred(&host, &url);
        let service = scope::service(args, inferred.as_ref());
        notes.extend(strict(&mut url, &service.value));
        let warning = scope::warning(args, &host, &url, inferred.as_ref())
            .filter(|_| !controls.plain && !args.transfer.silent);

        Ok(Self {
            method: method(
                args.request.as_deref(),
                building::default_method(args, body.is_given())?,
            )?,
            headers: headers::headers(&host, &edits, controls.plain)?,
            default_content_type: !args.body.data.is_empty()
                && !headers::mentions(&edits, &CONTENT_TYPE),
            body,
            service,
            region: if controls.plain {
                None
            } else {
                scope::region(args, inferred.as_ref(), &host, env)?
            },
            payload: if controls.plain {
                None
            } else {
                controls::payload(args, headers::payload(&edits)?)?
            },
            time: if controls.plain {
                None
            } else {
                headers::time(args.at, &edits)?
            },
            controls,
            credentials: CredentialPlan::new(args, env)?,
            assume: AssumePlan::new(&args.role, env)?,
            refusal: args.refusal.clone(),
            profile: args.profile.clone().or_else(|| env("AWS_PROFILE")),
            connection: Connection {
                network: transfer::network(args, &url, host != authority(&url), env)?,
                ..connection(args, host != authority(&url))?
            },
            output: transfer::output(output(args), args, &url)?,
            follow: args.location,
            redirects: transfer::redirects(&args.transfer),
            retry: transfer::retry(&args.transfer)?,
            dry_run: args.dry_run,
            for_curl: curl_command::connection(args, env),
            notes,
            warning,
            url,
        })
    }
}

/// The one that is asked for, or the default. As a server reads methods with care for case, so do we, except for what can only be meant
/// as a standard one.
fn method(given: Option<&str>, default: Method) -> Result<Method, Failure> {
    let Some(given) = given else {
        return Ok(default);
    };
    let capitals = given.to_ascii_uppercase();
    let name = if STANDARD_METHODS.contains(&capitals.as_str()) {
        &capitals
    } else {
        given
    };
    match Method::from_bytes(name.as_bytes()) {
        Ok(Method::CONNECT) | Err(_) => Err(Failure::usage(format!(
            "'{given}' is not a method that can be sent"
        ))),
        Ok(method) => Ok(method),
    }
}

fn connection(args: &RequestArgs, http1_only: bool) -> Result<Connection, Failure> {
    let (min, max) = (args.lowest_tls(), args.tls_max);
    if max.is_some_and(|max| max < TlsVersion::V1_2) {
        return Err(Failure::usage(
            "TLS 1.0 and 1.1 are not spoken here: --tls-max has to be 1.2 or 1.3",
        ));
    }
    if min.zip(max).is_some_and(|(min, max)| min > max) {
        return Err(Failure::usage("--tls-min is higher than --tls-max"));
    }
    Ok(Connection {
        insecure: args.insecure,
        tls_min: min,
        tls_max: max,
        connect_timeout: args.connect_timeout,
        max_time: args.max_time,
        http1_only,
        no_proxy: false,
        network: transfer::Network::default(),
    })
}

fn output(args: &RequestArgs) -> Output {
    Output {
        include: args.include || args.building.head,
        verbose: args.verbose,
        show_secrets: args.show_secrets,
        file: args.output.clone().filter(|file| file.as_os_str() != "-"),
        fail_with_body: args.fail_with_body,
        ..Output::default()
    }
}

const STANDARD_METHODS: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT",
];
