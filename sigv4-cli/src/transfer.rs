//! One transfer: tries, redirects, and what becomes of the answer.

mod heads;
mod resume;
mod save;

use std::cell::{Cell, RefCell};
use std::io::IsTerminal;
use std::path::Path;
use std::time::Duration;

use http::header::{ACCEPT_ENCODING, HeaderValue, LOCATION, RANGE};
use http::{Request, StatusCode};
use sigv4::{AmzDate, Explanation};

use self::heads::Heads;
use self::resume::{Resumed, not_resumed, resumed, whole};

use crate::args::DryRun;
use crate::curl_command;
use crate::decode;
use crate::events::Events;
use crate::exchange::{Exchange, Hints, signed_at};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::hop::Hop;
use crate::invocation::{Form, Invocation, Report, Seen};
use crate::payload::{Body, CHUNK};
use crate::plan::transfer::Resume;
use crate::plan::{RequestPlan, strict};
use crate::pretty::Kind;
use crate::print::{Narrator, raw_head, wire_head};
use crate::progress::Meter;
use crate::redirect;
use crate::report::Facts;
use crate::retry::Retries;
use crate::run::within;
use crate::send::{Answer, Sender};
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
                Some(mut next) => {
                    if next.signed
                        && let Some(note) = strict(&mut next.url, &self.plan.service.value)
                    {
                        self.narrator.note(&note);
                    }
                    next
                }
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
}
