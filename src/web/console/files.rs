//! The files of `GraphiQL`.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// A file, compressed by Brotli.
#[derive(Clone, Copy, Debug)]
pub struct File {
    /// The name.
    pub name: &'static str,
    /// The value of `Content-Type`.
    pub content_type: &'static str,
    /// The compressed content.
    pub body: &'static [u8],
}

/// Declares the files, each with its content type.
#[cfg(feature = "console")]
macro_rules! files {
    ($($name:literal: $content_type:literal;)*) => {
        &[$(File {
            name: $name,
            content_type: $content_type,
            body: include_bytes!(concat!("dist/", $name, ".br")),
        }),*]
    };
}

#[cfg(feature = "console")]
const FILES: &[File] = files! {
    "graphiql.js": "text/javascript; charset=utf-8";
    "worker.js": "text/javascript; charset=utf-8";
    "graphiql.css": "text/css; charset=utf-8";
    "codicon.ttf": "font/ttf";
    "LICENSES.txt": "text/plain; charset=utf-8";
};
#[cfg(not(feature = "console"))]
const FILES: &[File] = &[];

/// The folder of the files. Its name changes if one of them does, so that files of different builds never mix.
static FOLDER: LazyLock<String> = LazyLock::new(|| {
    let digest = Sha256::digest(include_str!("dist/SHA256SUMS").as_bytes());
    let (begin, _) = digest.split_at_checked(9).unwrap_or_default();
    format!("/graphiql/{}", URL_SAFE_NO_PAD.encode(begin))
});

/// The address of a file; `None` if the program was built without it.
pub fn address(name: &str) -> Option<String> {
    let file = FILES.iter().find(|file| file.name == name)?;
    Some(format!("{}/{}", *FOLDER, file.name))
}

/// The address of the licences of the files; `None` if the program was built without them.
pub fn licences() -> Option<String> {
    address("LICENSES.txt")
}

/// The file at an address.
pub fn file(path: &str) -> Option<&'static File> {
    let name = path.strip_prefix(FOLDER.as_str())?.strip_prefix('/')?;
    FILES.iter().find(|file| file.name == name)
}

#[cfg(all(test, feature = "console"))]
mod tests {
    use super::*;

    #[test]
    fn each_file_has_an_address_and_is_listed_with_its_digest() {
        let sums = include_str!("dist/SHA256SUMS");
        assert_eq!(sums.lines().count(), FILES.len());
        for one in FILES {
            let digest = Sha256::digest(one.body);
            let digest: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            let digest = digest.concat();
            assert!(sums.contains(&format!("{digest}  {}.br\n", one.name)));
            assert_eq!(file(&address(one.name).unwrap()).unwrap().name, one.name);
        }
        assert!(file("/graphiql/graphiql.js").is_none());
        assert!(file("/graphiql").is_none() && address("page.html").is_none());
    }
}
