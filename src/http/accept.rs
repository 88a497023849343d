//! Content negotiation: reads `Accept` and chooses the form of the response. Sources: RFC 9110, section 12.5.1; GraphQL
//! over HTTP, section 6.1.

use axum::http::{HeaderMap, header};

use super::content;

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

/// Form of a stream of responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamForm {
    /// `text/event-stream`: server-sent events.
    Events,
    /// `multipart/mixed;subscriptionSpec=1.0`: the parts that Apollo Client reads.
    Multipart,
}

/// Response forms that a client accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Form for a single response; `None` if the client accepts no such form.
    pub form: Option<ResponseForm>,
    /// Form for the responses of a subscription; `None` if the client names none.
    pub stream: Option<StreamForm>,
    /// True if the client prefers a stream of events to a single response.
    pub prefers_events: bool,
}

/// Name under which [`range`] returns the media type of multipart subscriptions.
const MULTIPART: &str = "multipart/mixed;subscriptionspec=1.0";

/// Preference for a media type: how exactly a range names it (3 exactly, 2 by `type/*`, 1 by `*/*`), and its weight in
/// thousandths.
type Preference = (u8, u16);

impl Accepted {
    /// Default without an `Accept` header: JSON.
    const DEFAULT: Self = Self {
        form: Some(ResponseForm::Json),
        stream: None,
        prefers_events: false,
    };

    /// Reads the `Accept` headers of a request.
    pub fn of(headers: &HeaderMap) -> Self {
        if !headers.contains_key(header::ACCEPT) {
            return Self::DEFAULT;
        }
        let ranges = ranges(headers);
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
        let multipart = ranges.iter().find(|(name, _)| name == MULTIPART);
        let multipart = multipart.map_or(0, |(_, weight)| *weight);
        let stream = if multipart > 0 && !(takes_events && events.1 >= multipart) {
            Some(StreamForm::Multipart)
        } else {
            takes_events.then_some(StreamForm::Events)
        };
        Self {
            // Multipart is for subscriptions alone: everything else has one response.
            form: form.or((multipart > 0).then_some(ResponseForm::Json)),
            stream,
            prefers_events: stream == Some(StreamForm::Events) && events.1 > json.1.max(response.1),
        }
    }
}

/// Parses a media range and its weight. Besides the weight, only the version of multipart subscriptions matters.
fn range(text: &str) -> Option<(String, u16)> {
    let mut parts = content::parts(text);
    let name = parts.next()?.to_ascii_lowercase();
    let parameter = |wanted: &str| {
        let mut parameters = content::parts(text).skip(1);
        parameters.find_map(|part| {
            let (key, value) = part.split_once('=')?;
            let is_wanted = key.trim().eq_ignore_ascii_case(wanted);
            is_wanted.then(|| value.trim())
        })
    };
    let weight = parameter("q").map_or(1_000, thousandths);
    let is_multipart = name == "multipart/mixed"
        && parameter("subscriptionSpec").is_some_and(|version| version.trim_matches('"') == "1.0");
    if is_multipart {
        return Some((MULTIPART.to_owned(), weight));
    }
    (!name.is_empty()).then_some((name, weight))
}

/// The media ranges of all `Accept` headers, with their weights.
fn ranges(headers: &HeaderMap) -> Vec<(String, u16)> {
    let values = headers.get_all(header::ACCEPT).iter();
    // A value that is not text names no media type.
    let texts = values.filter_map(|value| value.to_str().ok());
    texts
        .flat_map(|text| text.split(','))
        .filter_map(range)
        .collect()
}

/// True if the client wants a page: it names HTML, and does not prefer JSON. Programs send `*/*` or JSON.
pub fn wants_html(headers: &HeaderMap) -> bool {
    let ranges = ranges(headers);
    let weight = |wanted: &str| {
        let found = ranges.iter().find(|(name, _)| name == wanted);
        found.map_or(0, |(_, weight)| *weight)
    };
    let html = weight("text/html");
    html > 0 && html >= weight("application/json")
}

