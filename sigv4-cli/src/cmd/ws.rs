//! `sigcurl ws`: a signed handshake, then messages.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use http::Uri;

use crate::args::{RequestArgs, WsArgs};
use crate::exchange::Hints;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::infer;
use crate::interrupt::Interrupts;
use crate::jobs;
use crate::plan::{Env, RequestPlan};
use crate::print::Narrator;
use crate::run::{on_runtime, within};
use crate::send::{Answer, Sender};
use crate::sink::Sink;
use crate::target::from_websocket;
use crate::websocket::{
    End, Input, MOST_IN_FRAME, MOST_IN_MESSAGE, Manners, Opened, make_handshake, open,
    refuse_headers, talk, too_long,
};

/// `sigcurl ws [OPTIONS] URL`
///
/// # Errors
///
/// With the exit code and the line to print.
pub fn run(args: &WsArgs, env: Env<'_>) -> Result<(), Failure> {
    refuse(&args.request)?;
    let plan = plan(&args.request, env)?;
    let manners = manners(args, &plan)?;
    let conversation = within(plan.connection.max_time, converse(args, &plan, &manners));
    on_runtime(conversation).map_err(|failure| {
        if plan.output.show.no_errors {
            failure.silenced()
        } else {
            failure
        }
    })
}

fn plan(request: &RequestArgs, env: Env<'_>) -> Result<RequestPlan, Failure> {
    let mut request = request.clone();
    for url in &mut request.urls.0 {
        if let Some(http) = from_websocket(url) {
            *url = http;
        }
    }
    let mut requests = jobs::each(&request)?;
    let (Some(mut request), None) = (requests.pop(), requests.pop()) else {
        return Err(Failure::usage("ws takes one URL"));
    };
    super::is_api(&mut request);
    let mut plan = RequestPlan::new(&request, env)?;
    refuse_headers(&plan)?;
    make_handshake(&mut plan);
    let uri: Result<Uri, _> = plan.url.as_str().parse();
    if uri.is_ok_and(|uri| Sender::new(plan.connection.clone()).is_forwarded(&uri)) {
        return Err(Failure::usage(
            "ws:// does not go through an HTTP proxy, which would have to understand WebSocket: use wss://, or --noproxy to go past it",
        ));
    }
    Ok(plan)
}

fn manners(args: &WsArgs, plan: &RequestPlan) -> Result<Manners, Failure> {
    let is_gateway = plan.service.value == "execute-api";
    let is_aws = plan
        .url
        .host_str()
        .is_some_and(|host| infer::infer(host, "/").is_some());
    let asks_a_terminal = args.execute.is_empty() && io::stdin().is_terminal();
    let message = (is_gateway && is_aws).then_some(MOST_IN_MESSAGE);
    let longest = args.execute.iter().map(String::len).max().unwrap_or(0);
    if let Some(limit) = message.filter(|limit| longest > *limit) {
        return Err(Failure::usage(too_long(longest, limit)));
    }
    Ok(Manners {
        wait: match (args.wait, args.count) {
            (Some(wait), _) => Some(wait),
            (None, Some(_)) => None,
            // Whoever ends the input by hand has seen the answers.
            (None, None) if asks_a_terminal => Some(Duration::ZERO),
            (None, None) => Some(WAIT),
        },
        count: args.count,
        ping: args.ping,
        binary: args.binary,
        frame: is_gateway.then_some(MOST_IN_FRAME),
        message,
    })
}

