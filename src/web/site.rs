//! The addresses of the site, and the page of each.

use futures_util::future::{BoxFuture, FutureExt};

use crate::answer::{Answer, Lifetime, Media};
use crate::ask::Ask;
use crate::frame::{Frame, split_extension};
use crate::params::{Params, encoded};
use crate::person::Person;
use crate::refused::Refused;
use crate::sign_in::{self, SignIn};
use crate::{
    about, account, changes, compare, console, contribute, countries, country, embed, home, layout,
    record, review, search, treaty,
};

/// A request for a page.
#[derive(Clone, Debug)]
pub struct PageRequest<'a> {
    /// The path, percent-decoded.
    pub path: &'a str,
    /// The query string.
    pub query: &'a str,
    /// The header `Accept-Language`.
    pub accept_language: Option<&'a str>,
    /// The person who signed in.
    pub person: Option<Person>,
    /// The URL under which readers reach the service.
    pub public_url: &'a str,
    /// The host of the `OpenID` provider at which people can sign in.
    pub provider: Option<&'a str>,
    /// The contact of the operator: an e-mail address or a URL.
    pub contact: Option<&'a str>,
    /// True if the GraphQL console is served.
    pub has_console: bool,
    /// The counter of touches of contributions, before the page is read: its notices begin there.
    pub touched: i64,
    /// The fields of the form, if the page was posted.
    pub form: Option<Params>,
}

#[cfg(test)]
impl<'a> PageRequest<'a> {
    /// A request of a reader for an address.
    pub fn of(path: &'a str, query: &'a str) -> Self {
        Self {
            path,
            query,
            accept_language: None,
            person: None,
            public_url: "",
            provider: None,
            contact: None,
            has_console: false,
            touched: 0,
            form: None,
        }
    }
}

/// The first parts of the paths that are pages; the rest of a path is read by the page.
const ROOMS: [&str; 19] = [
    "",
    "about",
    "accessibility",
    "account",
    "changes",
    "compare",
    "contribute",
    "countries",
    "embed",
    "graphiql",
    "licence",
    "privacy",
    "records",
    "review",
    "search",
    "sign-in",
    "sign-out",
    "sources",
    "treaties",
];

/// True if a path is that of a page, whether or not the page exists.
pub fn is_page(path: &str) -> bool {
    let (path, _) = split_extension(path.strip_suffix(".atom").unwrap_or(path));
    let room = path.split('/').nth(1).unwrap_or_default();
    ROOMS.contains(&room)
}

/// The methods that the page of a path takes, as in the header `Allow`.
pub fn methods(path: &str) -> &'static str {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match parts.as_slice() {
        ["sign-out"] => "POST",
        ["graphiql" | "sign-in" | "account" | "contribute", ..] | ["review", _] => {
            "GET, HEAD, POST"
        }
        _ => "GET, HEAD",
    }
}

/// True if pages of other sites may show the page of a path in a frame.
pub fn is_embeddable(path: &str) -> bool {
    path.starts_with("/embed/")
}

/// Answers a request for a page. Refusals are pages, too. Boxed, so that the caller is not compiled with all pages.
pub fn respond<'a>(request: &'a PageRequest<'_>, ask: &'a mut dyn Ask) -> BoxFuture<'a, Answer> {
    async move {
        let answer = match Frame::read(request, ask).await {
            Ok(frame) => page(frame, request, ask).await,
            Err(refused) => Err(refused),
        };
        let answer = answer.unwrap_or_else(|refused| {
            let resumed = match &refused {
                Refused::SignIn => sign_in::resume(request).ok(),
                _ => None,
            };
            resumed.unwrap_or_else(|| refusal(request, &refused))
        });
        below(prefix(request.public_url), answer)
    }
    .boxed()
}

/// The path of the address under which readers reach the service; empty for most.
fn prefix(public_url: &str) -> &str {
    let host = public_url.split_once("://").map_or("", |(_, rest)| rest);
    host.find('/')
        .and_then(|at| host.get(at..))
        .unwrap_or("")
        .trim_end_matches('/')
}

/// Puts the links of a page below a prefix, which a proxy removes. In the markup of templates each address within the
/// site stands in an attribute and begins with `"/`; texts have no quotation marks of their own, because they are escaped.
fn below(prefix: &str, mut answer: Answer) -> Answer {
    if prefix.is_empty() {
        return answer;
    }
    if answer.media == Media::Html {
        answer.body = answer.body.replace("=\"/", &format!("=\"{prefix}/"));
    }
    let inner = |location: String| {
        if location.starts_with('/') {
            format!("{prefix}{location}")
        } else {
            location
        }
    };
    answer.location = answer.location.map(inner);
    answer
}

/// The page that tells why another one cannot be shown.
pub fn refusal(request: &PageRequest<'_>, refused: &Refused) -> Answer {
    let frame = Frame::bare(request);
    let mut answer = layout::refusal(frame, refused, request.form.as_ref());
    answer.status = refused.status();
    answer.retry_after = refused.retry_after();
    answer.lifetime = Lifetime::Personal;
    answer
}

