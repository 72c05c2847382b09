//! What becomes of an answer's body: decoded, laid out, written, named.

use http::HeaderMap;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LAST_MODIFIED};

use super::Transfer;
use crate::content_disposition::{file_name, safe};
use crate::decode::Decoder;
use crate::events::Events;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::invocation::Seen;
use crate::pretty::Kind;
use crate::send::{Answer, Head};
use crate::sink::Sink;

impl Transfer<'_> {
    /// Writes the body as it comes; or whole, where it is to be laid out.
    pub(super) async fn save(
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

    pub(super) fn write(&self, sink: &mut Sink, bytes: &[u8]) -> Result<(), Failure> {
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
    pub(super) fn take_name(&self, sink: &mut Sink, headers: &HeaderMap) -> Result<(), Failure> {
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

/// What is longer is printed as it is, in bytes.
const MOST_LAID_OUT: usize = 4 << 20;
