//! The canonical URI: a path under a [`PathRule`].

use alloc::borrow::Cow;
use alloc::vec::Vec;

use crate::error::CanonicalError;
use crate::percent;
use crate::rules::{PathEncoding, PathRule};

/// Appends the canonical form of a path as it stands on the wire.
pub(super) fn write(out: &mut Vec<u8>, path: &[u8], rule: PathRule) -> Result<(), CanonicalError> {
    if path.is_empty() {
        out.push(b'/');
        return Ok(());
    }
    if path.first() != Some(&b'/') {
        return Err(CanonicalError::Target);
    }
    let shape = Shape::of(path);
    if shape.is_plain && (!rule.normalize || shape.is_normal) {
        out.extend_from_slice(path);
        return Ok(());
    }
    if !rule.normalize || shape.is_normal {
        return encode(out, path, 0, rule.encoding);
    }
    let start = out.len();
    let mut at = 0_usize;
    for segment in path.split(|b| *b == b'/') {
        match segment {
            b"" | b"." => {}
            b".." => pop(out, start),
            _ => {
                out.push(b'/');
                encode(out, segment, at, rule.encoding)?;
            }
        }
        at = at.saturating_add(segment.len()).saturating_add(1);
    }
    // `/a/` keeps its slash, `/a/.` and `/a/b/..` end without one: what AWS's own C code and most SDKs do.
    if out.len() == start || path.ends_with(b"/") {
        out.push(b'/');
    }
    Ok(())
}

/// A path without what normalization takes out of it; as on the wire in every other respect.
pub(crate) fn normalized(path: &[u8]) -> Cow<'_, [u8]> {
    if path.is_empty() {
        return Cow::Borrowed(b"/");
    }
    if Shape::of(path).is_normal {
        return Cow::Borrowed(path);
    }
    let mut out = Vec::with_capacity(path.len());
    // Verbatim refuses control bytes; a path with one was refused long before it is asked for here.
    let rule = PathRule::new(true, PathEncoding::Verbatim);
    match write(&mut out, path, rule) {
        Ok(()) => Cow::Owned(out),
        Err(_) => Cow::Borrowed(path),
    }
}

/// What one look at a path tells.
struct Shape {
    /// Nothing in it is ever encoded.
    is_plain: bool,
    /// No segment is empty, `.` or `..`, and none starts with a dot, which is rare enough to take the long way; the last
    /// one may be empty.
    is_normal: bool,
}

impl Shape {
    fn of(path: &[u8]) -> Self {
        let (mut is_plain, mut dotted) = (true, false);
        let mut after_slash = false;
        // No early exit: most paths are plain and normal to their end.
        for byte in path {
            let is_slash = *byte == b'/';
            is_plain &= is_slash | percent::is_unreserved(*byte);
            dotted |= after_slash & (is_slash | (*byte == b'.'));
            after_slash = is_slash;
        }
        Self {
            is_plain,
            is_normal: !dotted,
        }
    }
}

/// Removes the last segment, if there is one, that was written since `start`.
fn pop(out: &mut Vec<u8>, start: usize) {
    let written = out.get(start..).unwrap_or_default();
    let slash = written.iter().rposition(|b| *b == b'/').unwrap_or(0);
    out.truncate(start.saturating_add(slash));
}

