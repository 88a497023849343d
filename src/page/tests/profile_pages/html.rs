//! Saved HTML.

use domain::profile_section::ProfileTopic;
use page::{Place, StatementKind};

use crate::harness::{known, page, proposal, read_as, unmapped};

const SAVED: &str = r#"<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Testland - Octopus Cybercrime Community</title>
<script>document.write("<h2>Case law</h2>");</script><style>h2 { color: red }</style>
<link rel="stylesheet" href="http://192.0.2.1/a.css"></head>
<body>
<header><a href="/">Council site</a><nav><ul><li>Otherland</li><li>Third Islands</li></ul></nav></header>
<main><article>
<h1>Testland</h1>
<p>Last updated : 05/03/2019</p>
<h3>Status regarding Budapest Convention</h3>
<p><strong>Status :</strong> Party&nbsp;<strong>Signed :</strong> 23/11/2001 <b>Ratified / acceded :</b> 01/07/2005
<a href="http://192.0.2.1/profile">See legal profile</a></p><h3>Cybercrime policies/strategies</h3>
<p>The plan of the <a href="http://192.0.2.1/x" onclick="steal()">ministry</a> is
public &amp; short.<br>It has a second line.</p>
<ul><li>First goal</li><li><p>Second goal</p></li></ul>
<table><tr><td>Office</td><td>Town</td></tr></table>
<img src="http://192.0.2.1/pixel.gif" alt="not text">
<h3>Jurisprudence/case law</h3>
</article></main>
<footer><p>Cookies and terms</p></footer>
</body></html>"#;

#[test]
fn blocks_make_lines_links_keep_their_text_and_the_site_is_not_content() {
    let read = page(SAVED);
    assert_eq!(unmapped(&read), []);
    assert_eq!(
        read.sections[1].body,
        "The plan of the ministry is public & short.\n\nIt has a second line.\n\n- First goal\n- Second goal\n\nOffice | Town"
    );
    assert_eq!(
        read.sections[0].body,
        "Status : Party Signed : 23/11/2001 Ratified / acceded : 01/07/2005"
    );
    assert_eq!(read.sections.len(), 3);
    let chrome: Vec<_> = read
        .placed
        .iter()
        .filter(|placed| placed.place == Place::Chrome)
        .map(|placed| placed.text.as_str())
        .collect();
    assert_eq!(
        chrome,
        [
            "Council site",
            "Otherland",
            "Third Islands",
            "Testland",
            "See legal profile",
            "Cookies and terms"
        ]
    );
    let line = |text: &str| {
        read.placed
            .iter()
            .find(|placed| placed.text.starts_with(text))
            .map(|placed| placed.line)
    };
    assert_eq!(
        (
            line("Last updated"),
            line("First goal"),
            line("Jurisprudence")
        ),
        (Some(9), Some(15), Some(18))
    );
}

#[test]
fn html_and_its_text_propose_the_same() {
    let text = "Testland\n\nLast updated : 05/03/2019\n\nStatus regarding Budapest Convention\n\nStatus : Party Signed : 23/11/2001 Ratified / acceded : 01/07/2005 See legal profile\n\nCybercrime policies/strategies\n\nThe plan of the ministry is public & short.\nIt has a second line.\n\n- First goal\n- Second goal\n\nOffice | Town\n\nJurisprudence/case law\n";
    assert_eq!(
        proposal(SAVED, &known(vec![])),
        proposal(text, &known(vec![]))
    );
}

#[test]
fn text_that_looks_like_html_cannot_become_html() {
    let read =
        page("<h3>Case law</h3><p>&lt;script&gt;alert(1)&lt;/script&gt; [a](javascript:b)</p>");
    assert_eq!(
        read.sections[0].body,
        "\\<script>alert(1)\\</script> [a\\](javascript:b)"
    );
}

#[test]
fn an_element_of_the_site_without_an_end_does_not_hide_the_page() {
    let read = page("<nav><p>Menu</p><h3>Case law</h3><p>One decision is known.</p>");
    assert_eq!(read.sections[0].body, "One decision is known.");
    let read = page("<h3>Case law</h3><p>One.</p><script>var a = 1; <p>Two.</p>");
    assert_eq!(read.unmapped[0].text, "<script>");
    assert!(
        read.unmapped[0]
            .why
            .as_deref()
            .unwrap()
            .contains("no end tag")
    );
}

#[test]
fn html_nested_ten_thousand_deep_is_read() {
    for (open, close) in [
        ("<div>", "</div>"),
        ("<ul><li>", "</li></ul>"),
        ("<nav>", "</nav>"),
        ("<b>", ""),
    ] {
        let text = format!(
            "{}<h3>Case law</h3><p>One.</p>{}",
            open.repeat(50_000),
            close.repeat(50_000)
        );
        let read = page(text);
        let is_site = open == "<nav>";
        assert_eq!(read.sections.is_empty(), is_site, "{open}");
    }
}