/// Connects, talks, and once more as often as `--reconnect` says.
async fn converse(args: &WsArgs, plan: &RequestPlan, manners: &Manners) -> Result<(), Failure> {
    let narrator = Narrator::new(&plan.output);
    for note in &plan.notes {
        narrator.note(note);
    }
    let mut interrupts = Interrupts::listen();
    let mut left = args.reconnect.unwrap_or(0);
    let (mut input, mut received) = (None, 0);
    let mut pause = FIRST_PAUSE;
    loop {
        let again = input.is_some();
        let opened = interrupts.unless(open(plan)).await;
        let lost = match opened {
            Ok(Opened::Shown) => return Ok(()),
            Ok(Opened::Refused(answer, _)) if again && left > 0 && may_pass(&answer) => {
                Failure::new(Exit::HttpStatus, said(&answer))
            }
            Ok(Opened::Refused(answer, hints)) => return refused(*answer, &hints, plan).await,
            Err(failure) if again && may_connect_later(&failure) => failure,
            Err(failure) => return Err(failure),
            Ok(Opened::Socket(socket)) => {
                pause = FIRST_PAUSE;
                let input = input.get_or_insert_with(|| messages(args));
                let talked = talk(
                    socket,
                    input,
                    &mut received,
                    manners,
                    &mut interrupts,
                    narrator,
                );
                match talked.await? {
                    End::Good => return Ok(()),
                    End::Away(_) if left == 0 => return Ok(()),
                    End::Away(failure) | End::Lost(failure) => failure,
                }
            }
        };
        if left == 0 {
            return Err(lost);
        }
        left = left.saturating_sub(u32::from(left != u32::MAX));
        if !plan.output.show.no_errors {
            // Whoever closed standard error does not want to know.
            let _ = writeln!(
                io::stderr(),
                "sigcurl: {lost}; connecting again in {} s",
                pause.as_secs()
            );
        }
        let sleep = async {
            tokio::time::sleep(pause).await;
            Ok(())
        };
        interrupts.unless(sleep).await?;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn messages(args: &WsArgs) -> Input {
    if args.execute.is_empty() {
        Input::lines()
    } else {
        Input::Given(args.execute.iter().cloned().collect())
    }
}

/// Prints what the server says instead of opening a WebSocket.
async fn refused(mut answer: Answer, hints: &Hints, plan: &RequestPlan) -> Result<(), Failure> {
    let mut sink = Sink::open(None)?;
    if !plan.output.show.fail {
        while let Some(chunk) = answer.chunk().await? {
            sink.write(&chunk)?;
        }
    }
    sink.finish()?;
    hints.say();
    let status = answer.head.status;
    let exit = if status.is_client_error() || status.is_server_error() {
        Exit::HttpStatus
    } else {
        Exit::WeirdReply
    };
    Err(Failure::new(exit, said(&answer)))
}

fn said(answer: &Answer) -> String {
    format!(
        "the server answered the WebSocket handshake with {}",
        answer.head.status
    )
}

/// Whether the same may be accepted later.
fn may_pass(answer: &Answer) -> bool {
    let status = answer.head.status;
    status.is_server_error() || status == http::StatusCode::TOO_MANY_REQUESTS
}

/// Whether time may mend it. A wrong configuration, and Ctrl-C, are to be heard.
fn may_connect_later(failure: &Failure) -> bool {
    !matches!(failure.exit(), Exit::Usage | Exit::Interrupted)
}

/// Options that would do nothing for a WebSocket.
fn refuse(request: &RequestArgs) -> Result<(), Failure> {
    let (building, transfer) = (&request.building, &request.transfer);
    let is_get = |method: &String| method.eq_ignore_ascii_case("GET");
    let given = [
        (
            request
                .request
                .as_ref()
                .is_some_and(|method| !is_get(method)),
            "-X",
        ),
        (!request.body.data.is_empty(), "-d and its kin"),
        (!request.body.form.is_empty(), "-F"),
        (!building.upload_file.is_empty(), "-T"),
        (building.target.is_some(), "--target"),
        (building.action.is_some(), "--action"),
        (building.get, "-G"),
        (building.head, "-I"),
        (building.range.is_some(), "-r"),
        (request.location, "-L"),
        (request.include, "-i"),
        (request.output.is_some(), "-o"),
        (transfer.remote_name, "-O"),
        (transfer.remote_header_name, "-J"),
        (transfer.output_dir.is_some(), "--output-dir"),
        (transfer.create_dirs, "--create-dirs"),
        (transfer.continue_at.is_some(), "-C"),
        (transfer.dump_header.is_some(), "-D"),
        (transfer.write_out.is_some(), "-w"),
        (transfer.compressed, "--compressed"),
        (transfer.pretty.is_some(), "--pretty"),
        (transfer.limit_rate.is_some(), "--limit-rate"),
        (transfer.http2, "--http2"),
        (transfer.http2_prior_knowledge, "--http2-prior-knowledge"),
    ];
    if let Some((_, option)) = given.iter().find(|(given, _)| *given) {
        return Err(Failure::usage(format!(
            "{option} has no meaning for a WebSocket"
        )));
    }
    if transfer.retry.is_some() {
        return Err(Failure::usage(
            "a WebSocket is connected again with --reconnect, not with --retry",
        ));
    }
    Ok(())
}

/// For answers to what was sent last.
const WAIT: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
