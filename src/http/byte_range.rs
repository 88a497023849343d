//! Requests for a part of a response. Source: RFC 9110, section 14.

use std::ops::Range;

use axum::body::Bytes;
use futures_util::stream::{self, Stream, TryStreamExt};

/// The part that `Range` requests of a response of a known size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requested {
    /// All of it: the header is malformed, has another unit, or several ranges, and is ignored.
    Whole,
    /// These bytes; not empty.
    Part(Range<u64>),
    /// None of its bytes: the range begins behind the end.
    Nothing,
}

/// Reads the value of `Range` for a response of `size` bytes.
pub fn requested(value: &str, size: u64) -> Requested {
    let Some((unit, set)) = value.split_once('=') else {
        return Requested::Whole;
    };
    let Some((first, last)) = set.trim().split_once('-') else {
        return Requested::Whole;
    };
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse().unwrap_or(u64::MAX))
    };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Requested::Whole;
    }
    let part = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(size),
        (Some(first), None) if last.is_empty() => first..size,
        // The last so many bytes.
        (None, Some(count)) if first.is_empty() => size.saturating_sub(count)..size,
        _ => return Requested::Whole,
    };
    if part.is_empty() {
        Requested::Nothing
    } else {
        Requested::Part(part)
    }
}

/// The part of a body. Drops what comes before it, and reads no further than its end.
pub fn part<E: Send + 'static>(
    body: impl Stream<Item = Result<Bytes, E>> + Send + Unpin,
    part: Range<u64>,
) -> impl Stream<Item = Result<Bytes, E>> + Send {
    let begin = (body, part.start, part.end.saturating_sub(part.start));
    stream::try_unfold(begin, async |(mut body, mut skip, left)| {
        if left == 0 {
            return Ok(None);
        }
        while let Some(mut chunk) = body.try_next().await? {
            let skipped = usize::try_from(skip).unwrap_or(usize::MAX).min(chunk.len());
            skip = skip.saturating_sub(to_u64(skipped));
            let mut chunk = chunk.split_off(skipped);
            if !chunk.is_empty() {
                chunk.truncate(usize::try_from(left).unwrap_or(usize::MAX));
                let left = left.saturating_sub(to_u64(chunk.len()));
                return Ok(Some((chunk, (body, skip, left))));
            }
        }
        Ok(None)
    })
}

/// A number of bytes.
pub fn to_u64(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn one_range_of_bytes_is_read_and_all_else_ignored() {
        for (value, expected) in [
            ("bytes=0-0", Requested::Part(0..1)),
            ("bytes=2-5", Requested::Part(2..6)),
            ("Bytes = 2-", Requested::Part(2..10)),
            ("bytes=2-99999999999999999999999", Requested::Part(2..10)),
            ("bytes=-3", Requested::Part(7..10)),
            ("bytes=-99", Requested::Part(0..10)),
            ("bytes=10-", Requested::Nothing),
            ("bytes=10-20", Requested::Nothing),
            ("bytes=-0", Requested::Nothing),
            ("bytes=5-2", Requested::Whole),
            ("bytes=0-1,4-5", Requested::Whole),
            ("bytes=-", Requested::Whole),
            ("bytes=x-2", Requested::Whole),
            ("bytes=+1-2", Requested::Whole),
            ("bytes", Requested::Whole),
            ("items=0-1", Requested::Whole),
        ] {
            assert_eq!(requested(value, 10), expected, "{value}");
        }
        assert_eq!(requested("bytes=0-", 0), Requested::Nothing);
    }

    #[tokio::test]
    async fn a_part_is_cut_from_chunks_of_any_size() {
        let whole = b"0123456789";
        for size in 1..=10 {
            for first in 0..10_u64 {
                for end in first + 1..=10 {
                    let chunks = whole.chunks(size).map(Bytes::copy_from_slice);
                    let chunks = stream::iter(chunks.map(Ok::<_, Infallible>));
                    let found: Vec<Bytes> = part(chunks, first..end).try_collect().await.unwrap();
                    let range = usize::try_from(first).unwrap()..usize::try_from(end).unwrap();
                    assert_eq!(found.concat(), whole[range]);
                }
            }
        }
    }
}