/// The position of the offered media type that the client prefers; the first one if it names none of them. Of equal
/// weights, the one that is named more exactly comes first, then the one that is offered first.
pub fn preferred(headers: &HeaderMap, offers: &[&str]) -> usize {
    let ranges = ranges(headers);
    let wish = |offer: &str| -> Preference {
        let whole = offer.split_once('/').map(|(kind, _)| format!("{kind}/*"));
        let names = [Some(offer.to_owned()), whole, Some("*/*".to_owned())];
        let exactness = [3, 2, 1];
        let mut named = names.into_iter().zip(exactness);
        let found = named.find_map(|(name, exactness)| {
            let found = ranges
                .iter()
                .find(|(range, _)| Some(range) == name.as_ref());
            found.map(|(_, weight)| (exactness, *weight))
        });
        found.unwrap_or_default()
    };
    let mut best = (0, (0, 0));
    for (at, offer) in offers.iter().enumerate() {
        let (exactness, weight) = wish(offer);
        if weight > 0 && (weight, exactness) > best.1 {
            best = (at, (weight, exactness));
        }
    }
    best.0
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

    fn accepting(accept: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT, accept.parse().unwrap())])
    }

    fn of(accept: &str) -> Accepted {
        Accepted::of(&accepting(accept))
    }

    #[test]
    fn the_preferred_offer_has_the_highest_weight_and_the_first_is_the_default() {
        let offers = ["application/json", "application/x-bibtex", "text/plain"];
        for (accept, at) in [
            ("*/*", 0),
            ("application/x-bibtex", 1),
            ("Application/X-BibTeX; q=0.5, application/json; q=0.4", 1),
            ("application/x-bibtex, application/json", 0),
            ("text/*, */*; q=0.1", 2),
            ("text/html", 0),
            ("application/x-bibtex; q=0", 0),
            ("*/*, application/x-bibtex", 1),
        ] {
            assert_eq!(preferred(&accepting(accept), &offers), at, "{accept}");
        }
        assert_eq!(preferred(&HeaderMap::new(), &offers), 0);
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
            assert_eq!(of(accept).form, form, "{accept}");
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
            let found = of(accept);
            let is_events = found.stream == Some(StreamForm::Events);
            assert_eq!(
                (is_events, found.prefers_events),
                (events, prefers),
                "{accept}"
            );
        }
    }

    #[test]
    fn a_multipart_stream_is_sent_only_if_accept_names_its_version() {
        let (events, multipart) = (Some(StreamForm::Events), Some(StreamForm::Multipart));
        for (accept, stream) in [
            ("multipart/mixed;subscriptionSpec=1.0", multipart),
            (
                "Multipart/Mixed; SubscriptionSpec=\"1.0\"; q=0.1",
                multipart,
            ),
            (
                "multipart/mixed;boundary=\"graphql\";subscriptionSpec=1.0,application/json",
                multipart,
            ),
            (
                "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/graphql-response+json,application/json;q=0.9",
                multipart,
            ),
            ("multipart/mixed;boundary=\"a;subscriptionSpec=1.0\"", None),
            ("multipart/mixed;subscriptionSpec=1.0;q=0", None),
            ("multipart/mixed;subscriptionSpec=2.0", None),
            ("multipart/mixed;deferSpec=20220824, application/json", None),
            ("multipart/mixed, */*", None),
            (
                "multipart/mixed;subscriptionSpec=1.0, text/event-stream",
                events,
            ),
            (
                "multipart/mixed;subscriptionSpec=1.0, text/event-stream;q=0.9",
                multipart,
            ),
        ] {
            assert_eq!(of(accept).stream, stream, "{accept}");
        }
        let alone = of("multipart/mixed;subscriptionSpec=1.0");
        assert_eq!(alone.form, Some(ResponseForm::Json));
        assert!(!alone.prefers_events);
    }

    #[test]
    fn a_page_is_sent_only_if_accept_names_html() {
        for (accept, is_wanted) in [
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                true,
            ),
            ("TEXT/HTML;q=0.1", true),
            ("application/json, text/html", true),
            ("application/json, text/html;q=0.9", false),
            ("text/html;q=0, */*", false),
            ("*/*", false),
            ("text/*", false),
            ("", false),
        ] {
            assert_eq!(wants_html(&accepting(accept)), is_wanted, "{accept}");
        }
        assert!(!wants_html(&HeaderMap::new()));
    }
}
