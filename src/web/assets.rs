//! The files that pages load: style sheet, scripts, icon. Their addresses contain a hash, so caches keep them for good.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// A file of the program.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// The name.
    pub name: &'static str,
    /// The value of `Content-Type`.
    pub content_type: &'static str,
    /// The content.
    pub body: &'static str,
}

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Declares the files, each with the parts of which it consists.
macro_rules! assets {
    ($($name:literal: $content_type:expr, [$($part:literal),+];)*) => {
        const ASSETS: &[Asset] = &[$(Asset {
            name: $name,
            content_type: $content_type,
            body: concat!($(include_str!($part)),+),
        }),*];
    };
}

// A page has its styles in its folder; browsers load all of them once.
assets! {
    "site.css": CSS, [
        "layout/layout.css",
        "map/map.css",
        "home/home.css",
        "treaty/treaty.css",
        "embed/embed.css",
        "countries/countries.css",
        "country/country.css",
        "record/record.css",
        "changes/changes.css",
        "compare/compare.css",
        "search/search.css",
        "review/review.css",
        "contribute/contribute.css"
    ];
    "copy.js": SCRIPT, ["assets/copy.js"];
    "draft.js": SCRIPT, ["assets/draft.js"];
    "filter.js": SCRIPT, ["assets/filter.js"];
    "live.js": SCRIPT, ["assets/live.js"];
    "review.js": SCRIPT, ["assets/review.js"];
    "time.js": SCRIPT, ["assets/time.js"];
}

/// The addresses of the files, in their order.
static ADDRESSES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let address = |asset: &Asset| {
        let digest = Sha256::digest(asset.body.as_bytes());
        let (begin, _) = digest.split_at_checked(9).unwrap_or_default();
        format!("/assets/{}/{}", URL_SAFE_NO_PAD.encode(begin), asset.name)
    };
    ASSETS.iter().map(address).collect()
});

/// The address of a file; the root if there is no such file.
pub fn address(name: &str) -> String {
    let known = ASSETS.iter().position(|asset| asset.name == name);
    let address = known.and_then(|at| ADDRESSES.get(at));
    address.cloned().unwrap_or_else(|| "/".to_owned())
}

/// The file at an address.
pub fn asset(path: &str) -> Option<&'static Asset> {
    let at = ADDRESSES.iter().position(|address| address == path)?;
    ASSETS.get(at)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_file_has_its_own_address_and_all_scripts_have_at_most_12_kilobytes() {
        let names: BTreeSet<&str> = ASSETS.iter().map(|asset| asset.name).collect();
        assert_eq!(names.len(), ASSETS.len(), "each name once");
        for one in ASSETS {
            let found = asset(&address(one.name)).unwrap();
            assert_eq!(found.name, one.name);
        }
        assert!(asset("/assets/site.css").is_none());
        let scripts = ASSETS.iter().filter(|asset| asset.content_type == SCRIPT);
        let bytes: usize = scripts.map(|asset| asset.body.len()).sum();
        assert!(bytes <= 12_000, "{bytes}");
    }
}
