//! Exit codes: curl's, wherever curl has one.

/// Why `sigcurl` ended, as its exit code tells it.
///
/// What curl has no code for (no credentials, an unknown profile, an unknown region) is a usage error: the
/// command line, the environment or the configuration has to change before the same call can work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Exit {
    /// Not `http` or `https`, or a redirect from `https` to `http`.
    Protocol = 1,
    /// The command line, the environment or the configuration is wrong or lacks something.
    Usage = 2,
    /// The URL is malformed.
    Url = 3,
    /// The proxy's name does not resolve.
    Proxy = 5,
    /// The host's name does not resolve.
    Resolve = 6,
    /// There is no connection to the host.
    Connect = 7,
    /// The answer is not HTTP, or not of the form that was asked for.
    WeirdReply = 8,
    /// The connection ended before the body did.
    Partial = 18,
    /// With `--fail` or `--fail-with-body`: the status is 400 or more.
    HttpStatus = 22,
    /// The output cannot be written.
    Write = 23,
    /// The request's body cannot be read.
    Read = 26,
    /// `--max-time` or `--connect-timeout` is over.
    Timeout = 28,
    /// The server does not go on where it was asked to.
    Range = 33,
    /// TLS: no agreement with the server.
    TlsHandshake = 35,
    /// Too many redirects.
    Redirects = 47,
    /// The server closed the connection without an answer.
    Empty = 52,
    /// The request cannot be sent.
    Send = 55,
    /// The answer cannot be received, or a WebSocket is closed with a code other than 1000 and 1001.
    Receive = 56,
    /// TLS: the client's own certificate cannot be used.
    OwnCertificate = 58,
    /// TLS: the server's certificate is not trusted.
    Certificate = 60,
    /// The answer is not compressed as it says.
    Encoding = 61,
    /// TLS: there are no certificates to trust.
    TrustStore = 77,
    /// `sigcurl lambda invoke`, or Lambda's event stream: the function failed, and its error is the answer.
    FunctionError = 110,
    /// The service ends an event stream with an exception.
    StreamException = 111,
    /// An event stream is malformed.
    EventStream = 112,
    /// `verify`: the request is not good.
    Unverified = 120,
    /// Ctrl-C or another signal, while a file was being written or a WebSocket was open.
    Interrupted = 130,
}

impl Exit {
    /// All of them, in order: what `--help` lists.
    pub const ALL: [Self; 27] = [
        Self::Protocol,
        Self::Usage,
        Self::Url,
        Self::Proxy,
        Self::Resolve,
        Self::Connect,
        Self::WeirdReply,
        Self::Partial,
        Self::HttpStatus,
        Self::Write,
        Self::Read,
        Self::Timeout,
        Self::Range,
        Self::TlsHandshake,
        Self::Redirects,
        Self::Empty,
        Self::Send,
        Self::Receive,
        Self::OwnCertificate,
        Self::Certificate,
        Self::Encoding,
        Self::TrustStore,
        Self::FunctionError,
        Self::StreamException,
        Self::EventStream,
        Self::Unverified,
        Self::Interrupted,
    ];

    /// The number that the process ends with.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// What it means, in a few words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Protocol => {
                "protocol other than http and https, or a redirect from https to http"
            }
            Self::Usage => {
                "usage: wrong option or header, no credentials, unknown profile or region"
            }
            Self::Url => "malformed URL",
            Self::Proxy => "proxy name not resolved",
            Self::Resolve => "host name not resolved",
            Self::Connect => "no connection",
            Self::WeirdReply => "the answer is not HTTP, or not of the form that was asked for",
            Self::Partial => "the connection ended before the body did",
            Self::HttpStatus => "status 400 or more, with --fail, --fail-with-body, lambda or ws",
            Self::Write => "output not written (a closed pipe is silent)",
            Self::Read => "request body not read",
            Self::Timeout => "timeout",
            Self::Range => "transfer not resumed: the server sends another part",
            Self::TlsHandshake => "TLS handshake failed",
            Self::Redirects => "too many redirects",
            Self::Empty => "no answer",
            Self::Send => "request not sent",
            Self::Receive => {
                "answer not received, or a WebSocket closed with a code other than 1000 and 1001"
            }
            Self::OwnCertificate => "--cert or --key cannot be used",
            Self::Certificate => "certificate not trusted",
            Self::Encoding => "answer not decompressed",
            Self::TrustStore => "no certificates to trust on this system",
            Self::FunctionError => "the Lambda function failed; its error is the payload",
            Self::StreamException => "the service ended the event stream with an exception",
            Self::EventStream => "malformed event stream: a checksum, a length or a limit is wrong",
            Self::Unverified => "verify: the request is not good",
            Self::Interrupted => "interrupted (silent)",
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
