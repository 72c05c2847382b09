//! Which proxy a URL goes through: by the options, then by the variables that curl reads.

use std::net::IpAddr;

use http::Uri;

use crate::args::Secret;
use crate::args::transfer::TransferArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::plan::Env;

/// The proxies, and the hosts that are reached without one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    http: Option<Proxy>,
    https: Option<Proxy>,
    without: String,
}

/// One proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// Without user and password.
    pub url: String,
    /// User and password.
    pub user: Option<(String, Secret)>,
}

impl Proxies {
    /// `-x`, else `http_proxy`, `https_proxy`, `all_proxy`; `--noproxy`, else `no_proxy`. Small letters come first.
    ///
    /// # Errors
    ///
    /// [`Exit::Proxy`] for what is no proxy.
    pub fn new(args: &TransferArgs, env: Env<'_>) -> Result<Self, Failure> {
        let either = |small: &str, large: &str| env(small).or_else(|| env(large));
        let (http, https) = match &args.proxy {
            Some(proxy) => (Some(proxy.clone()), Some(proxy.clone())),
            None => {
                let all = || either("all_proxy", "ALL_PROXY");
                // A CGI program gets HTTP_PROXY from whoever sends it a Proxy header.
                let http = env("http_proxy").or_else(|| match env("REQUEST_METHOD") {
                    None => env("HTTP_PROXY"),
                    Some(_) => None,
                });
                (
                    http.or_else(all),
                    either("https_proxy", "HTTPS_PROXY").or_else(all),
                )
            }
        };
        let user = args.proxy_user.as_ref().map(|user| {
            let text = user.expose();
            let (name, password) = text.split_once(':').unwrap_or((text, ""));
            (name.to_owned(), Secret::from(password))
        });
        if user.is_some() && http.is_none() && https.is_none() {
            return Err(Failure::usage("--proxy-user needs a proxy: -x PROXY"));
        }
        let proxy = |text: Option<String>| match text.as_deref().map(str::trim) {
            None | Some("") => Ok(None),
            Some(text) => Proxy::new(text, user.clone()).map(Some),
        };
        Ok(Self {
            http: proxy(http)?,
            https: proxy(https)?,
            without: args
                .noproxy
                .clone()
                .or_else(|| either("no_proxy", "NO_PROXY"))
                .unwrap_or_default(),
        })
    }

    /// Whether any of them is like that.
    #[must_use]
    pub fn any(&self, is_so: impl Fn(&Proxy) -> bool) -> bool {
        [&self.http, &self.https].into_iter().flatten().any(is_so)
    }

    /// The proxy for `uri`.
    #[must_use]
    pub fn of(&self, uri: &Uri) -> Option<&Proxy> {
        let proxy = if uri.scheme_str() == Some("https") {
            self.https.as_ref()?
        } else {
            self.http.as_ref()?
        };
        (!goes_without(&self.without, uri.host().unwrap_or_default())).then_some(proxy)
    }
}

impl Proxy {
    fn new(text: &str, user: Option<(String, Secret)>) -> Result<Self, Failure> {
        // The text may have a password in it, and is not repeated.
        let wrong = |why: String| Failure::new(Exit::Proxy, format!("not a proxy: {why}"));
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "socks" => "socks4".to_owned(),
            scheme => scheme.to_owned(),
        };
        let default_port = match scheme.as_str() {
            "https" => 443,
            "http" | "socks4" | "socks4a" | "socks5" | "socks5h" => 1080,
            _ => return Err(wrong(format!("'{scheme}' is no kind of proxy known here"))),
        };
        let (inside, rest) = match rest.rsplit_once('@') {
            Some((inside, rest)) => (Some(inside), rest),
            None => (None, rest),
        };
        // As http, whose own port of 80 then tells that none was given.
        let url =
            url::Url::parse(&format!("http://{rest}")).map_err(|error| wrong(error.to_string()))?;
        let host = url.host_str().unwrap_or_default();
        let says_80 = rest
            .split('/')
            .next()
            .is_some_and(|host| host.ends_with(":80"));
        let port = url
            .port()
            .unwrap_or(if says_80 { 80 } else { default_port });
        let decode = |text: &str| {
            percent_encoding::percent_decode_str(text)
                .decode_utf8_lossy()
                .into_owned()
        };
        let inside = inside.map(|inside| {
            let (name, password) = inside.split_once(':').unwrap_or((inside, ""));
            (decode(name), Secret::from(decode(password)))
        });
        Ok(Self {
            url: format!("{scheme}://{host}:{port}"),
            user: user.or(inside),
        })
    }
}

