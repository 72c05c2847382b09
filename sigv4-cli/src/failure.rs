//! The one error type: an exit code and one line.

use std::error::Error;
use std::fmt;
use std::io::Write;

use crate::exit::Exit;
use crate::line;

/// Why the run ends, for the exit code and for the one line on stderr.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
    silenced: bool,
}

impl Failure {
    /// A failure that `message` tells whole.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            source: None,
            silenced: false,
        }
    }

    /// A failure in the midst of what `message` tells, with its cause.
    pub fn because(
        exit: Exit,
        message: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self {
            exit,
            message: message.into(),
            source: Some(source.into()),
            silenced: false,
        }
    }

    /// A wrong command line, environment or configuration.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// A failure to write to standard output.
    pub fn stdout(error: std::io::Error) -> Self {
        Self::because(Exit::Write, "cannot write the output", error)
    }

    /// The same without a word, as `-s` asks for.
    #[must_use]
    pub fn silenced(self) -> Self {
        Self {
            silenced: true,
            ..self
        }
    }

    /// A failure that was told already.
    #[must_use]
    pub fn told(exit: Exit) -> Self {
        Self::new(exit, "")
    }

    /// Whether the reader of our output has gone, as `| head` does.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        let cause = self
            .source
            .as_deref()
            .and_then(|source| source.downcast_ref::<std::io::Error>());
        self.exit == Exit::Write
            && cause.is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
    }

    /// Prints the line.
    pub fn tell(&self) {
        if !self.is_silent() {
            line::end();
            // If standard error is closed, the exit code has to do.
            let _ = writeln!(std::io::stderr(), "sigcurl: {self}");
        }
    }

    /// The exit code.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        self.exit
    }

    /// Whether to say nothing: because that is asked for, it was said already, or nobody reads on.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.silenced || self.message.is_empty() || self.is_closed_pipe()
    }
}

impl fmt::Display for Failure {
    /// The message and its causes in one line; a cause that only repeats what was said is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = one_line(&self.message);
        let source = self
            .source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static));
        for cause in source.into_iter().flat_map(chain) {
            let cause = one_line(&cause.to_string());
            if !cause.is_empty() && !line.contains(&cause) {
                line.push_str(": ");
                line.push_str(&cause);
            }
        }
        f.write_str(&line)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        None // `Display` tells the causes.
    }
}

/// `error` and its causes.
///
/// `io::Error::source` skips the very error that it wraps, so that one is asked for by another name.
pub(crate) fn chain<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        match error
            .downcast_ref::<std::io::Error>()
            .map(std::io::Error::get_ref)
        {
            Some(inner) => inner.map(|inner| inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

/// What others wrote may span lines or carry control characters that a terminal would obey.
fn one_line(text: &str) -> String {
    let words: Vec<_> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[test]
    fn one_line_with_every_cause_once() {
        let io = io::Error::other(io::Error::new(io::ErrorKind::NotFound, "no such\nfile"));
        let failure = Failure::because(Exit::Read, "cannot read a", io);
        assert_eq!(failure.to_string(), "cannot read a: no such file");
    }

    #[test]
    fn only_a_closed_pipe_is_silent() {
        assert!(Failure::stdout(io::ErrorKind::BrokenPipe.into()).is_silent());
        assert!(!Failure::stdout(io::ErrorKind::StorageFull.into()).is_silent());
        assert!(
            !Failure::because(Exit::Send, "x", io::Error::from(io::ErrorKind::BrokenPipe))
                .is_silent()
        );
    }
}