#[test]
fn declared_encodings_are_decoded() {
    let latin = b"<meta charset=\"windows-1252\"><h3>Case law</h3><p>Caf\xe9 \x93x\x94.</p>";
    assert_eq!(page(latin).sections[0].body, "Café “x”.");
    let utf16: Vec<u8> = "\u{feff}Case law\nCafé\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(page(utf16).sections[0].body, "Café");
    assert_eq!(
        page("\u{feff}Case law\nCafe\u{301}\n").sections[0].body,
        "Café"
    );
    let message = read_as("ZZ", b"<meta charset=koi8-r><p>\xc1</p>")
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("koi8-r") && message.contains("UTF-8"),
        "{message}"
    );
}

#[test]
fn a_heading_in_a_list_is_an_item() {
    let read = page("<h3>Case law</h3><ol><li>Safeguards</li></ol>");
    assert_eq!(
        (read.sections.len(), read.sections[0].topic),
        (1, ProfileTopic::CaseLaw)
    );
    assert_eq!(read.sections[0].body, "1. Safeguards");
}

#[test]
fn headings_of_accordions_are_headings() {
    for open in ["button", "summary", "header"] {
        let read = page(format!(
            "<div><{open}>Case law</{open}><p>One.</p><{open}>Safeguards</{open}><p>Two.</p></div>"
        ));
        let bodies: Vec<_> = read
            .sections
            .iter()
            .map(|section| section.body.as_str())
            .collect();
        assert_eq!(bodies, ["One.", "Two."], "{open}");
        let read = page(format!(
            "<h3>Case law</h3><p>One.</p><{open}>Share</{open}><p>Two.</p>"
        ));
        assert_eq!(read.sections.len(), 1);
    }
    let menu =
        "<header><nav><ul><li>Case law</li></ul></nav></header><h3>Safeguards</h3><p>Two.</p>";
    assert_eq!(page(menu).sections.len(), 1);
}

#[test]
fn no_text_of_the_content_is_lost_silently() {
    for name in ["aside", "menu"] {
        let read = page(format!(
            "<h3>Case law</h3><p>One.</p><{name}>Aside.</{name}><p>Two.</p>"
        ));
        assert_eq!(unmapped(&read), [(1, "Aside.".to_owned())]);
    }
    for cut in [
        "<!-- <p>Two.</p>",
        "<a href=\"x><p>Two.</p>",
        "<title><p>Two.</p>",
    ] {
        let read = page(format!("<h3>Case law</h3>\n<p>One.</p>\n{cut}"));
        assert_eq!(read.unmapped.len(), 1, "{cut}");
        assert!(
            read.unmapped[0].why.as_deref().unwrap().contains("no end"),
            "{cut}"
        );
        assert_eq!(read.unmapped[0].line, 3, "{cut}");
    }
    let read = page("<h3>Case law</h3><p><![CDATA[One.]]> <![CDATA[2 > 1]]></p>");
    assert_eq!(read.sections[0].body, "One. 2 > 1");
}

#[test]
fn one_stray_end_tag_does_not_make_a_text_html() {
    for tag in ["</b>", "</a>", "</p>", "</span>"] {
        let read = page(format!("Case law\nOne line{tag}\nSafeguards\nTwo.\n"));
        assert_eq!(read.sections.len(), 2, "{tag}");
    }
}

#[test]
fn declarations_in_a_list_or_with_line_breaks_are_all_read() {
    for list in [
        "<p>Declarations &amp; reservations :</p><ul><li>Article 24</li><li>Article 27</li><li>Article 22 (reservation)</li></ul>",
        "<p>Declarations and reservations :<br>Article 24<br>Article 27<br>Article 22 reservation</p>",
        "<p>Declaration(s): Article 24, Article 27<br>Reservation(s): Article 22</p>",
    ] {
        let read = page(format!(
            "<h3>Status regarding Budapest Convention</h3><p>Status : Party</p>{list}"
        ));
        let articles: Vec<_> = read
            .status
            .statements
            .iter()
            .map(|one| (one.article.as_str(), one.kind == StatementKind::Reservation))
            .collect();
        assert_eq!(
            articles,
            [("24", false), ("27", false), ("22", true)],
            "{list}"
        );
        assert_eq!(unmapped(&read), []);
    }
}

#[test]
fn long_lists_of_labels_and_cut_tags_take_bounded_time() {
    let status = "Status regarding Budapest Convention\n";
    for text in [
        format!(
            "{status}{}",
            "Declarations & reservations : Article 24 ".repeat(5_000)
        ),
        format!("{status}Reservations :\n{}", "Article 24\n".repeat(20_000)),
        format!(
            "{status}Declarations : Article 24 {}",
            "declaration".repeat(20_000)
        ),
        "</p <p</p".repeat(100_000),
        format!("<p>{}</p>", "<![CDATA[>".repeat(90_000)),
    ] {
        let begins = std::time::Instant::now();
        let _ = read_as("ZZ", text);
        assert!(begins.elapsed().as_secs() < 10);
    }
}
