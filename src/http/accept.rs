//! In which form a client takes answers, as its `Accept` says. Sources: RFC 9110, section 12.5.1; GraphQL over
//! HTTP, section 6.1.

use axum::http::{HeaderMap, header};

/// The form of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `application/json`, for clients of old: wrong documents are answered with 200.
    Json,
    /// `application/graphql-response+json`.
    Response,
}

impl Form {
    /// The media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::Response => "application/graphql-response+json; charset=utf-8",
        }
    }
}

/// What a client takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The form of one response, where it takes one.
    pub form: Option<Form>,
    /// Whether it takes a stream of events.
    pub events: bool,
    /// Whether it would rather have events than one response.
    pub prefers_events: bool,
}

/// How much a client wants a media type: how exactly it names it, and with which weight, in thousandths.
type Wish = (u8, u16);

impl Accepted {
    /// Who says nothing takes JSON.
    const UNSAID: Self = Self {
        form: Some(Form::Json),
        events: false,
        prefers_events: false,
    };

    /// What headers accept.
    pub fn of(headers: &HeaderMap) -> Self {
        if !headers.contains_key(header::ACCEPT) {
            return Self::UNSAID;
        }
        let mut ranges = Vec::new();
        for value in headers.get_all(header::ACCEPT) {
            // What is no text accepts nothing.
            let value = value.to_str().unwrap_or_default();
            ranges.extend(value.split(',').filter_map(range));
        }
        let wish = |kind: &str, subtype: &str| -> Wish {
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
            Some(Form::Response)
        } else {
            (json.1 > 0).then_some(Form::Json)
        };
        // A wildcard asks for no stream.
        let takes_events = events.0 > 1 && events.1 > 0;
        Self {
            form,
            events: takes_events,
            prefers_events: takes_events && events.1 > json.1.max(response.1),
        }
    }
}

/// A media range and its weight; parameters other than the weight do not narrow what is made here.
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

/// A weight like `0.9`; what is none counts as none.
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

    fn of(accept: &str) -> (Option<Form>, bool, bool) {
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
    fn the_form_is_the_one_that_is_wanted_most() {
        let (json, response) = (Some(Form::Json), Some(Form::Response));
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
    fn events_are_for_those_who_name_them() {
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
