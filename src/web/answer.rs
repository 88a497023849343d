//! The response to a request for a page.

/// The media type of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Media {
    /// A page.
    Html,
    /// The answer to the document of a page.
    Json,
    /// The rows of a page.
    Csv,
    /// The map or chart of a page.
    Svg,
    /// Plain text, such as a reference.
    Text,
}

impl Media {
    /// The value of `Content-Type`.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Svg => "image/svg+xml",
            Self::Text => "text/plain; charset=utf-8",
        }
    }
}

/// The time for which a response holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// It can change with each commit and each day.
    Revalidated,
    /// It depends on the person, so no cache stores it.
    Personal,
    /// It never changes: its address names a moment and a day.
    Forever,
}

/// The response to a request for a page.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The media type of the body.
    pub media: Media,
    /// The body.
    pub body: String,
    /// The time for which it holds.
    pub lifetime: Lifetime,
    /// The address to which the browser goes instead (status 303 or 308).
    pub location: Option<String>,
    /// Seconds after which the reader may try again.
    pub retry_after: Option<u64>,
}

impl Answer {
    /// Makes a response with status 200.
    pub fn of(media: Media, body: String, lifetime: Lifetime) -> Self {
        Self {
            status: 200,
            media,
            body,
            lifetime,
            location: None,
            retry_after: None,
        }
    }

    /// Makes a response that sends the browser to the lasting address of what it asked for.
    pub fn moved(location: String) -> Self {
        Self {
            status: 308,
            location: Some(location),
            ..Self::of(Media::Text, String::new(), Lifetime::Revalidated)
        }
    }

    /// Makes a response that sends the browser to another page after a form was posted.
    pub fn see_other(location: String) -> Self {
        Self {
            status: 303,
            location: Some(location),
            ..Self::of(Media::Html, String::new(), Lifetime::Personal)
        }
    }
}
