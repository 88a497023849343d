//! Pictures of pages for the documentation.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cyberprofiles::domain::viewer::Role;
use serde_json::json;

use super::{browser, open};
use crate::harness::{Api, retitle};

/// The pictures: name of the file, address, theme.
const PICTURES: &[(&str, &str, &str)] = &[
    ("home", "/", "light"),
    ("treaty", "/treaties/ETS-185", "light"),
    ("country", "/countries/AZ", "light"),
    ("history", "/countries/AZ/history", "dark"),
    (
        "compare",
        "/compare?country=AZ&country=GE&country=MD",
        "light",
    ),
];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes docs/screenshots"]
async fn screenshots() {
    let browser = browser().await.unwrap();
    let api = Api::seeded().await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/screenshots");
    fs::create_dir_all(&folder).unwrap();
    let author = api.contributor().await;
    let proposed = author
        .proposed(retitle(1, "Convention on Cybercrime (Budapest)"))
        .await;
    let review = format!("/review/{}", proposed.split(':').next_back().unwrap());
    let pictures = PICTURES
        .iter()
        .copied()
        .chain([("review", review.as_str(), "light")]);
    let mut tab = browser.tab().await;
    tab.set_width(1280, 900).await;
    for (name, path, theme) in pictures {
        if name == "review" {
            let token = api.token(Role::Editor, "Eva").await;
            let url = format!("http://{}/", api.address);
            let cookie = json!({ "name": "cyberprofiles-session", "value": token, "url": url });
            tab.call("Network.setCookie", cookie).await;
        }
        tab.set_theme(theme).await;
        open(&mut tab, &api, path).await;
        let picture = STANDARD.decode(tab.picture().await).unwrap();
        fs::write(folder.join(format!("{name}.webp")), picture).unwrap();
    }
}
