//! Options about the connection and about what becomes of the answer.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::{CONNECTION, OUTPUT, REQUEST, Secret, seconds};

/// Options about the connection and about what becomes of the answer.
#[derive(Debug, Clone, Default, Args)]
pub struct TransferArgs {
    /// Follow at most N redirects; -1 for any number, default 50
    #[arg(long, value_name = "N", allow_negative_numbers = true, help_heading = REQUEST)]
    pub max_redirs: Option<i32>,

    /// A POST stays one on 301
    #[arg(long = "post301", help_heading = REQUEST)]
    pub post301: bool,

    /// A POST stays one on 302
    #[arg(long = "post302", help_heading = REQUEST)]
    pub post302: bool,

    /// A POST stays one on 303
    #[arg(long = "post303", help_heading = REQUEST)]
    pub post303: bool,

    /// Ask for a compressed answer (gzip, deflate) and decompress it; without this, bytes stay as they come
    #[arg(long, help_heading = REQUEST)]
    pub compressed: bool,

    /// Resume at byte N; '-' goes on where the file ends. While it is not whole, a new file is FILE.part
    #[arg(short = 'C', long, value_name = "N", allow_hyphen_values = true, help_heading = OUTPUT)]
    pub continue_at: Option<String>,

    /// Write to a file named like the URL's last part
    #[arg(short = 'O', long, help_heading = OUTPUT)]
    pub remote_name: bool,

    /// With -O: take the name that the server gives, if it is a safe one
    #[arg(short = 'J', long, help_heading = OUTPUT)]
    pub remote_header_name: bool,

    /// Folder for -o and -O
    #[arg(long, value_name = "FOLDER", help_heading = OUTPUT)]
    pub output_dir: Option<PathBuf>,

    /// Give the file the time of the answer's Last-Modified
    #[arg(short = 'R', long, help_heading = OUTPUT)]
    pub remote_time: bool,

    /// Print bytes as they come, which is what happens anyway
    #[arg(short = 'N', long, help_heading = OUTPUT)]
    pub no_buffer: bool,

    /// Leave no file behind where the transfer fails, which is what happens anyway
    #[arg(long, hide = true, help_heading = OUTPUT)]
    pub remove_on_error: bool,

    /// Make the folders of -o and --output-dir
    #[arg(long, help_heading = OUTPUT)]
    pub create_dirs: bool,

    /// Write the answers' status lines and headers to FILE; '-' is standard output
    #[arg(short = 'D', long, value_name = "FILE", help_heading = OUTPUT)]
    pub dump_header: Option<PathBuf>,

    /// Say nothing: neither errors nor progress
    #[arg(short, long, help_heading = OUTPUT)]
    pub silent: bool,

    /// With -s: say errors all the same
    #[arg(short = 'S', long, help_heading = OUTPUT)]
    pub show_error: bool,

    /// Exit with 22 if the status is 400 or more, and print no body
    #[arg(short, long, help_heading = OUTPUT)]
    pub fail: bool,

    /// Print this after the transfer: %{http_code}, %{time_total}, %{json}, %header{name}, \n, ...; @FILE reads it
    #[arg(short, long, value_name = "FORMAT", allow_hyphen_values = true, help_heading = OUTPUT)]
    pub write_out: Option<OsString>,

    /// Lay JSON and XML out with colour (NO_COLOR: without); auto does so on a terminal only, and is the default
    #[arg(long, value_name = "WHEN", help_heading = OUTPUT)]
    pub pretty: Option<When>,

    /// Leave event streams (application/vnd.amazon.eventstream) as they are; without this, what their events carry is
    /// printed, a line for each that is JSON. Other bodies come as they are anyway
    #[arg(long, help_heading = OUTPUT)]
    pub raw: bool,

    /// Show a progress bar on a terminal from the start, not only after a second
    #[arg(short = '#', long, help_heading = OUTPUT)]
    pub progress_bar: bool,

    /// Show no progress bar
    #[arg(long, help_heading = OUTPUT)]
    pub no_progress_meter: bool,

    /// Speak HTTP/1.1 only
    #[arg(long = "http1.1", help_heading = CONNECTION)]
    pub http1_1: bool,

    /// Speak HTTP/2 if the TLS server does, which is the default; http:// URLs need --http2-prior-knowledge
    #[arg(long, help_heading = CONNECTION)]
    pub http2: bool,

    /// Speak HTTP/2 only, without asking
    #[arg(long, help_heading = CONNECTION)]
    pub http2_prior_knowledge: bool,

    /// Use IPv4 addresses only
    #[arg(short = '4', long, help_heading = CONNECTION)]
    pub ipv4: bool,

    /// Use IPv6 addresses only
    #[arg(short = '6', long, help_heading = CONNECTION)]
    pub ipv6: bool,

    /// Connect from this network interface or local address
    #[arg(long, value_name = "NAME", help_heading = CONNECTION)]
    pub interface: Option<String>,

    /// Connect through this Unix domain socket
    #[arg(long, value_name = "PATH", help_heading = CONNECTION)]
    pub unix_socket: Option<PathBuf>,

