//! The addresses of the site. A new page is added here, and all tests of pages cover it.

use cyberprofiles::domain::viewer::Role;

use crate::harness::{Api, retitle};

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
    page("/", "Budapest Convention on", "Convention de Budapest au"),
    page("/?on=2012-06-30", "Budapest", "Budapest"),
    page("/treaties", "Budapest Convention", "Convention de Budapest"),
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

/// Pages that other sites may show. They have no header, and no links of this site but one.
pub const EMBEDDED: &[Page] = &[
    page(
        "/embed/treaties/ETS-185",
        "Budapest Convention",
        "Convention de Budapest",
    ),
    page("/embed/treaties/ETS-185/table", "Azerbaijan", "Azerbaïdjan"),
    page("/embed/countries/AZ", "Azerbaijan", "Azerbaïdjan"),
];

/// A comparison of 20 countries, as many as one page takes: the page that costs most.
pub const WIDEST: &str = "/compare?country=AZ&country=GE&country=MD&country=UA&country=AM&country=FR&country=DE\
    &country=IT&country=ES&country=PT&country=GB&country=US&country=CA&country=JP&country=AU&country=BR&country=CL\
    &country=GH&country=KE&country=SN";

/// An address that people open while they are signed in.
pub struct Personal {
    /// The address.
    pub path: String,
    /// The token of the person; `None` for a reader.
    pub token: Option<String>,
    /// A text of its `main` in English and in French.
    pub says: [&'static str; 2],
}

/// Has proposals and a tip made, and returns the pages of them and of the people who look at them.
pub async fn personal(api: &Api) -> Vec<Personal> {
    let proposed = api.contributor().await;
    let proposed = proposed
        .proposed(retitle(1, "Convention of Budapest"))
        .await;
    let tip = "mutation { submitTip(input: { country: \"AZ\", message: \"The name of the law is outdated.\" }) {
        contribution { id } } }";
    let tip = api.query_once(tip).await["submitTip"]["contribution"]["id"].clone();
    let key = |id: &str| id.split_once(':').unwrap().1.to_owned();
    let (proposed, tip) = (key(&proposed), key(tip.as_str().unwrap()));
    let author = api.token(Role::Contributor, "carla").await;
    let editor = api.token(Role::Editor, "eva").await;
    let mut all = Vec::new();
    let mut add = |path: String, token: Option<&String>, says: [&'static str; 2]| {
        all.push(Personal {
            path,
            token: token.cloned(),
            says,
        });
    };
    let same = |text: &'static str| [text, text];
    add("/review".to_owned(), None, ["Review", "Examen"]);
    add("/review".to_owned(), Some(&editor), same("carla"));
    for token in [None, Some(&author), Some(&editor)] {
        add(
            format!("/review/{proposed}"),
            token,
            same("Convention of Budapest"),
        );
    }
    add(
        format!("/review/{tip}"),
        Some(&editor),
        same("The name of the law is outdated."),
    );
    add("/account".to_owned(), Some(&author), same("carla"));
    add("/account".to_owned(), Some(&editor), same("eva"));
    add(
        format!("/contribute/receipt/{proposed}"),
        Some(&author),
        same("A change"),
    );
    add(format!("/contribute/receipt/{tip}"), None, same(""));
    add(
        format!("/contribute/preview/{proposed}"),
        Some(&author),
        same("Convention of Budapest"),
    );
    add(
        format!("/contribute/draft/{proposed}"),
        Some(&author),
        same(""),
    );
    add(
        "/contribute".to_owned(),
        Some(&author),
        ["account", "compte"],
    );
    let form = "/contribute/add-a-strategy?country=AZ";
    add(form.to_owned(), Some(&author), same(""));
    all
}

/// The forms of proposals.
pub const FORMS: &[&str] = &[
    "add-a-strategy",
    "mend-a-date",
    "add-a-unit",
    "add-a-body",
    "add-a-country",
    "add-a-treaty",
    "add-treaty-acts",
    "complete-a-legal-profile",
    "rewrite-a-section",
    "state-an-absence",
    "merge-two-records",
    "replace-a-document",
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
    ("/countries/FR", 60_000),
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
