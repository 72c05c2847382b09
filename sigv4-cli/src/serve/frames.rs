//! The frames of an event stream, as Lambda's InvokeWithResponseStream sends them.

use bytes::Bytes;

/// A message: its type, the type of its payload, the payload.
pub(super) fn event(event_type: &str, content_type: &str, payload: &[u8]) -> Bytes {
    let mut headers = Vec::new();
    for (name, value) in [
        (":event-type", event_type),
        (":content-type", content_type),
        (":message-type", "event"),
    ] {
        headers.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        headers.extend_from_slice(name.as_bytes());
        headers.push(STRING);
        headers.extend_from_slice(&u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
        headers.extend_from_slice(value.as_bytes());
    }
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes();
    let mut frame = Vec::with_capacity(OVERHEAD + headers.len() + payload.len());
    frame.extend_from_slice(&length(OVERHEAD + headers.len() + payload.len()));
    frame.extend_from_slice(&length(headers.len()));
    frame.extend_from_slice(&crc32fast::hash(&frame).to_be_bytes());
    frame.extend_from_slice(&headers);
    frame.extend_from_slice(payload);
    frame.extend_from_slice(&crc32fast::hash(&frame).to_be_bytes());
    frame.into()
}

/// The type of a header's value.
const STRING: u8 = 7;
/// Two lengths and two sums.
const OVERHEAD: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_botocore_reads_it() {
        let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
        assert_eq!(
            hex(&event(
                "PayloadChunk",
                "application/octet-stream",
                b"hello "
            )),
            "000000700000005a174e874c0b3a6576656e742d7479706507000c5061796c6f61644368756e6b0d3a636f6e74656e742d747970650700186170706c69636174696f6e2f6f637465742d73747265616d0d3a6d6573736167652d747970650700056576656e7468656c6c6f206d711b04"
        );
        assert_eq!(
            hex(&event(
                "InvokeComplete",
                "application/json",
                b"{\"LogResult\": \"U1RBUlQgUmVxdWVzdElkCg==\"}"
            )),
            "0000008d0000005440523ea70b3a6576656e742d7479706507000e496e766f6b65436f6d706c6574650d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b224c6f67526573756c74223a202255315242556c5167556d56786457567a64456c6b43673d3d227d9947c62a"
        );
    }
}
