//! A local endpoint that takes signed requests only: `sigcurl serve`.
//!
//! ```text
//! accept ─► paced ─► (library: VerifyLayer ◄─ keys) ─► handler ─► policy ─► echo | upstream | event, command | invoke
//! ```
//!
//! Every path of the main port is behind the verifying layer; `admin` has a port of its own.

mod accept;
mod admin;
mod answer;
mod command;
mod context;
mod echo;
mod event;
mod frames;
mod handler;
mod invoke;
mod keys;
mod log;
mod paced;
mod policy;
mod tls;
mod upstream;

use std::future::poll_fn;
use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::select;
use serde_json::json;
use sigv4::tower::VerifyLayer;
use sigv4::{Profile, Protocol, Verifier, VerifyPolicy};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

use self::accept::{Alive, Server};
use self::command::Running;
use self::handler::{App, Behind, Handler};
use self::invoke::Functions;
use self::keys::{Known, known};
use self::log::Log;
use self::policy::Policy;
use self::tls::Tls;
use self::upstream::Upstream;
use crate::args::{PayloadFormat, Ready, ServeArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::plan::Env;

/// Listens, says so, and serves until the process is asked to end.
pub(crate) async fn serve(args: &ServeArgs, env: Env<'_>) -> Result<(), Failure> {
    let mut interrupts = Interrupts::listen();
    let (profile, service) = kind(args)?;
    let verifier = verifier(args, &service)?;
    let behind = behind(args, profile)?;
    let policy = policy(args, &service)?;
    let tls = Tls::new(args)?;
    let known = known(args, env).await?;
    let listener = bind(args.host, args.port).await?;
    let admin = match args.admin_port {
        Some(port) => Some(bind(args.host, port).await?),
        None => None,
    };

    let log = Arc::new(Log::new(args.log));
    let alive = Alive::new();
    tell(
        args,
        &known,
        profile,
        &service,
        &listener,
        admin.as_ref(),
        tls.as_ref(),
    )?;
    let Known {
        store, principals, ..
    } = known;
    let most = usize::try_from(args.max_body).unwrap_or(usize::MAX);
    let mut layer = VerifyLayer::new(verifier, store)
        .with_profile(profile)
        .with_most_held(most)
        .with_observer(|error, _| context::refused(error))
        .with_request_ids(|| {
            context::current().map_or_else(String::new, |context| context.id().to_owned())
        });
    if !args.no_explain {
        layer = layer.with_explanations();
    }
    let app = App {
        behind,
        profile,
        service,
        principals,
        policy,
        most,
        timeout: args.timeout,
        running: Running {
            log: Arc::clone(&log),
            alive: alive.clone(),
        },
    };
    let acceptor = tls.as_ref().map(|tls| tls.acceptor.clone());
    let server = Server::new(&layer, Handler(Arc::new(app)), Arc::clone(&log), acceptor);

    let (stop, stopped) = watch::channel(false);
    if let Some(admin) = admin {
        tokio::spawn(admin::serve(admin, Arc::clone(&log), alive.clone()));
    }
    let accepting = server.accept(listener, usize::from(args.max_connections), &alive, stopped);
    let asked = poll_fn(|context| interrupts.poll(context));
    select(pin!(accepting), asked).await;
    let _ = stop.send(true);
    // Asked once more, we go at once.
    let asked = poll_fn(|context| interrupts.poll(context));
    let ended = pin!(timeout(PATIENCE, alive.ended()));
    select(ended, asked).await;
    log.end();
    Ok(())
}

/// The kind of service, and its signing name.
fn kind(args: &ServeArgs) -> Result<(&'static Profile, String), Failure> {
    let given = args.profile_of.as_deref().map(profile).transpose()?;
    let service = match (&args.service, given) {
        (Some(service), _) => service.clone(),
        (None, Some(profile)) => profile.service().to_owned(),
        (None, None) if !args.lambda.is_empty() => "lambda".to_owned(),
        (None, None) => "execute-api".to_owned(),
    };
    Ok((
        given.unwrap_or_else(|| Profile::for_service(&service)),
        service,
    ))
}

/// The profile of this name.
pub(crate) fn profile(name: &str) -> Result<&'static Profile, Failure> {
    Profile::named(name).ok_or_else(|| {
        let names: Vec<_> = Profile::ALL.iter().map(Profile::name).collect();
        Failure::usage(format!(
            "--profile-of {name}: there is {}",
            names.join(", ")
        ))
    })
}

