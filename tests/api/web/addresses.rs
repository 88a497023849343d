//! The addresses of the site. A new page is added here, and all tests of pages cover it.

/// A page, and what readers find on it.
pub struct Page {
    /// The address.
    pub path: &'static str,
    /// A text of its `main` in English and in French.
    pub says: [&'static str; 2],
}

const fn page(path: &'static str, english: &'static str, french: &'static str) -> Page {
    Page {
        path,
        says: [english, french],
    }
}

/// All pages that a reader can open on the bundled data.
pub const PAGES: &[Page] = &[
    page("/", "Budapest", "Budapest"),
    page("/?on=2012-06-30", "Budapest", "Budapest"),
    page("/treaties", "ETS 185", "ETS 185"),
    page("/treaties/ETS-185", "Azerbaijan", "Azerbaïdjan"),
    page(
        "/treaties/ETS-185?on=2012-06-30",
        "Azerbaijan",
        "Azerbaïdjan",
    ),
    page("/treaties/CETS-224", "CETS 224", "CETS 224"),
    page("/treaties/ETS-185/events", "Budapest", "Budapest"),
    page("/countries", "Azerbaijan", "Azerbaïdjan"),
    page("/countries?region=Europe", "France", "France"),
    page("/countries/AZ", "1 July 2010", "1er juillet 2010"),
    page(
        "/countries/AZ?on=2020-04-16",
        "1 July 2010",
        "1er juillet 2010",
    ),
    page("/countries/AD", "Andorra", "Andorre"),
    page("/countries/GE", "Georgia", "Géorgie"),
    page("/countries/AZ/history", "Azerbaijan", "Azerbaïdjan"),
    page("/compare", "Compare", "Comparer"),
    page(
        "/compare?country=AZ&country=GE&country=MD",
        "Georgia",
        "Géorgie",
    ),
    page("/changes", "Source", "Source"),
    page("/search", "Search", "Recherche"),
    page("/search?q=strategy", "strategy", "strategy"),
    page("/records/Treaty:ets-185", "ETS 185", "ETS 185"),
    page("/records/Country:az/history", "Azerbaijan", "Azerbaïdjan"),
    page("/records/ProfileSection:az-policies", "2.2.9", "2.2.9"),
    page("/sources/octopus-az-2020", "Octopus", "Octopus"),
    page("/contribute", "account", "compte"),
    page("/contribute?country=AZ", "Azerbaijan", "Azerbaïdjan"),
    page("/sign-in", "token", "jeton"),
    page("/about", "depositary", "dépositaire"),
    page("/accessibility", "EN 301 549 v3.2.1", "EN 301 549 v3.2.1"),
    page("/licence", "Natural Earth", "Natural Earth"),
    page("/privacy", "no cookie", "aucun cookie"),
    page(
        "/graphiql?run=1&query=%7B__typename%7D",
        "__typename",
        "__typename",
    ),
];

/// Pages that are tried in Chromium in both languages, both themes and both widths; the others are tried once.
pub const THOROUGHLY: &[&str] = &[
    "/",
    "/treaties/ETS-185",
    "/countries/AZ",
    "/compare?country=AZ&country=GE&country=MD",
    "/contribute?country=AZ",
    "/graphiql?run=1&query=%7B__typename%7D",
];

/// Pages, and the bytes that they may have with styles and scripts, all compressed.
pub const WEIGHTS: &[(&str, usize)] = &[
    ("/", 70_000),
    ("/treaties/ETS-185", 70_000),
    ("/countries/AZ", 60_000),
    ("/countries/UA", 60_000),
    ("/countries", 60_000),
    ("/about", 60_000),
];

/// Addresses that are refused, and with which status.
pub const REFUSED: &[(&str, u16)] = &[
    ("/nothing", 404),
    ("/about/nothing", 404),
    ("/about.json", 404),
    ("/treaties/ETS-999", 404),
    ("/treaties/ETS-185?on=yesterday", 400),
    ("/countries/ZZ", 404),
    ("/countries/%3Cscript%3E", 404),
    ("/countries?on=yesterday", 400),
    ("/countries?on=2020-02-30", 400),
    ("/countries?at=nonsense", 400),
    ("/compare?country=AZ&country=ZZ", 400),
    ("/records/Treaty:nothing", 404),
    ("/records/nothing", 400),
    ("/sources/nothing", 404),
    ("/account", 401),
    ("/graphiql?run=1&query=x&variables=1", 400),
];