fn encode(
    out: &mut Vec<u8>,
    text: &[u8],
    offset: usize,
    how: PathEncoding,
) -> Result<(), CanonicalError> {
    let error = |left: &[u8]| {
        let inside = text.len().saturating_sub(left.len());
        CanonicalError::Path {
            at: offset.saturating_add(inside),
        }
    };
    let mut rest = text;
    if how == PathEncoding::Verbatim {
        if let Some(at) = text.iter().position(u8::is_ascii_control) {
            return Err(CanonicalError::Path {
                at: offset.saturating_add(at),
            });
        }
        out.extend_from_slice(text);
        return Ok(());
    }
    let decode = how != PathEncoding::Again;
    let merge_slashes = how == PathEncoding::DecodeSlashToo;
    let plain = |b: &u8| percent::is_unreserved(*b) || *b == b'/';
    while let Some(run) = rest.iter().position(|b| !plain(b)) {
        let (before, tail) = rest.split_at(run);
        out.extend_from_slice(before);
        let Some((byte, tail)) = tail.split_first() else {
            break;
        };
        if decode && *byte == b'%' {
            let Some(byte) = percent::unescape(tail) else {
                return Err(error(rest.get(run..).unwrap_or_default()));
            };
            // A slash that arrives encoded is part of a segment, and stays told apart from one that does not.
            if byte == b'/' && merge_slashes {
                out.push(byte);
            } else {
                percent::push(out, byte);
            }
            rest = tail.get(2..).unwrap_or_default();
        } else {
            percent::push(out, *byte);
            rest = tail;
        }
    }
    out.extend_from_slice(rest);
    Ok(())
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    fn canonical(path: &str, rule: PathRule) -> Result<String, CanonicalError> {
        let mut out = Vec::new();
        write(&mut out, path.as_bytes(), rule).map(|()| String::from_utf8(out).unwrap())
    }

    /// Wire path, as a service reads it, as S3 reads it. The rows are the tricky inputs on which libraries disagree.
    const ROWS: &[(&str, &str, &str)] = &[
        ("", "/", "/"),
        ("/", "/", "/"),
        ("/a%2Fb", "/a%252Fb", "/a%2Fb"),
        ("/a%25b", "/a%2525b", "/a%25b"),
        ("/a//b", "/a/b", "/a//b"),
        ("//", "/", "//"),
        ("/a/./b", "/a/b", "/a/./b"),
        ("/a/../b", "/b", "/a/../b"),
        ("/../a", "/a", "/../a"),
        ("/a/b/..", "/a", "/a/b/.."),
        ("/a/b/.", "/a/b", "/a/b/."),
        ("/a/b/../", "/a/", "/a/b/../"),
        ("/..", "/", "/.."),
        ("/./", "/", "/./"),
        ("/a/", "/a/", "/a/"),
        ("/a//", "/a/", "/a//"),
        ("/.a/..b/...", "/.a/..b/...", "/.a/..b/..."),
        ("/a*b", "/a%2Ab", "/a%2Ab"),
        ("/a!'()b", "/a%21%27%28%29b", "/a%21%27%28%29b"),
        (
            "/a:b@c,d;e=f$g&h",
            "/a%3Ab%40c%2Cd%3Be%3Df%24g%26h",
            "/a%3Ab%40c%2Cd%3Be%3Df%24g%26h",
        ),
        ("/a|b", "/a%7Cb", "/a%7Cb"),
        ("/a~b", "/a~b", "/a~b"),
        ("/a%7Eb", "/a%257Eb", "/a~b"),
        ("/a%2fb", "/a%252fb", "/a%2Fb"),
        ("/a%41b", "/a%2541b", "/aAb"),
        ("/a+b", "/a%2Bb", "/a%2Bb"),
        ("/a%2Bb", "/a%252Bb", "/a%2Bb"),
        ("/a%20b", "/a%2520b", "/a%20b"),
        ("/a b", "/a%20b", "/a%20b"),
        ("/a%FFb", "/a%25FFb", "/a%FFb"),
        ("/%C3%A9", "/%25C3%25A9", "/%C3%A9"),
        ("/ሴ", "/%E1%88%B4", "/%E1%88%B4"),
        ("/%2E%2E/a", "/%252E%252E/a", "/../a"),
        ("/a/%2E/b", "/a/%252E/b", "/a/./b"),
        ("/%00\n", "/%2500%0A", "/%00%0A"),
    ];

    #[test]
    fn tricky_paths() {
        for (wire, service, s3) in ROWS {
            assert_eq!(
                canonical(wire, PathRule::SERVICE).as_deref(),
                Ok(*service),
                "{wire} for a service"
            );
            assert_eq!(
                canonical(wire, PathRule::S3).as_deref(),
                Ok(*s3),
                "{wire} for S3"
            );
        }
    }

    #[test]
    fn a_bad_escape_is_refused_where_it_would_be_decoded() {
        assert_eq!(
            canonical("/a%b", PathRule::SERVICE).as_deref(),
            Ok("/a%25b")
        );
        assert_eq!(
            canonical("/a%b", PathRule::S3),
            Err(CanonicalError::Path { at: 2 })
        );
        assert_eq!(
            canonical("/%41/%", PathRule::S3),
            Err(CanonicalError::Path { at: 5 })
        );
        let both = PathRule::new(true, PathEncoding::DecodeThenEncode);
        assert_eq!(
            canonical("//x/%4", both),
            Err(CanonicalError::Path { at: 4 })
        );
    }

    #[test]
    fn verbatim_is_verbatim_but_for_control_bytes() {
        assert_eq!(
            canonical("/a+b//../%zz", PathRule::VERBATIM).as_deref(),
            Ok("/a+b//../%zz")
        );
        assert_eq!(
            canonical("/a\nb", PathRule::VERBATIM),
            Err(CanonicalError::Path { at: 2 })
        );
    }

    #[test]
    fn what_is_no_path_is_refused() {
        assert_eq!(
            canonical("*", PathRule::SERVICE),
            Err(CanonicalError::Target)
        );
        assert_eq!(
            canonical("host:443", PathRule::S3),
            Err(CanonicalError::Target)
        );
    }

    #[test]
    fn sixty_four_kilobytes_of_dots_cost_one_pass() {
        let long = "/a/..".repeat(13_000);
        assert_eq!(canonical(&long, PathRule::SERVICE).as_deref(), Ok("/"));
    }
}
