//! Time grows with the size of the page and not faster.

use std::time::{Duration, Instant};

use page::{MAX_BYTES, propose};

use crate::harness::{countries, known, origin, read_as};

fn time(text: &str) -> Duration {
    let countries = countries();
    let begins = Instant::now();
    if let Ok(page) = read_as("ZZ", text) {
        let _ = propose(&page, &origin("ZZ"), &countries, &known(vec![]));
    }
    begins.elapsed()
}

/// Pages that could cost more than their size: one part repeated up to the limit.
const PARTS: [&str; 14] = [
    "a ",
    "a\n",
    "See legal profile",
    "Last updated : 01/02/2003",
    "Specialised institutions",
    "Status : ",
    "Status : x\n",
    "Case law\n",
    "1/",
    "There is no cybercrime strategy. ",
    "“Strategy 2010-2012” ",
    "- Unit of the Police\n",
    "(",
    "9(1)(b), ",
];

/// Size of the pages: the limit where times are printed, else less, because this build is not optimised.
fn size() -> usize {
    let prints = std::env::var_os("PAGE_TIMES").is_some();
    if prints { MAX_BYTES } else { MAX_BYTES / 40 }
}

#[test]
fn the_largest_pages_take_bounded_time() {
    for head in [
        "",
        "Status regarding Budapest Convention\nDeclarations and reservations : ",
        "Specialised institutions\nUnits:\n",
    ] {
        for part in PARTS {
            let text = format!("{head}{}", part.repeat((size() - head.len()) / part.len()));
            let took = time(&text);
            assert!(took < Duration::from_secs(20), "{head}{part}: {took:?}");
            if std::env::var_os("PAGE_TIMES").is_some() {
                eprintln!("{:>8.1} ms {head:?} {part:?}", took.as_secs_f64() * 1000.0);
            }
        }
    }
    for html in [
        "<div>",
        "<td>",
        "<li>x",
        "<ol><li>x",
        "<nav>",
        "<b>x</b> ",
        "&amp;",
        "<!-- ",
        "<a href='",
        "<pre>\n",
    ] {
        let text = format!("<p></p>{}", html.repeat((size() - 10) / html.len()));
        let took = time(&text);
        assert!(took < Duration::from_secs(20), "{html}: {took:?}");
        if std::env::var_os("PAGE_TIMES").is_some() {
            eprintln!("{:>8.1} ms {html:?}", took.as_secs_f64() * 1000.0);
        }
    }
}
