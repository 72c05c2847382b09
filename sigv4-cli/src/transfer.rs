//! One transfer: tries, redirects, and what becomes of the answer.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use http::header::{
    ACCEPT_ENCODING, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_TYPE, HeaderValue, LAST_MODIFIED,
    LOCATION, RANGE,
};
use http::{HeaderMap, Request, StatusCode};
use sigv4::{AmzDate, Explanation};

use crate::args::DryRun;
use crate::content_disposition::{file_name, safe};
use crate::curl_command;
use crate::decode::{self, Decoder};
use crate::events::Events;
use crate::exchange::{Exchange, Hints, signed_at};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::hop::Hop;
use crate::invocation::{Form, Invocation, Report, Seen};
use crate::payload::{Body, CHUNK};
use crate::plan::RequestPlan;
use crate::plan::transfer::Resume;
use crate::pretty::Kind;
use crate::print::{Narrator, raw_head, wire_head};
use crate::progress::Meter;
use crate::redirect;
use crate::report::Facts;
use crate::retry::Retries;
use crate::run::within;
use crate::send::{Answer, Head, Sender};
use crate::sign::Signing;
use crate::sink::{Sink, cannot_write};

/// A request, the answer to it, and everything in between.
#[derive(Debug)]
pub(crate) struct Transfer<'a> {
    plan: &'a RequestPlan,
    facts: &'a RefCell<Facts>,
    narrator: Narrator,
    sender: Sender,
    meter: Meter,
    /// Whether bytes went to where they cannot be taken back.
    printed: Cell<bool>,
}

/// The heads of the answers on their way to `-D` and `-i`.
#[derive(Debug, Default)]
struct Heads {
    dump: Option<Sink>,
    /// Printed once it is clear that this is no try that failed.
    shown: Vec<u8>,
}

impl<'a> Transfer<'a> {
    /// Nothing is sent yet.
    #[must_use]
    pub(crate) fn new(plan: &'a RequestPlan, facts: &'a RefCell<Facts>, sender: Sender) -> Self {
        let (output, show) = (&plan.output, &plan.output.show);
        let seen = output.file.is_none() && std::io::stdout().is_terminal();
        let meter = Meter::new(show.progress && !seen, show.progress_at_once);
        Self {
            plan,
            facts,
            narrator: Narrator::new(output),
            sender: sender.with_meter(meter.clone()),
            meter,
            printed: Cell::new(false),
        }
    }

    /// The sender, for another transfer.
    pub(crate) fn into_sender(self) -> Sender {
        self.sender
    }

    /// Prints the request as it would be sent.
    ///
    /// # Errors
    ///
    /// If it cannot be signed or printed.
    pub(crate) fn show(
        &self,
        how: DryRun,
        first: &Hop,
        signing: Option<&Signing>,
    ) -> Result<(), Failure> {
        let hop = self.prepared(first, None)?;
        let (request, explanation) = self.signed(&hop, signing)?;
        if let Some(explanation) = explanation {
            self.narrator.explanation(&explanation);
        }
        let mut sink = Sink::open(self.plan.output.file.as_deref())?;
        if how == DryRun::Curl {
            sink.write(&curl_command::command(self.plan, &request)?)?;
            return sink.finish();
        }
        sink.write(&wire_head(&request))?;
        let (body, mut at) = (request.body(), 0);
        loop {
            let bytes = body.read_at(at, CHUNK).map_err(|error| {
                Failure::because(Exit::Read, "cannot read the request's body", error)
            })?;
            if bytes.is_empty() {
                return sink.finish();
            }
            at += u64::try_from(bytes.len()).unwrap_or_default();
            sink.write(&bytes)?;
        }
    }

