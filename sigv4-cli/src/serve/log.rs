//! The log, and what is counted. Nothing waits for it: whoever does not read standard error loses lines, not requests.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use sigv4::AmzDate;

use super::context::Found;
use crate::args::LogForm;
use crate::cmd::presign::extended;
use crate::fields::quoted;

/// Writes lines on standard error, by a thread of its own.
#[derive(Debug)]
pub(super) struct Log {
    form: LogForm,
    lines: Mutex<Option<SyncSender<Vec<u8>>>>,
    done: Mutex<Option<Receiver<()>>>,
    counts: Mutex<BTreeMap<(u16, &'static str), u64>>,
}

/// What is said of a request.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub(super) method: &'a str,
    /// Without the query.
    pub(super) path: &'a str,
    pub(super) status: u16,
    pub(super) took: Duration,
    pub(super) found: Found,
}

impl Log {
    pub(super) fn new(form: LogForm) -> Self {
        let (lines, waiting) = sync_channel::<Vec<u8>>(WAITING);
        let (end, done) = sync_channel(1);
        thread::spawn(move || {
            let mut stderr = std::io::stderr();
            for line in waiting {
                let _ = stderr.write_all(&line);
            }
            let _ = end.send(());
        });
        Self {
            form,
            lines: Mutex::new(Some(lines)),
            done: Mutex::new(Some(done)),
            counts: Mutex::default(),
        }
    }

    /// One request.
    pub(super) fn request(&self, entry: &Entry<'_>) {
        let verdict = entry.found.refused.unwrap_or("ok");
        *self
            .counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry((entry.status, verdict))
            .or_default() += 1;
        let key = entry.found.key.as_deref();
        let micros = entry.took.as_micros();
        let line = match self.form {
            LogForm::Off => return,
            LogForm::Json => {
                let note = entry
                    .found
                    .note
                    .as_ref()
                    .map_or_else(String::new, |note| format!(",\"note\":{}", quoted(note)));
                format!(
                    "{{\"time\":\"{}\",\"method\":{},\"path\":{},\"status\":{},\"key\":{},\"verdict\":\"{verdict}\",\"micros\":{micros}{note}}}\n",
                    extended(AmzDate::now().as_str()),
                    quoted(entry.method),
                    quoted(entry.path),
                    entry.status,
                    key.map_or_else(|| "null".to_owned(), quoted),
                )
            }
            LogForm::Text => {
                let note = entry
                    .found
                    .note
                    .as_ref()
                    .map_or_else(String::new, |note| format!(" ({note})"));
                format!(
                    "{} {} {} {} {} {verdict}{note}\n",
                    extended(AmzDate::now().as_str()),
                    entry.method,
                    entry.path,
                    entry.status,
                    key.unwrap_or("-"),
                )
                .replace(|c: char| c.is_control() && c != '\n', "?")
            }
        };
        self.write(line.into_bytes());
    }

    /// What is no HTTP, or not in time.
    pub(super) fn connection(&self, what: &'static str) {
        *self
            .counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry((0, what))
            .or_default() += 1;
        let now = AmzDate::now();
        let time = extended(now.as_str());
        match self.form {
            LogForm::Off => {}
            LogForm::Json => {
                self.write(
                    format!("{{\"time\":\"{time}\",\"verdict\":\"{what}\"}}\n").into_bytes(),
                );
            }
            LogForm::Text => self.write(format!("{time} {what}\n").into_bytes()),
        }
    }

    /// What a command says on its standard error.
    pub(super) fn write(&self, bytes: Vec<u8>) {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lines) = lines.as_ref() {
            let _ = lines.try_send(bytes);
        }
    }

    /// Ends the log once its lines are written, or soon if nobody reads them.
    pub(super) fn end(&self) {
        drop(
            self.lines
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let done = self
            .done
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(done) = done {
            let _ = done.recv_timeout(Duration::from_secs(1));
        }
    }

    /// The counts, as Prometheus reads them.
    pub(super) fn metrics(&self) -> String {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::from(
            "# HELP sigcurl_requests_total Requests by status and verdict; status 0 is what was no request.\n# TYPE sigcurl_requests_total counter\n",
        );
        for ((status, verdict), count) in counts.iter() {
            text.push_str(&format!(
                "sigcurl_requests_total{{status=\"{status}\",verdict=\"{verdict}\"}} {count}\n"
            ));
        }
        text
    }
}

/// Lines that may wait for their reader.
const WAITING: usize = 4096;