    /// HOST:PORT:ADDRESS, or several addresses with commas: where a host is; HOST may be '*'
    #[arg(long, value_name = "ENTRY", help_heading = CONNECTION)]
    pub resolve: Vec<String>,

    /// HOST1:PORT1:HOST2:PORT2: connect to the second instead of the first. Signed, and sent, is the URL's host
    #[arg(long, value_name = "ENTRY", help_heading = CONNECTION)]
    pub connect_to: Vec<String>,

    /// Proxy, SCHEME://USER:PASSWORD@HOST:PORT, of which HOST is enough; schemes are http, https, socks4, socks4a,
    /// socks5 and socks5h; '' for none
    #[arg(short = 'x', long, value_name = "PROXY", help_heading = CONNECTION)]
    pub proxy: Option<String>,

    /// USER:PASSWORD for the proxy
    #[arg(short = 'U', long, value_name = "USER:PASSWORD", help_heading = CONNECTION)]
    pub proxy_user: Option<Secret>,

    /// Hosts to reach without a proxy, separated by commas; '*' for all
    #[arg(long, value_name = "HOSTS", help_heading = CONNECTION)]
    pub noproxy: Option<String>,

    /// Trust the certificates of this PEM file only; outranks AWS_CA_BUNDLE
    #[arg(long, value_name = "FILE", help_heading = CONNECTION)]
    pub cacert: Option<PathBuf>,

    /// Client certificate, PEM; with its key in it, or in --key
    #[arg(short = 'E', long, value_name = "FILE", help_heading = CONNECTION)]
    pub cert: Option<PathBuf>,

    /// Key of --cert, PEM, not encrypted
    #[arg(long, value_name = "FILE", help_heading = CONNECTION)]
    pub key: Option<PathBuf>,

    /// As --tls-min 1.2
    #[arg(long = "tlsv1.2", help_heading = CONNECTION)]
    pub tlsv1_2: bool,

    /// As --tls-min 1.3
    #[arg(long = "tlsv1.3", help_heading = CONNECTION)]
    pub tlsv1_3: bool,

    /// As --tls-min 1.0
    #[arg(short = '1', long = "tlsv1", hide = true, help_heading = CONNECTION)]
    pub tlsv1: bool,

    /// As --tls-min 1.0
    #[arg(long = "tlsv1.0", hide = true, help_heading = CONNECTION)]
    pub tlsv1_0: bool,

    /// As --tls-min 1.1
    #[arg(long = "tlsv1.1", hide = true, help_heading = CONNECTION)]
    pub tlsv1_1: bool,

    /// Trust the system's certificates, which is the default anyway
    #[arg(long, hide = true, help_heading = CONNECTION)]
    pub ca_native: bool,

    /// Try again up to N times, each time signed anew: on timeouts, 408, 429, 500, 502, 503, 504
    #[arg(long, value_name = "N", help_heading = CONNECTION)]
    pub retry: Option<u32>,

    /// Try again after every error
    #[arg(long, help_heading = CONNECTION)]
    pub retry_all_errors: bool,

    /// Try again where the connection is refused, too
    #[arg(long, help_heading = CONNECTION)]
    pub retry_connrefused: bool,

    /// Seconds between tries; default 1, doubled each time, and what Retry-After asks for
    #[arg(long, value_name = "SECONDS", value_parser = pause, help_heading = CONNECTION)]
    pub retry_delay: Option<Duration>,

    /// Begin no further try after this time
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = CONNECTION)]
    pub retry_max_time: Option<Duration>,

    /// Transfer at most this many bytes per second, each way: 500, 100k, 2M, 1G
    #[arg(long, value_name = "SPEED", value_parser = speed, help_heading = CONNECTION)]
    pub limit_rate: Option<u64>,
}

/// When to do something for the reader's eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum When {
    /// On a terminal.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Seconds of a pause: 0 means the default, as in curl.
fn pause(text: &str) -> Result<Duration, String> {
    seconds(text).map(|pause| {
        if pause == Duration::MAX {
            Duration::ZERO
        } else {
            pause
        }
    })
}

/// Bytes per second, with curl's suffixes. 0 means no limit.
fn speed(text: &str) -> Result<u64, String> {
    let (number, unit) = match text.char_indices().next_back() {
        Some((at, 'b' | 'B')) => (text.get(..at), 0),
        Some((at, 'k' | 'K')) => (text.get(..at), 10),
        Some((at, 'm' | 'M')) => (text.get(..at), 20),
        Some((at, 'g' | 'G')) => (text.get(..at), 30),
        _ => (Some(text), 0),
    };
    let number: u64 = number
        .and_then(|number| number.parse().ok())
        .ok_or_else(|| "not a number of bytes, such as 500, 100k or 2M".to_owned())?;
    number
        .checked_mul(1 << unit)
        .ok_or_else(|| "too large".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds() {
        for (text, expected) in [
            ("500", Some(500)),
            ("1k", Some(1024)),
            ("2M", Some(2 << 20)),
            ("1G", Some(1 << 30)),
            ("7B", Some(7)),
            ("", None),
            ("k", None),
            ("1.5k", None),
            ("-1", None),
            ("99999999999999999999", None),
            ("99999999999999G", None),
        ] {
            assert_eq!(speed(text).ok(), expected, "{text}");
        }
    }
}
