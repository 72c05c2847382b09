//! Where to connect instead of where the URL says: `--resolve`, `--connect-to`, `-4`, `-6`.

use std::net::{IpAddr, SocketAddr};

use crate::args::transfer::TransferArgs;
use crate::failure::Failure;

/// What the options say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Routes {
    /// Addresses of this kind only.
    pub family: Option<Family>,
    connect_to: Vec<ConnectTo>,
    resolve: Vec<Resolved>,
}

/// A kind of address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// `-4`
    V4,
    /// `-6`
    V6,
}

/// Where to connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// The host to look up, if it has no address here.
    pub host: String,
    /// The port to connect to.
    pub port: u16,
    /// The addresses, if they are given.
    pub addresses: Vec<IpAddr>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct ConnectTo {
    from_host: Option<String>,
    from_port: Option<u16>,
    to_host: Option<String>,
    to_port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Resolved {
    host: Option<String>,
    port: u16,
    addresses: Vec<IpAddr>,
}

impl Family {
    /// Whether `address` is of this kind.
    #[must_use]
    pub const fn has(self, address: IpAddr) -> bool {
        match self {
            Self::V4 => address.is_ipv4(),
            Self::V6 => address.is_ipv6(),
        }
    }
}

impl Routes {
    /// Reads the options.
    ///
    /// # Errors
    ///
    /// For what has not the form that `--help` gives.
    pub fn new(args: &TransferArgs) -> Result<Self, Failure> {
        let family = match (args.ipv4, args.ipv6) {
            (true, true) => return Err(Failure::usage("-4 and -6 leave no address")),
            (true, false) => Some(Family::V4),
            (false, true) => Some(Family::V6),
            (false, false) => None,
        };
        let connect_to = args.connect_to.iter().map(|text| ConnectTo::new(text));
        let resolve = args.resolve.iter().filter_map(|text| Resolved::new(text));
        Ok(Self {
            family,
            connect_to: connect_to.collect::<Result<_, _>>()?,
            resolve: resolve.collect::<Result<_, _>>()?,
        })
    }

    /// Whether there is nothing out of the ordinary.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.connect_to.is_empty() && self.resolve.is_empty()
    }

    /// The way to `host` and `port`, if it is another than the usual: `--connect-to` first, `--resolve` for what that
    /// names.
    #[must_use]
    pub fn of(&self, host: &str, port: u16) -> Option<Way> {
        let is = |wanted: &Option<String>, host: &str| {
            wanted
                .as_ref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(host))
        };
        let moved = self.connect_to.iter().find(|entry| {
            is(&entry.from_host, host) && entry.from_port.is_none_or(|wanted| wanted == port)
        });
        let (to_host, to_port) = match moved {
            Some(entry) => (
                entry.to_host.as_deref().unwrap_or(host),
                entry.to_port.unwrap_or(port),
            ),
            None => (host, port),
        };
        let known = self
            .resolve
            .iter()
            .rev()
            .find(|entry| entry.port == to_port && is(&entry.host, to_host));
        if moved.is_none() && known.is_none() {
            return None;
        }
        let literal = without_brackets(to_host).parse().ok();
        Some(Way {
            host: to_host.to_owned(),
            port: to_port,
            addresses: known.map_or_else(
                || literal.into_iter().collect(),
                |known| known.addresses.clone(),
            ),
        })
    }
}

impl Way {
    /// The addresses with the port.
    pub fn sockets(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.addresses
            .iter()
            .map(|address| SocketAddr::new(*address, self.port))
    }
}

impl ConnectTo {
    fn new(text: &str) -> Result<Self, Failure> {
        let wrong = || {
            Failure::usage(format!(
                "--connect-to '{text}' has not the form HOST1:PORT1:HOST2:PORT2"
            ))
        };
        let parts = split(text);
        let [from_host, from_port, to_host, to_port] = parts.as_slice() else {
            return Err(wrong());
        };
        let host = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let port = |text: &str| match text {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| wrong()),
        };
        Ok(Self {
            from_host: host(from_host),
            from_port: port(from_port)?,
            to_host: host(to_host),
            to_port: port(to_port)?,
        })
    }
}

impl Resolved {
    /// `None` for `-HOST:PORT`, which takes back what there is not.
    fn new(text: &str) -> Option<Result<Self, Failure>> {
        if text.starts_with('-') {
            return None;
        }
        let wrong = || {
            Failure::usage(format!(
                "--resolve '{text}' has not the form HOST:PORT:ADDRESS[,ADDRESS]"
            ))
        };
        // `+` means that the entry may time out, which it does not within one run.
        let parts = split(text.strip_prefix('+').unwrap_or(text));
        let [host, port, addresses @ ..] = parts.as_slice() else {
            return Some(Err(wrong()));
        };
        // Addresses of IPv6 may stand there with brackets and without.
        let addresses = addresses.join(":");
        let addresses: Result<Vec<IpAddr>, _> = addresses
            .split(',')
            .map(|address| without_brackets(address.trim()).parse())
            .collect();
        Some(match (port.parse(), addresses) {
            (Ok(port), Ok(addresses)) if !host.is_empty() => Ok(Self {
                host: (*host != "*").then(|| (*host).to_owned()),
                port,
                addresses,
            }),
            _ => Err(wrong()),
        })
    }
}

/// At colons outside brackets.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    text.split(|c: char| {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ':' && depth == 0
    })
    .collect()
}

fn without_brackets(host: &str) -> &str {
    host.strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(connect_to: &[&str], resolve: &[&str]) -> Result<Routes, Failure> {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Routes::new(&TransferArgs {
            connect_to: owned(connect_to),
            resolve: owned(resolve),
            ..TransferArgs::default()
        })
    }

    #[test]
    fn ways() {
        let routes = routes(
            &["a:80:b:81", "::[::1]:"],
            &["b:81:10.0.0.1,::2", "c:1:[::3]", "*:9:10.0.0.9", "-x:1"],
        )
        .unwrap();
        let way = |host, port| {
            let way = routes.of(host, port).unwrap();
            way.sockets()
                .map(|socket| socket.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(way("A", 80), ["10.0.0.1:81", "[::2]:81"]);
        assert_eq!(way("a", 8), ["[::1]:8"]);
        assert_eq!(way("z", 9), ["10.0.0.9:9"]);
    }

    #[test]
    fn wrong_forms() {
        for text in ["", "a", "a:1:b", "a:x:b:1", "a:1:b:99999", "a:1:b:1:c"] {
            assert!(routes(&[text], &[]).is_err(), "{text}");
        }
        for text in ["", "a", "a:1", "a:1:", "a:1:host", ":1:::1", "a:x:1.1.1.1"] {
            assert!(routes(&[], &[text]).is_err(), "{text}");
        }
        assert_eq!(routes(&[], &[]).unwrap().of("a", 1), None);
    }
}