async fn page(
    frame: Frame,
    request: &PageRequest<'_>,
    ask: &mut dyn Ask,
) -> Result<Answer, Refused> {
    let path = frame.path.clone();
    if let Some(page) = path.strip_suffix('/').filter(|page| !page.is_empty()) {
        let page: Vec<String> = page.split('/').map(encoded).collect();
        return Ok(Answer::moved(format!(
            "{}{}",
            page.join("/"),
            frame.params.query()
        )));
    }
    if let Some(feed) = feed(&path) {
        let params = frame.params.only(&["q", "kind", "country"]);
        return Ok(Answer::moved(format!("{feed}{}", params.query())));
    }
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match (parts.as_slice(), &request.form) {
        (["about"], None) => about::page(&frame),
        (["accessibility"], None) => about::accessibility(&frame),
        (["graphiql"], form) => console::page(frame, form.as_ref(), ask).await,
        (["licence"], None) => about::licence(&frame),
        (["privacy"], None) => about::privacy(&frame),
        ([""], None) => home::page(frame, ask).await,
        (["treaties"], None) => treaty::list(frame, ask).await,
        (["treaties", part], None) => treaty::page(frame, ask, part).await,
        (["treaties", part, "events"], None) => treaty::events(frame, ask, part).await,
        (["treaties", part, "map"], None) if frame.media == Media::Json => {
            treaty::history(frame, ask, part).await
        }
        (["treaties", part, "timeline"], None) => treaty::timeline(frame, ask, part).await,
        (["treaties", _, ..], None) => Err(treaty::no_page(&frame)),
        (["embed", parts @ ..], None) => embed::page(frame, ask, parts).await,
        (["changes"], None) => changes::page(frame, ask).await,
        (["compare"], None) => compare::page(frame, ask).await,
        (["countries"], None) => countries::page(frame, ask).await,
        (["countries", code], None) if frame.media == Media::Csv => {
            country::facts(frame, ask, code).await
        }
        (["countries", code], None) => country::profile(frame, ask, code).await,
        (["countries", code, "history"], None) => country::history(frame, ask, code).await,
        (["records", id], None) => record::page(frame, ask, id).await,
        (["records", id, "history"], None) => record::history(frame, ask, id).await,
        (["search"], None) => search::page(frame, ask).await,
        (["sources", key], None) => record::source(frame, ask, key).await,
        (["review"], None) => review::queue(frame, ask).await,
        (["review", id], None) => review::page(frame, ask, id).await,
        (["review", id], Some(form)) => review::post(frame, ask, id, form).await,
        (["account", rest @ ..], posted) => account::page(frame, ask, rest, posted.as_ref()).await,
        (["contribute", rest @ ..], posted) => {
            contribute::page(frame, ask, rest, posted.as_ref()).await
        }
        (["sign-in"], None) => sign_in::sign_in(request, SignIn::Asked, None),
        _ => Err(Refused::Absent(request.path.to_owned())),
    }
}

/// The path of the feed to a page, if the path is that of the page with the extension `.atom`.
fn feed(path: &str) -> Option<String> {
    let parts: Vec<String> = path
        .strip_suffix(".atom")?
        .split('/')
        .skip(1)
        .map(encoded)
        .collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    match parts.as_slice() {
        ["" | "changes"] => Some("/feed.atom".to_owned()),
        ["search"] => Some("/search/feed.atom".to_owned()),
        [room @ ("countries" | "treaties" | "sources"), key] if !key.is_empty() => {
            Some(format!("/{room}/{key}/feed.atom"))
        }
        ["countries", code, "history"] => Some(format!("/countries/{code}/feed.atom")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_forms_of_a_page_are_pages() {
        for path in [
            "/review",
            "/review.json",
            "/review/Contribution:x",
            "/countries.json",
            "/changes.atom",
        ] {
            assert!(is_page(path), "{path}");
        }
        assert!(!is_page("/reviews") && !is_page("/graphql"));
    }

    #[test]
    fn forms_are_posted_only_to_pages_that_take_them() {
        for (path, expected) in [
            ("/", "GET, HEAD"),
            ("/countries/AZ", "GET, HEAD"),
            ("/review", "GET, HEAD"),
            ("/review/x", "GET, HEAD, POST"),
            ("/contribute/draft/x", "GET, HEAD, POST"),
            ("/graphiql", "GET, HEAD, POST"),
            ("/sign-out", "POST"),
        ] {
            assert_eq!(methods(path), expected, "{path}");
        }
    }

    #[test]
    fn links_stand_below_the_path_of_the_public_address() {
        assert_eq!(prefix("https://example.org"), "");
        assert_eq!(prefix("https://example.org/profiles/"), "/profiles");
        let body = "<a href=\"/countries\">=\"x</a> <a href=\"https://a.b/c\">".to_owned();
        let page = Answer::of(Media::Html, body, Lifetime::Revalidated);
        let page = below("/profiles", page).body;
        assert_eq!(
            page,
            "<a href=\"/profiles/countries\">=\"x</a> <a href=\"https://a.b/c\">"
        );
        let moved = below("/profiles", Answer::see_other("/account".to_owned()));
        assert_eq!(moved.location.as_deref(), Some("/profiles/account"));
    }

    #[test]
    fn a_page_has_its_feed_under_its_own_name() {
        for (path, expected) in [
            ("/changes.atom", Some("/feed.atom")),
            ("/countries/AZ.atom", Some("/countries/AZ/feed.atom")),
            (
                "/countries/AZ/history.atom",
                Some("/countries/AZ/feed.atom"),
            ),
            (
                "/treaties/ETS-185.atom",
                Some("/treaties/ETS-185/feed.atom"),
            ),
            ("/search.atom", Some("/search/feed.atom")),
            ("/countries/AZ", None),
            ("/about.atom", None),
            ("/treaties/.atom", None),
            ("/sources/a?b.atom", Some("/sources/a%3Fb/feed.atom")),
        ] {
            assert_eq!(feed(path).as_deref(), expected, "{path}");
        }
    }
}
