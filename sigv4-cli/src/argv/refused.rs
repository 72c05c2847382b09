//! curl's options that are knowingly not here, and why.

/// Why `option`, as it stands on the command line, cannot be honoured.
pub(super) fn why(option: &str) -> Option<&'static str> {
    let option = option.split('=').next().unwrap_or_default();
    let exactly = REFUSED
        .iter()
        .find(|(names, _)| names.split(' ').any(|name| name == option));
    let family = || {
        FAMILIES
            .iter()
            .find(|(prefix, _)| option.starts_with(prefix))
    };
    exactly.or_else(family).map(|(_, why)| *why)
}

const AUTHORIZATION: &str = "a signed request has its signature in the Authorization header, where there is room for one only (--no-sign with -H 'Authorization: …' sends another)";
const COOKIES: &str =
    "sigcurl keeps no cookies, which no AWS service uses; send one with -b NAME=VALUE";
const NETRC: &str =
    "passwords have no place beside a signature; keys come from the environment or a profile";
const PROTOCOL: &str = "sigcurl speaks http and https only";
const TLS: &str = "the TLS library here does not offer it";
const TLS_VERSION: &str = "SSL is not spoken here, only TLS 1.2 and 1.3";
const DNS: &str = "names are looked up by the system's resolver only";
const PROXY_AUTH: &str =
    "a proxy is given user and password in its URL, for Basic authentication, and nothing else";
const TRACE: &str = "-v shows the request, the answer's head and what is signed";
const PARALLEL: &str = "several URLs are requested one by one, over one connection";
const CHANGES_BODY: &str = "the body is signed and sent byte for byte";
const SOCKET: &str = "the HTTP client does not offer it";

