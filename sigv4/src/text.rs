//! Short text kept inline, so that the hot path needs no heap.

use core::fmt;

/// At most `N` bytes of text, stored inline.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct InlineText<const N: usize> {
    bytes: [u8; N],
    len: u16,
}

impl<const N: usize> InlineText<N> {
    pub(crate) const fn new() -> Self {
        Self {
            bytes: [0; N],
            len: 0,
        }
    }

    /// `None` if the text is longer than `N` bytes.
    pub(crate) fn try_from_bytes(text: &[u8]) -> Option<Self> {
        let mut this = Self::new();
        this.push(text).then_some(this)
    }

    /// Appends all of `text`, or nothing and answers `false` if it does not fit.
    pub(crate) fn push(&mut self, text: &[u8]) -> bool {
        let start = usize::from(self.len);
        let end = start.saturating_add(text.len());
        let (Some(room), Ok(len)) = (self.bytes.get_mut(start..end), u16::try_from(end)) else {
            return false;
        };
        room.copy_from_slice(text);
        self.len = len;
        true
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The text, or `""` if what was pushed was not UTF-8.
    pub(crate) fn as_str(&self) -> &str {
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl<const N: usize> fmt::Debug for InlineText<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl<const N: usize> fmt::Display for InlineText<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::InlineText;

    #[test]
    fn keeps_what_fits_and_refuses_what_does_not() {
        let mut text = InlineText::<4>::new();
        assert!(text.push(b"abc"));
        assert!(
            !text.push(b"de"),
            "a push that does not fit must change nothing"
        );
        assert_eq!(text.as_str(), "abc");
        assert!(text.push(b"d"));
        assert_eq!(text.as_str(), "abcd");
    }
}
