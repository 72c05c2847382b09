//! A HAR: what browsers save of what they sent.

use serde_json::Value;

use super::Received;

/// The entry of this number, from 1; else the first that is signed.
pub(super) fn read(text: &[u8], entry: Option<usize>) -> Result<Received, String> {
    let har: Value = serde_json::from_slice(text).map_err(|error| format!("no HAR: {error}"))?;
    let entries = har["log"]["entries"]
        .as_array()
        .ok_or("no HAR: it has no log with entries")?;
    if let Some(number) = entry {
        let index = number.checked_sub(1).ok_or("--entry counts from 1")?;
        let entry = entries
            .get(index)
            .ok_or_else(|| format!("--entry {number}: the HAR has {}", entries.len()))?;
        return request(&entry["request"]);
    }
    for entry in entries {
        if let Ok(request) = request(&entry["request"])
            && request.is_signed()
        {
            return Ok(request);
        }
    }
    Err(format!(
        "none of the HAR's {} requests is signed (--entry N takes one all the same)",
        entries.len()
    ))
}

fn request(value: &Value) -> Result<Received, String> {
    let text = |value: &Value, what: &str| {
        value
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| format!("the HAR's request has no {what}"))
    };
    let mut request = Received {
        method: text(&value["method"], "method")?,
        ..Received::default()
    };
    for header in value["headers"].as_array().into_iter().flatten() {
        let name = text(&header["name"], "name in a header")?;
        // HTTP/2's own fields: the URL says the same.
        if !name.starts_with(':') {
            request.put(&name, &text(&header["value"], "value in a header")?);
        }
    }
    let data = &value["postData"];
    let size = value["bodySize"].as_i64().unwrap_or_default();
    request.body = match data["text"].as_str() {
        Some(text) if data["encoding"] == "base64" => Some(
            data_encoding::BASE64
                .decode(text.as_bytes())
                .map_err(|_| "the HAR's body is not Base64")?,
        ),
        Some(text) => Some(text.as_bytes().to_vec()),
        None if size > 0 => None,
        None => Some(Vec::new()),
    };
    request.go_to(&text(&value["url"], "URL")?)?;
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries() {
        let har = serde_json::json!({"log": {"entries": [
            {"request": {"method": "GET", "url": "https://h/plain", "headers": []}},
            {"request": {"method": "POST", "url": "https://h/signed?x=1", "bodySize": 2, "headers": [
                {"name": ":authority", "value": "h"},
                {"name": "authorization", "value": "AWS4-HMAC-SHA256 x"}], "postData": {"text": "{}"}}},
            {"request": {"method": "PUT", "url": "https://h/", "bodySize": 9, "headers": []}},
        ]}})
        .to_string();
        let signed = read(har.as_bytes(), None).unwrap();
        assert_eq!(signed.target, b"/signed?x=1");
        assert_eq!(signed.headers.len(), 2);
        assert_eq!(signed.header("host"), Some(&b"h"[..]));
        assert_eq!(signed.body.as_deref(), Some(&b"{}"[..]));
        assert_eq!(read(har.as_bytes(), Some(1)).unwrap().target, b"/plain");
        assert_eq!(read(har.as_bytes(), Some(3)).unwrap().body, None);
        for entry in [0, 4] {
            assert!(read(har.as_bytes(), Some(entry)).is_err());
        }
        assert!(read(b"{}", None).is_err());
        assert!(read(b"{", None).is_err());
    }
}
