//! Pauses between attempts.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// Length of the pauses, relative to the first. The last one repeats.
const PAUSES: [u32; 6] = [1, 6, 24, 120, 360, 720];
/// Longest pause that a receiver can ask for.
const MAX_ASKED: Duration = Duration::from_hours(24);

/// The usual pause after a number of failed attempts, at least 1, lengthened or shortened by up to a fifth.
fn pause(first: Duration, failed: i32) -> Duration {
    let at = usize::try_from(failed.saturating_sub(1)).unwrap_or_default();
    let last = PAUSES.len().saturating_sub(1);
    let factor = PAUSES.get(at.min(last)).copied().unwrap_or(1);
    scattered(first.saturating_mul(factor), 80)
}

/// The pause after a failed attempt whose receiver may ask for one: at least as long as the usual pause, so that no
/// receiver asks for posts without a pause. One that is asked for is lengthened by up to a fifth.
pub fn next_pause(first: Duration, failed: i32, asked: Option<Duration>) -> Duration {
    let usual = pause(first, failed);
    asked.map_or(usual, |asked| scattered(asked, 100).max(usual))
}

/// A random duration, from a number of hundredths of the given one to 120.
fn scattered(duration: Duration, least: u32) -> Duration {
    const MAX_HUNDREDTHS: u32 = 120;
    let choices = MAX_HUNDREDTHS.saturating_sub(least).saturating_add(1);
    let chosen = uuid::Uuid::new_v4().as_u128().checked_rem(choices.into());
    let chosen = chosen.and_then(|chosen| u32::try_from(chosen).ok());
    let hundredths = least.saturating_add(chosen.unwrap_or_default());
    (duration / 100).saturating_mul(hundredths)
}

/// The pause that a receiver asks for by `Retry-After`, in seconds or as a date in one of the three forms of HTTP; at
/// most a day. Source: RFC 9110, sections 5.6.7 and 10.2.3.
pub fn asked(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let asked = if let Ok(seconds) = text.parse() {
        Duration::from_secs(seconds)
    } else {
        let date = httpdate::parse_http_date(text).ok()?;
        // A date in the past means now.
        (DateTime::<Utc>::from(date) - now)
            .to_std()
            .unwrap_or_default()
    };
    Some(asked.min(MAX_ASKED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_are_scattered_by_a_fifth() {
        let first = Duration::from_secs(5);
        for (failed, seconds) in [
            (1, 5),
            (2, 30),
            (3, 120),
            (4, 600),
            (5, 1800),
            (6, 3600),
            (70, 3600),
        ] {
            let usual = Duration::from_secs(seconds);
            let pauses: Vec<Duration> = (0..200).map(|_| pause(first, failed)).collect();
            let (least, most) = (usual * 4 / 5, usual * 6 / 5);
            assert!(pauses.iter().all(|one| (least..=most).contains(one)));
            assert!(pauses.iter().max() > pauses.iter().min());
        }
    }

    #[test]
    fn a_receiver_can_lengthen_the_usual_pause_and_not_shorten_it() {
        let first = Duration::from_secs(5);
        for (asked, least, most) in [(0, 4, 6), (1, 4, 6), (100, 100, 120)] {
            let asked = Some(Duration::from_secs(asked));
            let pauses: Vec<Duration> = (0..200).map(|_| next_pause(first, 1, asked)).collect();
            let bounds = Duration::from_secs(least)..=Duration::from_secs(most);
            assert!(pauses.iter().all(|one| bounds.contains(one)), "{asked:?}");
            assert!(pauses.iter().max() > pauses.iter().min(), "{asked:?}");
        }
        let later = next_pause(first, 6, Some(Duration::ZERO));
        assert!(later >= Duration::from_mins(48), "{later:?}");
        assert!(next_pause(first, 1, None) >= Duration::from_secs(4));
    }

    #[test]
    fn retry_after_is_read_in_seconds_and_as_a_date_and_is_bounded() {
        let now = "2026-01-10T08:00:00Z".parse().unwrap();
        let asked = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            asked(&headers, now)
        };
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(asked("120"), seconds(120));
        assert_eq!(asked("Sat, 10 Jan 2026 08:01:00 GMT"), seconds(60));
        assert_eq!(asked("Saturday, 10-Jan-26 08:02:00 GMT"), seconds(120));
        assert_eq!(asked("Sat Jan 10 08:03:00 2026"), seconds(180));
        assert_eq!(asked("Sat, 10 Jan 2026 07:00:00 GMT"), seconds(0));
        assert_eq!(asked("99999999999"), seconds(86_400));
        assert_eq!(asked("soon"), None);
        assert_eq!(asked("-5"), None);
    }
}
