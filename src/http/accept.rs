//! Content negotiation: reads `Accept` and chooses the form of the response. Sources: RFC 9110, section 12.5.1; GraphQL
//! over HTTP, section 6.1.

use axum::http::{HeaderMap, header};

/// Media type of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseForm {
    /// `application/json`, for older clients: a document with errors is answered with status 200.
    Json,
    /// `application/graphql-response+json`: the status tells errors of the document.
    Response,
}

impl ResponseForm {
    /// Value of the `Content-Type` header.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::Response => "application/graphql-response+json; charset=utf-8",
        }
    }
}

/// Response forms that a client accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Form for a single response; `None` if the client accepts no such form.
    pub form: Option<ResponseForm>,
    /// True if the client accepts a stream of events by name.
    pub events: bool,
    /// True if the client prefers a stream of events to a single response.
    pub prefers_events: bool,
}

/// Preference for a media type: how exactly a range names it (3 exactly, 2 by `type/*`, 1 by `*/*`), and its weight in
/// thousandths.
type Preference = (u8, u16);

impl Accepted {
    /// Default without an `Accept` header: JSON.
    const DEFAULT: Self = Self {
        form: Some(ResponseForm::Json),
        events: false,
        prefers_events: false,
    };

    /// Reads the `Accept` headers of a request.
    pub fn of(headers: &HeaderMap) -> Self {
        if !headers.contains_key(header::ACCEPT) {
            return Self::DEFAULT;
        }
        let mut ranges = Vec::new();
        for value in headers.get_all(header::ACCEPT) {
            // A value that is not text names no media type.
            let value = value.to_str().unwrap_or_default();
            ranges.extend(value.split(',').filter_map(range));
        }
        let wish = |kind: &str, subtype: &str| -> Preference {
            let exact = format!("{kind}/{subtype}");
            let half = format!("{kind}/*");
            let named = |range: &str, exactness: u8| {
                let found = ranges.iter().find(|(name, _)| name == range);
                found.map(|(_, weight)| (exactness, *weight))
            };
            named(&exact, 3)
                .or_else(|| named(&half, 2))
                .or_else(|| named("*/*", 1))
                .unwrap_or_default()
        };
        let json = wish("application", "json");
        let response = wish("application", "graphql-response+json");
        let events = wish("text", "event-stream");
        let is_response = response.1 > 0 && (response.1, response.0) >= (json.1, 3);
        let form = if is_response || (json.1 == 0 && response.1 > 0) {
            Some(ResponseForm::Response)
        } else {
            (json.1 > 0).then_some(ResponseForm::Json)
        };
        // A wildcard does not request a stream.
        let takes_events = events.0 > 1 && events.1 > 0;
        Self {
            form,
            events: takes_events,
            prefers_events: takes_events && events.1 > json.1.max(response.1),
        }
    }
}

/// Parses a media range and its weight. Other parameters are ignored: no response form depends on them.
fn range(text: &str) -> Option<(String, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next()?.to_ascii_lowercase();
    let weight = parts.find_map(|part| {
        let (key, value) = part.split_once('=')?;
        key.trim()
            .eq_ignore_ascii_case("q")
            .then(|| thousandths(value.trim()))
    });
    (!name.is_empty()).then(|| (name, weight.unwrap_or(1_000)))
}

/// Parses a weight like `0.9` into thousandths. A malformed weight is 0.
fn thousandths(text: &str) -> u16 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.chars().all(|digit| digit.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 3 {
        return 0;
    }
    let whole: u16 = whole.parse().unwrap_or_default();
    let part: u16 = format!("{part:0<3}").parse().unwrap_or_default();
    whole.saturating_mul(1_000).saturating_add(part).min(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(accept: &str) -> (Option<ResponseForm>, bool, bool) {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        let Accepted {
            form,
            events,
            prefers_events,
        } = Accepted::of(&headers);
        (form, events, prefers_events)
    }

    #[test]
    fn the_response_form_has_the_highest_weight_in_accept() {
        let (json, response) = (Some(ResponseForm::Json), Some(ResponseForm::Response));
        for (accept, form) in [
            ("*/*", json),
            ("application/*", json),
            ("application/json", json),
            ("APPLICATION/JSON; charset=utf-8", json),
            ("application/graphql-response+json", response),
            (
                "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8",
                response,
            ),
            (
                "application/json, application/graphql-response+json",
                response,
            ),
            (
                "application/graphql-response+json, application/json;q=0.9",
                response,
            ),
            (
                "application/json, application/graphql-response+json;q=0.9",
                json,
            ),
            (
                "application/json;q=0, application/graphql-response+json;q=0.1",
                response,
            ),
            ("application/json;q=0, */*", response),
            ("text/html, */*;q=0.1", json),
            ("text/html", None),
            ("application/json;q=0", None),
            ("application/json;q=x", None),
            ("", None),
        ] {
            assert_eq!(of(accept).0, form, "{accept}");
        }
        assert_eq!(Accepted::of(&HeaderMap::new()).form, json);
    }

    #[test]
    fn a_stream_of_events_is_sent_only_if_accept_names_it() {
        for (accept, events, prefers) in [
            ("text/event-stream", true, true),
            ("text/event-stream;q=0", false, false),
            ("*/*", false, false),
            (
                "application/graphql-response+json, application/json, text/event-stream, multipart/mixed",
                true,
                false,
            ),
            ("text/event-stream, application/json;q=0.5", true, true),
        ] {
            assert_eq!((of(accept).1, of(accept).2), (events, prefers), "{accept}");
        }
    }
}