const REFUSED: [(&str, &str); 50] = [
    ("--netrc --netrc-file --netrc-optional -n", NETRC),
    (
        "--digest --ntlm --ntlm-wb --negotiate --anyauth --basic --oauth2-bearer",
        AUTHORIZATION,
    ),
    (
        "--krb --delegation --service-name --login-options --sasl-authzid --sasl-ir",
        AUTHORIZATION,
    ),
    ("--cookie-jar --junk-session-cookies -c -j", COOKIES),
    (
        "--location-trusted",
        "a signature never leaves for another host; -L signs again for the same one",
    ),
    (
        "--follow",
        "-L follows redirects, and --post301, --post302, --post303 keep the method",
    ),
    (
        "--http0.9",
        "an answer without a head cannot be told from garbage",
    ),
    ("--http1.0 -0", "sigcurl speaks HTTP/1.1 and HTTP/2"),
    (
        "--http3 --http3-only",
        "the HTTP client speaks HTTP/1.1 and HTTP/2",
    ),
    (
        "--alt-svc --hsts",
        "sigcurl keeps no memory of servers between runs",
    ),
    (
        "--cert-status --crlfile --ciphers --tls13-ciphers --curves --signature-algorithms",
        TLS,
    ),
    (
        "--engine --egd-file --random-file --false-start --sessionid --no-sessionid --pinnedpubkey",
        TLS,
    ),
    (
        "--no-alpn --no-npn --ech --tls-earlydata --tlsauthtype --tlsuser --tlspassword",
        TLS,
    ),
    (
        "--key-type --cert-type --pass",
        "a client certificate and its key are PEM files without a password",
    ),
    ("--capath", "write --cacert FILE, or set SSL_CERT_DIR"),
    ("--sslv2 --sslv3 -2 -3", TLS_VERSION),
    (
        "--dns-interface --dns-ipv4-addr --dns-ipv6-addr --dns-servers --doh-url --doh-insecure --doh-cert-status",
        DNS,
    ),
    (
        "--proxy-anyauth --proxy-digest --proxy-negotiate --proxy-ntlm --proxy-basic --proxy-service-name",
        PROXY_AUTH,
    ),
    (
        "--socks5-gssapi --socks5-gssapi-nec --socks5-gssapi-service --socks5-basic",
        PROXY_AUTH,
    ),
    (
        "--preproxy --proxy1.0 --proxytunnel -p --haproxy-protocol --haproxy-clientip --suppress-connect-headers",
        SOCKET,
    ),
    ("--proxy-header --proxy-http2", SOCKET),
    (
        "--trace --trace-ascii --trace-time --trace-config --trace-ids",
        TRACE,
    ),
    (
        "--libcurl",
        "there is no libcurl here; --dry-run prints the request",
    ),
    (
        "--stderr",
        "redirect standard error with the shell: 2> FILE",
    ),
    (
        "--styled-output --no-styled-output",
        "heads are printed plain",
    ),
    (
        "--parallel --parallel-immediate --parallel-max --parallel-max-host -Z",
        PARALLEL,
    ),
    (
        "--rate",
        "requests are sent one after another without a pause",
    ),
    ("--use-ascii -B --crlf --append -a", CHANGES_BODY),
    (
        "--tr-encoding",
        "bodies are printed as they come; only the connection's own chunks are taken apart",
    ),
    (
        "--request-target",
        "what is signed is the URL that is sent: put the path there",
    ),
    (
        "--form-escape",
        "names in a form are escaped as browsers do it, with %22",
    ),
    (
        "--etag-compare --etag-save",
        "write -H 'If-None-Match: …'; the ETag is in the answer's head (-i)",
    ),
    ("--time-cond -z", "write -H 'If-Modified-Since: …'"),
    (
        "--expect100-timeout",
        "sigcurl sends no Expect header and waits for none",
    ),
    (
        "--ignore-content-length",
        "a body that ends early has to be told from a whole one",
    ),
    (
        "--proto --proto-default --proto-redir",
        "http and https are spoken, https is the default, and no redirect leads from https to http",
    ),
    (
        "--disallow-username-in-url",
        "user name and password in a URL are never sent",
    ),
    (
        "--xattr",
        "the file gets what the answer's body says and nothing else",
    ),
    (
        "--tcp-fastopen --tcp-nodelay --keepalive-time --keepalive-cnt --no-keepalive --mptcp",
        SOCKET,
    ),
    (
        "--local-port --ip-tos --vlan-priority --abstract-unix-socket --happy-eyeballs-timeout-ms",
        SOCKET,
    ),
    (
        "--variable --expand-url --expand-data --expand-header",
        "let the shell put variables in",
    ),
    ("--manual -M", "sigcurl --help is the manual"),
    ("--metalink", "curl itself took it out"),
    (
        "--ipfs-gateway --list-only -l --quote -Q --pubkey --ssl --ssl-reqd --compressed-ssh",
        PROTOCOL,
    ),
    (
        "--hostpubmd5 --hostpubsha256 --telnet-option -t --disable-eprt --disable-epsv -P",
        PROTOCOL,
    ),
    ("--use-ssl --knownhosts", PROTOCOL),
    (
        "--speed-limit --speed-time -Y -y",
        "--max-time limits the whole transfer",
    ),
    ("--skip-existing", "the shell can ask: [ -e FILE ] ||"),
    ("--create-file-mode", "the file's mode follows the umask"),
    (
        "--no-clobber",
        "a whole answer takes the file's place; the shell can ask: [ -e FILE ] ||",
    ),
];

const FAMILIES: [(&str, &str); 10] = [
    ("--ftp-", PROTOCOL),
    ("--mail-", PROTOCOL),
    ("--tftp-", PROTOCOL),
    ("--ssl-", TLS),
    ("--doh-", DNS),
    ("--proxy-ssl-", TLS),
    ("--proxy-tls", TLS),
    ("--proxy-", SOCKET),
    ("--expand-", "let the shell put variables in"),
    ("--socks5-gssapi", PROXY_AUTH),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Each is refused with its reason: none is read as the beginning of one of ours.
    #[test]
    fn none_is_taken_for_one_of_ours() {
        for name in REFUSED.iter().flat_map(|(names, _)| names.split(' ')) {
            let argv = ["sigcurl", name, "http://h/"].map(std::ffi::OsString::from);
            let error = crate::argv::parse(argv.to_vec()).unwrap_err();
            let complaint = crate::argv::complaint(&error);
            assert!(
                complaint.starts_with(&format!("{name} is not here: ")),
                "{name}: {complaint}"
            );
        }
        assert_eq!(why("--netrc-file=x"), Some(NETRC));
        assert_eq!(why("--ftp-anything"), Some(PROTOCOL));
        assert_eq!(why("--nope"), None);
    }
}
