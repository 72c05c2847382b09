//! `--code`: a folder, a ZIP archive or an object in S3 → what Lambda calls code.

use std::ffi::OsStr;
use std::path::Path;

use data_encoding::BASE64;
use serde_json::{Map, Value};

use crate::argv::words;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::lambda::archive;

/// `DIR`, `ZIP` or `s3://BUCKET/KEY`.
///
/// # Errors
///
/// For what is none of these, cannot be read, or is larger than Lambda takes.
pub(super) fn code(given: &OsStr) -> Result<Map<String, Value>, Failure> {
    let text = given.to_string_lossy();
    if let Some(place) = text.strip_prefix("s3://") {
        let (bucket, key) = place
            .split_once('/')
            .filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty())
            .ok_or_else(|| Failure::usage(format!("--code {text}: it is s3://BUCKET/KEY")))?;
        return Ok(Map::from_iter([
            ("S3Bucket".to_owned(), bucket.into()),
            ("S3Key".to_owned(), key.into()),
        ]));
    }
    let path = without_scheme(given);
    let path = Path::new(&path);
    let archive = if path.is_dir() {
        archive::archive(path)?
    } else {
        zip(path)?
    };
    archive::check_size(archive.len(), path)?;
    let encoded = BASE64.encode(&archive);
    Ok(Map::from_iter([("ZipFile".to_owned(), encoded.into())]))
}

fn zip(path: &Path) -> Result<Vec<u8>, Failure> {
    let unread = |error| {
        let what = format!("cannot read '{}' (from --code)", path.display());
        Failure::because(Exit::Read, what, error)
    };
    let length = std::fs::metadata(path).map_err(unread)?.len();
    archive::check_size(usize::try_from(length).unwrap_or(usize::MAX), path)?;
    let bytes = std::fs::read(path).map_err(unread)?;
    if bytes.starts_with(b"PK") {
        return Ok(bytes);
    }
    Err(Failure::usage(format!(
        "'{}' is no ZIP archive; give the folder that it is in, and that is zipped",
        path.display()
    )))
}

/// The AWS CLI writes `fileb://` in front of its `--zip-file`.
fn without_scheme(given: &OsStr) -> std::ffi::OsString {
    let bytes = given.as_encoded_bytes();
    let scheme = [&b"fileb://"[..], b"file://", b"@"];
    let scheme = scheme.iter().find(|scheme| bytes.starts_with(scheme));
    words::from(given, scheme.map_or(0, |scheme| scheme.len()))
}
