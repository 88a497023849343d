//! Patches the bytes that hyper writes: restores the case of `Sec-WebSocket-Protocol` in the 101 response. hyper writes
//! header names in lower case. Case has no meaning in HTTP, but some WebSocket clients search for the spelling of RFC
//! 6455.

const SWITCHING: &[u8] = b"HTTP/1.1 101 ";
const SMALL: &[u8] = b"sec-websocket-protocol:";
const SPELT: &[u8] = b"Sec-WebSocket-Protocol:";

/// Returns a copy of the bytes with the header in the case of RFC 6455, if they begin a 101 response with that header.
/// The length stays the same.
pub fn spelt(bytes: &[u8]) -> Option<Vec<u8>> {
    if !bytes.starts_with(SWITCHING) {
        return None;
    }
    let at = bytes.windows(SMALL.len()).position(|some| some == SMALL)?;
    let mut spelt = bytes.to_vec();
    spelt
        .get_mut(at..at.saturating_add(SPELT.len()))?
        .copy_from_slice(SPELT);
    Some(spelt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_101_response_is_patched() {
        let answer = b"HTTP/1.1 101 Switching Protocols\r\nsec-websocket-protocol: x\r\n\r\n";
        let found = spelt(answer).unwrap();
        assert_eq!(found.len(), answer.len());
        assert!(found.windows(SPELT.len()).any(|some| some == SPELT));
        for other in [
            &b"HTTP/1.1 200 OK\r\nsec-websocket-protocol: x\r\n\r\n"[..],
            b"\x81\x05sec-websocket-protocol:",
            b"",
        ] {
            assert_eq!(spelt(other), None);
        }
    }
}