fn verifier(args: &ServeArgs, service: &str) -> Result<Verifier, Failure> {
    let wrong = |error: sigv4::ParseError| Failure::usage(error.to_string());
    let mut policy = VerifyPolicy::for_service(service);
    if let Some(seconds) = args.max_skew {
        policy.max_skew = seconds;
    }
    policy.limits.body = u64::from(args.max_body);
    let verifier = Verifier::new(&args.region, service).map_err(wrong)?;
    let verifier = verifier.with_policy(policy);
    Ok(if args.any_region {
        verifier.with_any_region()
    } else {
        verifier
    })
}

fn behind(args: &ServeArgs, profile: &Profile) -> Result<Behind, Failure> {
    if let Some(url) = &args.upstream {
        return Upstream::new(url).map(Behind::Upstream);
    }
    if let Some(command) = &args.exec {
        let default = match profile.protocol() {
            Protocol::ApiGatewayRest => PayloadFormat::V1,
            _ => PayloadFormat::V2,
        };
        return Ok(Behind::Exec {
            command: command.clone(),
            format: args.payload_format.unwrap_or(default),
        });
    }
    if args.lambda.is_empty() {
        Ok(Behind::Echo)
    } else {
        Functions::new(&args.lambda).map(Behind::Lambda)
    }
}

fn policy(args: &ServeArgs, service: &str) -> Result<Option<Policy>, Failure> {
    let Some(file) = &args.policy else {
        return Ok(None);
    };
    if !["execute-api", "lambda"].contains(&service) {
        return Err(Failure::usage(format!(
            "--policy: the actions of {service} are not known, only those of execute-api and lambda"
        )));
    }
    Policy::read(file).map(Some)
}

async fn bind(host: IpAddr, port: u16) -> Result<TcpListener, Failure> {
    let address = SocketAddr::new(host, port);
    TcpListener::bind(address).await.map_err(|error| {
        Failure::because(Exit::Connect, format!("cannot listen on {address}"), error)
    })
}

/// On standard error, keys that nobody can know otherwise; on standard output, that all is there.
fn tell(
    args: &ServeArgs,
    known: &Known,
    profile: &Profile,
    service: &str,
    listener: &TcpListener,
    admin: Option<&TcpListener>,
    tls: Option<&Tls>,
) -> Result<(), Failure> {
    let address = |listener: &TcpListener| listener.local_addr().map_err(Failure::stdout);
    let scheme = if tls.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{}", address(listener)?);
    let authority = tls
        .and_then(|tls| tls.authority.as_ref())
        .map(|file| file.path().display().to_string());
    let mut stderr = std::io::stderr().lock();
    if let Some(keys) = &known.made_up {
        let _ = writeln!(
            stderr,
            "unset AWS_SESSION_TOKEN AWS_SECURITY_TOKEN\nexport AWS_ACCESS_KEY_ID={}\nexport AWS_SECRET_ACCESS_KEY={}\nexport AWS_REGION={}",
            keys.id,
            keys.secret.expose(),
            args.region,
        );
    }
    if let Some(authority) = &authority {
        let _ = writeln!(
            stderr,
            "# The CA's certificate, for --cacert\nexport AWS_CA_BUNDLE={authority}"
        );
    }
    let line = match args.ready {
        Ready::Text => format!("READY {url}\n"),
        Ready::Json => {
            let admin = admin.map(address).transpose()?;
            let ready = json!({
                "url": url,
                "port": address(listener)?.port(),
                "access_key_id": known.first,
                "service": service,
                "region": args.region,
                "profile": profile.name(),
                "ca": authority,
                "admin_url": admin.map(|address| format!("http://{address}")),
            });
            format!("{ready}\n")
        }
    };
    let mut stdout = std::io::stdout().lock();
    stdout
        .write_all(line.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(Failure::stdout)
}

/// For what is under way when we are asked to end.
const PATIENCE: Duration = Duration::from_secs(5);
