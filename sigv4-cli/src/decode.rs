//! `--compressed`: the body as it was before the server compressed it.

use std::io::Write;

use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;

use crate::exit::Exit;
use crate::failure::Failure;

/// What can be undone: the value of Accept-Encoding.
pub const ACCEPTED: &str = "deflate, gzip";

/// Undoes a Content-Encoding, chunk by chunk.
pub enum Decoder {
    /// Nothing to undo.
    Identity,
    /// gzip
    Gzip(MultiGzDecoder<Vec<u8>>),
    /// deflate, before it is known which of its two forms it has.
    Deflate,
    /// deflate as its standard has it.
    Zlib(ZlibDecoder<Vec<u8>>),
    /// deflate as some servers have it.
    Raw(DeflateDecoder<Vec<u8>>),
}

impl Decoder {
    /// What the headers call for.
    ///
    /// # Errors
    ///
    /// [`Exit::Encoding`] for what was not asked for.
    pub fn new(headers: &HeaderMap) -> Result<Self, Failure> {
        let encoding = headers.get(CONTENT_ENCODING).map(|value| {
            String::from_utf8_lossy(value.as_bytes())
                .trim()
                .to_ascii_lowercase()
        });
        match encoding.as_deref() {
            None | Some("" | "identity") => Ok(Self::Identity),
            Some("gzip" | "x-gzip") => Ok(Self::Gzip(MultiGzDecoder::new(Vec::new()))),
            Some("deflate") => Ok(Self::Deflate),
            Some(other) => Err(Failure::new(
                Exit::Encoding,
                format!(
                    "the answer is compressed with '{other}'; only gzip and deflate were asked for"
                ),
            )),
        }
    }

    /// The bytes that a chunk becomes.
    ///
    /// # Errors
    ///
    /// [`Exit::Encoding`]
    pub fn decode(&mut self, chunk: &[u8]) -> Result<Vec<u8>, Failure> {
        if let (Self::Deflate, Some(first)) = (&*self, chunk.first()) {
            *self = if first & 0x0f == 8 {
                Self::Zlib(ZlibDecoder::new(Vec::new()))
            } else {
                Self::Raw(DeflateDecoder::new(Vec::new()))
            };
        }
        let outcome = match self {
            Self::Identity | Self::Deflate => return Ok(chunk.to_vec()),
            Self::Gzip(decoder) => decoder
                .write_all(chunk)
                .map(|()| std::mem::take(decoder.get_mut())),
            Self::Zlib(decoder) => decoder
                .write_all(chunk)
                .map(|()| std::mem::take(decoder.get_mut())),
            Self::Raw(decoder) => decoder
                .write_all(chunk)
                .map(|()| std::mem::take(decoder.get_mut())),
        };
        outcome.map_err(wrong)
    }

    /// What is left at the end.
    ///
    /// # Errors
    ///
    /// [`Exit::Encoding`] if the end is missing.
    pub fn finish(self) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Identity | Self::Deflate => Ok(Vec::new()),
            Self::Gzip(decoder) => decoder.finish().map_err(wrong),
            Self::Zlib(decoder) => decoder.finish().map_err(wrong),
            Self::Raw(decoder) => decoder.finish().map_err(wrong),
        }
    }
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Decoder")
    }
}

fn wrong(error: std::io::Error) -> Failure {
    Failure::because(Exit::Encoding, "the answer cannot be decompressed", error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    fn decoder(encoding: &str) -> Decoder {
        let headers = HeaderMap::from_iter([(CONTENT_ENCODING, encoding.parse().unwrap())]);
        Decoder::new(&headers).unwrap()
    }

    #[test]
    fn every_encoding_in_chunks() {
        let text: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::fast());
        for encoder in [&mut gzip as &mut dyn Write, &mut zlib, &mut raw] {
            encoder.write_all(&text).unwrap();
        }
        for (encoding, bytes) in [
            ("gzip", gzip.finish().unwrap()),
            ("X-GZIP", {
                let mut e = GzEncoder::new(Vec::new(), Compression::fast());
                e.write_all(&text).unwrap();
                e.finish().unwrap()
            }),
            ("deflate", zlib.finish().unwrap()),
            ("deflate", raw.finish().unwrap()),
            ("identity", text.clone()),
        ] {
            let mut decoder = decoder(encoding);
            let mut out = Vec::new();
            for chunk in bytes.chunks(1000) {
                out.extend(decoder.decode(chunk).unwrap());
            }
            out.extend(decoder.finish().unwrap());
            assert_eq!(out, text, "{encoding}");
        }
    }

    #[test]
    fn garbage() {
        let mut gzip = decoder("gzip");
        let outcome = gzip
            .decode(b"this is no gzip at all")
            .and_then(|_| gzip.finish());
        assert_eq!(outcome.unwrap_err().exit(), Exit::Encoding);
    }
}