    /// Sends it, as often as need be.
    ///
    /// # Errors
    ///
    /// With the exit code of the last try.
    pub(crate) async fn run(
        &self,
        first: &Hop,
        mut signing: Option<(&mut Signing, &mut Exchange<'_>)>,
    ) -> Result<(), Failure> {
        let mut retries = Retries::new(&self.plan.retry);
        let mut heads = Heads::open(self.plan.output.save.dump_header.as_deref())?;
        loop {
            heads.shown.clear();
            let lent = signing
                .as_mut()
                .map(|(signing, exchange)| (&mut **signing, &mut **exchange));
            let attempt = self.attempt(first, &mut heads, &mut retries, lent);
            let outcome = within(self.plan.connection.max_time, attempt).await;
            self.meter.clear();
            let (uploaded, downloaded) = self.meter.counts();
            {
                let mut facts = self.facts.borrow_mut();
                (facts.uploaded, facts.downloaded) = (uploaded, downloaded);
            }
            let (pause, why) = match outcome {
                Ok(None) => return heads.finish(),
                Ok(Some((pause, status))) => (pause, format!("the server answered {status}")),
                Err(failure) if self.printed.get() => return Err(failure),
                Err(failure) => match retries.after_failure(&failure) {
                    Some(pause) => (pause, failure.to_string()),
                    None => return Err(failure),
                },
            };
            self.narrator.note(&format!(
                "Trying again in {} s, {} times more at most: {why}",
                pause.as_secs_f64(),
                retries.left()
            ));
            tokio::time::sleep(pause).await;
            self.facts.borrow_mut().again();
        }
    }

    /// One try. `Some` = the server asks for another.
    async fn attempt(
        &self,
        first: &Hop,
        heads: &mut Heads,
        retries: &mut Retries<'_>,
        signing: Option<(&mut Signing, &mut Exchange<'_>)>,
    ) -> Result<Option<(Duration, StatusCode)>, Failure> {
        let output = &self.plan.output;
        let (mut sink, offset) = self.open()?;
        self.facts.borrow_mut().file = sink.path().map(|path| path.display().to_string());
        let hop = self.prepared(first, offset)?;
        let (answer, hints) = self.follow(hop, heads, signing).await?;
        let status = answer.head.status;
        let is_error = status.is_client_error()
            || status.is_server_error()
            || output.only_success && !status.is_success();
        let fails = is_error && (output.show.fail || output.fail_with_body);
        if let Some(pause) = retries.after_answer(status, &answer.head.headers, fails) {
            return Ok(Some((pause, status)));
        }

        let failure = || Failure::new(Exit::HttpStatus, format!("the server answered {status}"));
        if let Some(offset) = offset {
            match resumed(&answer.head, offset)? {
                Resumed::Rest => {}
                Resumed::Complete => {
                    sink.finish()?;
                    return Ok(None);
                }
                Resumed::Whole => match &output.file {
                    Some(path) => sink = whole(sink, path)?,
                    None => return Err(not_resumed("it sends everything from the start")),
                },
                Resumed::Refused => return Err(failure()),
            }
        }
        if output.save.server_names {
            self.take_name(&mut sink, &answer.head.headers)?;
        }
        if is_error && output.invocation.is_some() {
            // The file is for the payload, and this is none.
            sink = Sink::Stdout;
        }
        self.write(&mut sink, &std::mem::take(&mut heads.shown))?;
        if is_error && output.show.fail {
            hints.say();
            return Err(failure());
        }
        let function_failure = match &output.invocation {
            Some(invocation) => self.invoked(*invocation, answer, sink).await?,
            None => self.printed(answer, sink, fails).await?,
        };
        hints.say();
        match function_failure {
            _ if fails => Err(failure()),
            Some(failure) => Err(failure),
            None => Ok(None),
        }
    }

    /// The body goes to where it belongs; the failure is one that an event stream ends with.
    async fn printed(
        &self,
        mut answer: Answer,
        mut sink: Sink,
        fails: bool,
    ) -> Result<Option<Failure>, Failure> {
        // A refusal is for the user, too.
        let captured = self.plan.output.captured && !fails;
        let mut seen = if captured {
            Seen::instead()
        } else {
            Seen::default()
        };
        self.save(&mut answer, &mut sink, &mut seen).await?;
        sink.finish()?;
        if captured {
            self.facts.borrow_mut().body = seen.into_bytes();
            return Ok(None);
        }
        let failure = match &seen.complete {
            Some(_) => Report::new(&answer.head, seen).failure(),
            None => None,
        };
        Ok(failure)
    }

    /// The same for an invocation, with what else its answer says.
    async fn invoked(
        &self,
        invocation: Invocation,
        mut answer: Answer,
        mut sink: Sink,
    ) -> Result<Option<Failure>, Failure> {
        let mut seen = Seen::for_invocation(invocation.form, &answer.head);
        self.save(&mut answer, &mut sink, &mut seen).await?;
        let report = Report::new(&answer.head, seen);
        if invocation.form == Form::Json {
            let text = report.json();
            let pretty = self.plan.output.wants_layout(&sink);
            let pretty = pretty.then(|| Kind::Json.laid_out(text.as_bytes(), sink.has_colour()));
            self.write(&mut sink, pretty.flatten().unwrap_or(text).as_bytes())?;
        }
        sink.finish()?;
        let metadata = match invocation.form {
            Form::Metadata => report.metadata(),
            Form::MetadataText => report.metadata_text(),
            Form::Payload | Form::Json => String::new(),
        };
        if answer.head.status.is_success() {
            self.write(&mut Sink::Stdout, metadata.as_bytes())?;
        }
        if invocation.log {
            report.tell_log();
        }
        let is_no_stream = invocation.stream
            && answer.head.status.is_success()
            && Events::of(&answer.head.headers).is_none();
        if is_no_stream {
            return Err(Failure::new(
                Exit::WeirdReply,
                "the answer is no event stream, so the server knows no InvokeWithResponseStream (leave out --stream)",
            ));
        }
        Ok(report.failure())
    }

    /// Where the answer goes, and at which byte it is to begin.
    fn open(&self) -> Result<(Sink, Option<u64>), Failure> {
        let output = &self.plan.output;
        let file = output.file.as_deref();
        if let Some(folder) = file
            .and_then(Path::parent)
            .filter(|_| output.save.create_folders)
        {
            std::fs::create_dir_all(folder).map_err(|error| cannot_write(folder, error))?;
        }
        let is_device = |path: &Path| path.exists() && !path.is_file();
        let (sink, offset) = match (output.save.resume, file) {
            (Some(Resume::AtEnd), Some(path)) if !is_device(path) => Sink::resume(path)?,
            (Some(Resume::At(at)), Some(path)) if path.exists() && !is_device(path) => {
                let (sink, length) = Sink::resume(path)?;
                if length != at {
                    return Err(Failure::usage(format!(
                        "-C {at}: '{}' has {length} bytes, so that is not where it goes on; -C - finds out",
                        path.display()
                    )));
                }
                (sink, at)
            }
            (Some(Resume::At(at)), _) => (Sink::open(file)?, at),
            (_, _) => (Sink::open(file)?, 0),
        };
        Ok((sink, Some(offset).filter(|offset| *offset > 0)))
    }

    /// The request with the headers that the transfer needs.
    fn prepared(&self, first: &Hop, offset: Option<u64>) -> Result<Hop, Failure> {
        let mut hop = first.clone();
        if self.plan.output.show.compressed && !hop.headers.contains_key(ACCEPT_ENCODING) {
            hop.headers
                .insert(ACCEPT_ENCODING, HeaderValue::from_static(decode::ACCEPTED));
        }
        if let Some(offset) = offset {
            let range = HeaderValue::from_str(&format!("bytes={offset}-"));
            let range = range.map_err(|error| Failure::usage(error.to_string()))?;
            if hop.headers.insert(RANGE, range).is_some() {
                return Err(Failure::usage(
                    "-C and a Range header contradict each other",
                ));
            }
        }
        Ok(hop)
    }

    /// Sends, and follows redirects if asked to, until there is an answer whose body is to be printed.
    async fn follow(
        &self,
        first: Hop,
        heads: &mut Heads,
        signing: Option<(&mut Signing, &mut Exchange<'_>)>,
    ) -> Result<(Answer, Hints), Failure> {
        let mut hop = first;
        let mut signing = signing;
        for redirects in 0.. {
            let (answer, hints) = match &mut signing {
                Some((signing, exchange)) => {
                    let send =
                        async |hop: &Hop, signing: &Signing| self.send(hop, Some(signing)).await;
                    exchange.perform(&mut hop, signing, send).await?
                }
                None => {
                    let (answer, _) = self.send(&hop, None).await?;
                    self.narrator.answer(&answer.head);
                    (answer, Hints::default())
                }
            };
            let head = raw_head(&answer.head);
            self.facts.borrow_mut().heads += u64::try_from(head.len()).unwrap_or_default();
            heads.add(head, self.plan.output.include)?;

            let next = redirect::next(
                &hop,
                answer.head.status,
                answer.head.headers.get(LOCATION),
                &self.plan.redirects.keep_post,
            );
            if !self.plan.follow {
                // It does no harm where it leads.
                let next = next.ok().flatten();
                self.facts.borrow_mut().redirect_url = next.map(|next| next.url);
                return Ok((answer, hints));
            }
            hop = match next? {
                None => return Ok((answer, hints)),
                Some(_) if Some(redirects) == self.plan.redirects.most => break,
                Some(next) => next,
            };
            let how = if hop.signed {
                "signed again"
            } else {
                "not signed"
            };
            self.narrator.note(&format!(
                "Redirected to {}: {how}",
                crate::target::authority(&hop.url)
            ));
            let mut facts = self.facts.borrow_mut();
            facts.redirects += 1;
            facts.redirect = facts.started.elapsed();
        }
        Err(Failure::new(
            Exit::Redirects,
            format!(
                "more than {} redirects",
                self.plan.redirects.most.unwrap_or_default()
            ),
        ))
    }

    /// The request as it is sent, signed unless it is not to be.
    fn signed(
        &self,
        hop: &Hop,
        signing: Option<&Signing>,
    ) -> Result<(Request<Body>, Option<Explanation>), Failure> {
        match signing {
            Some(signing) => signing.sign(hop, self.narrator.is_verbose()),
            None => Ok((hop.to_request()?, None)),
        }
    }

    /// The answer, and the time that the request was signed for.
    pub(crate) async fn send(
        &self,
        hop: &Hop,
        signing: Option<&Signing>,
    ) -> Result<(Answer, Option<AmzDate>), Failure> {
        let (request, explanation) = self.signed(hop, signing)?;
        let time = signed_at(&request);
        if let Some(explanation) = explanation {
            self.narrator.explanation(&explanation);
        }
        self.narrator.request(&request);
        {
            let mut facts = self.facts.borrow_mut();
            facts.method = hop.method.clone();
            facts.url = hop.url.clone();
            facts.proxied = self.sender.is_proxied(request.uri());
        }
        let outcome = self.sender.send(request).await;
        let mut facts = self.facts.borrow_mut();
        facts.times = self.sender.times();
        facts.connects += u64::from(!facts.times.connected.is_zero());
        if let Ok(answer) = &outcome {
            facts.first_byte = facts.started.elapsed();
            facts.head = Some(answer.head.clone());
        }
        outcome.map(|answer| (answer, time))
    }

    /// Writes the body as it comes; or whole, where it is to be laid out.
    async fn save(
        &self,
        answer: &mut Answer,
        sink: &mut Sink,
        seen: &mut Seen,
    ) -> Result<(), Failure> {
        let show = &self.plan.output.show;
        let mut decoder = if show.compressed {
            Decoder::new(&answer.head.headers)?
        } else {
            Decoder::Identity
        };
        let mut events = if show.raw {
            None
        } else {
            Events::of(&answer.head.headers)
        };
        let mut kept = self.kind(&answer.head, sink).map(|kind| (kind, Vec::new()));
        let mut print = |bytes: &[u8]| match seen.take(bytes)? {
            true => self.keep_or_write(&mut kept, bytes, sink),
            false => Ok(()),
        };
        while let Some(mut chunk) = answer.chunk().await? {
            if !matches!(decoder, Decoder::Identity) {
                chunk = decoder.decode(&chunk)?.into();
            }
            match &mut events {
                Some(events) => events.push(&chunk, &mut print)?,
                None => print(&chunk)?,
            }
        }
        let rest = decoder.finish()?;
        match events {
            Some(mut events) => {
                events.push(&rest, &mut print)?;
                seen.complete = events.finish()?;
            }
            None => print(&rest)?,
        }
        if let Some((kind, text)) = kept {
            match kind.laid_out(&text, sink.has_colour()) {
                Some(pretty) => self.write(sink, pretty.as_bytes())?,
                None => self.write(sink, &text)?,
            }
        }
        let modified = answer.head.headers.get(LAST_MODIFIED);
        if let Some(time) = modified.filter(|_| self.plan.output.save.remote_time)
            && let Ok(time) = httpdate::parse_http_date(&String::from_utf8_lossy(time.as_bytes()))
        {
            sink.set_modified(time);
        }
        Ok(())
    }

    fn keep_or_write(
        &self,
        kept: &mut Option<(Kind, Vec<u8>)>,
        bytes: &[u8],
        sink: &mut Sink,
    ) -> Result<(), Failure> {
        match kept {
            Some((_, text)) if text.len() + bytes.len() <= MOST_LAID_OUT => {
                text.extend_from_slice(bytes);
                Ok(())
            }
            Some((_, text)) => {
                let text = std::mem::take(text);
                *kept = None;
                self.write(sink, &text)?;
                self.write(sink, bytes)
            }
            None => self.write(sink, bytes),
        }
    }

    fn write(&self, sink: &mut Sink, bytes: &[u8]) -> Result<(), Failure> {
        if bytes.is_empty() {
            return Ok(());
        }
        if matches!(sink, Sink::Stdout | Sink::Device(..)) {
            self.printed.set(true);
        }
        sink.write(bytes)
    }

    /// What is to be laid out.
    fn kind(&self, head: &Head, sink: &Sink) -> Option<Kind> {
        let content_type = head.headers.get(CONTENT_TYPE);
        let content_type = content_type.filter(|_| self.plan.output.wants_layout(sink))?;
        Kind::of(&String::from_utf8_lossy(content_type.as_bytes()))
    }

    /// `-J`: never over a file that is there.
    fn take_name(&self, sink: &mut Sink, headers: &HeaderMap) -> Result<(), Failure> {
        let Some(disposition) = headers.get(CONTENT_DISPOSITION) else {
            return Ok(());
        };
        let text = String::from_utf8_lossy(disposition.as_bytes()).into_owned();
        let Some(name) = file_name(&text) else {
            return Ok(());
        };
        let name = safe(&name).ok_or_else(|| {
            Failure::new(
                Exit::Write,
                "the server's file name is not a safe one: give one with -o",
            )
        })?;
        sink.rename(name);
        if let Some(path) = sink.path() {
            if path.exists() {
                return Err(Failure::new(
                    Exit::Write,
                    format!("'{}' exists: -J overwrites nothing", path.display()),
                ));
            }
            self.facts.borrow_mut().file = Some(path.display().to_string());
        }
        Ok(())
    }
}

impl Heads {
    fn open(dump: Option<&Path>) -> Result<Self, Failure> {
        let dump = match dump {
            None => None,
            Some(path) if path.as_os_str() == "-" => Some(Sink::Stdout),
            Some(path) => {
                let file = File::create(path).map_err(|error| cannot_write(path, error))?;
                Some(Sink::Device(file, path.to_owned()))
            }
        };
        Ok(Self {
            dump,
            shown: Vec::new(),
        })
    }

    fn add(&mut self, head: Vec<u8>, include: bool) -> Result<(), Failure> {
        if let Some(dump) = &mut self.dump {
            dump.write(&head)?;
        }
        if include {
            self.shown.extend(head);
        }
        Ok(())
    }

    fn finish(self) -> Result<(), Failure> {
        match self.dump {
            Some(Sink::Device(mut file, path)) => {
                file.flush().map_err(|error| cannot_write(&path, error))
            }
            _ => Ok(()),
        }
    }
}

/// What the answer to a Range is.
#[derive(Debug, PartialEq, Eq)]
enum Resumed {
    /// The rest.
    Rest,
    /// There is no more.
    Complete,
    /// The whole, since the server knows no ranges.
    Whole,
    /// Not the file at all.
    Refused,
}

fn resumed(head: &Head, offset: u64) -> Result<Resumed, Failure> {
    let range = head.headers.get(CONTENT_RANGE);
    let range = range.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let range = range
        .as_deref()
        .and_then(|range| range.trim().strip_prefix("bytes"))
        .map(str::trim);
    let start = || range?.split_once('-')?.0.parse::<u64>().ok();
    let length = || range?.split_once('/')?.1.parse::<u64>().ok();
    match head.status.as_u16() {
        206 if start() == Some(offset) => Ok(Resumed::Rest),
        206 => Err(not_resumed("it sends another part")),
        416 if length().is_none_or(|length| length == offset) => Ok(Resumed::Complete),
        416 => Err(not_resumed("the file there is shorter than what is here")),
        200..=299 => Ok(Resumed::Whole),
        _ => Ok(Resumed::Refused),
    }
}

fn not_resumed(why: &str) -> Failure {
    Failure::new(
        Exit::Range,
        format!("the server does not go on where it should: {why}"),
    )
}

/// A new file instead of the one that cannot be gone on with.
fn whole(rest: Sink, path: &Path) -> Result<Sink, Failure> {
    if let Sink::Rest {
        path: part,
        becomes: Some(_),
        ..
    } = rest
    {
        // What is there of it is of no use any more.
        let _ = std::fs::remove_file(&part);
    }
    Sink::open(Some(path))
}

/// What is longer is printed as it is, in bytes.
const MOST_LAID_OUT: usize = 4 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_to_a_range() {
        for (status, range, expected) in [
            (206, "bytes 5-9/10", Ok(Resumed::Rest)),
            (206, "bytes 5-9/*", Ok(Resumed::Rest)),
            (206, "bytes 0-9/10", Err(Exit::Range)),
            (206, "", Err(Exit::Range)),
            (200, "", Ok(Resumed::Whole)),
            (416, "bytes */5", Ok(Resumed::Complete)),
            (416, "", Ok(Resumed::Complete)),
            (416, "bytes */4", Err(Exit::Range)),
            (403, "", Ok(Resumed::Refused)),
            (302, "", Ok(Resumed::Refused)),
        ] {
            let mut headers = HeaderMap::new();
            if !range.is_empty() {
                headers.insert(CONTENT_RANGE, range.parse().unwrap());
            }
            let head = Head {
                version: http::Version::HTTP_11,
                status: StatusCode::from_u16(status).unwrap(),
                reason: String::new(),
                headers,
                address: None,
            };
            let found = resumed(&head, 5).map_err(|failure| failure.exit());
            assert_eq!(found, expected, "{status} {range}");
        }
    }
}
