//! Patches the bytes that hyper writes: restores the case of `Sec-WebSocket-Protocol` in the 101 response. hyper writes
//! header names in lower case. Case has no meaning in HTTP, but some WebSocket clients search for the spelling of RFC
//! 6455.

const SWITCHING_PROTOCOLS: &[u8] = b"HTTP/1.1 101 ";
const LOWER_CASE: &[u8] = b"sec-websocket-protocol:";
const RFC_CASE: &[u8] = b"Sec-WebSocket-Protocol:";

/// Returns a copy of the bytes with the header in the case of RFC 6455, if they begin a 101 response with that header.
/// The length stays the same.
pub fn restored_case(bytes: &[u8]) -> Option<Vec<u8>> {
    if !bytes.starts_with(SWITCHING_PROTOCOLS) {
        return None;
    }
    let at = bytes
        .windows(LOWER_CASE.len())
        .position(|some| some == LOWER_CASE)?;
    let mut patched = bytes.to_vec();
    patched
        .get_mut(at..at.saturating_add(RFC_CASE.len()))?
        .copy_from_slice(RFC_CASE);
    Some(patched)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_101_response_is_patched() {
        let answer = b"HTTP/1.1 101 Switching Protocols\r\nsec-websocket-protocol: x\r\n\r\n";
        let found = restored_case(answer).unwrap();
        assert_eq!(found.len(), answer.len());
        assert!(found.windows(RFC_CASE.len()).any(|some| some == RFC_CASE));
        for other in [
            &b"HTTP/1.1 200 OK\r\nsec-websocket-protocol: x\r\n\r\n"[..],
            b"\x81\x05sec-websocket-protocol:",
            b"",
        ] {
            assert_eq!(restored_case(other), None);
        }
    }
}