/// curl's rules: names with all that ends in them, addresses, networks, `*`.
fn goes_without(list: &str, host: &str) -> bool {
    let host = host
        .trim_start_matches('[')
        .trim_end_matches([']', '.'])
        .to_ascii_lowercase();
    let address: Option<IpAddr> = host.parse().ok();
    list.split([',', ' '])
        .filter(|entry| !entry.is_empty())
        .any(|entry| {
            let entry = entry.trim_matches(['.', '[', ']']).to_ascii_lowercase();
            match address {
                _ if entry == "*" => true,
                Some(address) => is_within(&entry, address),
                None => host
                    .strip_suffix(&entry)
                    .is_some_and(|before| before.is_empty() || before.ends_with('.')),
            }
        })
}

fn is_within(network: &str, address: IpAddr) -> bool {
    let (base, bits) = match network.split_once('/') {
        Some((base, bits)) => (base, bits.parse::<u32>().ok()),
        None => (network, Some(128)),
    };
    let (Ok(base), Some(bits)) = (base.parse::<IpAddr>(), bits) else {
        return false;
    };
    let (base, address, width) = match (base, address) {
        (IpAddr::V4(base), IpAddr::V4(address)) => (
            u128::from(base.to_bits()),
            u128::from(address.to_bits()),
            32,
        ),
        (IpAddr::V6(base), IpAddr::V6(address)) => (base.to_bits(), address.to_bits(), 128),
        _ => return false,
    };
    let ignored = width - bits.min(width);
    base.checked_shr(ignored) == address.checked_shr(ignored)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_without_a_proxy() {
        for (list, host, expected) in [
            ("", "h", false),
            ("*", "h", true),
            ("a,example.com", "example.com", true),
            ("example.com", "api.Example.com", true),
            (".example.com", "api.example.com", true),
            ("example.com", "notexample.com", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("10.0.0.0/8 x", "10.2.3.4", true),
            ("10.0.0.0/8", "11.2.3.4", false),
            ("::1", "[::1]", true),
            ("fd00::/8", "[fd12::1]", true),
            ("0.1", "10.0.0.1", false),
        ] {
            assert_eq!(goes_without(list, host), expected, "{list} {host}");
        }
    }

    #[test]
    fn proxies() {
        for (text, url, user) in [
            ("h", "http://h:1080", None),
            ("h:3128", "http://h:3128", None),
            ("http://h:80/", "http://h:80", None),
            ("https://h", "https://h:443", None),
            ("socks5h://u:p%40@h:9", "socks5h://h:9", Some(("u", "p@"))),
            ("http://[::1]:8", "http://[::1]:8", None),
        ] {
            let proxy = Proxy::new(text, None).unwrap();
            assert_eq!(proxy.url, url, "{text}");
            let user = user.map(|(name, password)| (name.to_owned(), Secret::from(password)));
            assert_eq!(proxy.user, user, "{text}");
        }
        for text in ["ftp://h", "http://", "h:x", "u:SECRET@"] {
            let failure = Proxy::new(text, None).unwrap_err();
            assert_eq!(failure.exit(), Exit::Proxy, "{text}");
            assert!(!failure.to_string().contains("SECRET"));
        }
    }
}
