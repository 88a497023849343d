//! Markdown of records and comments as HTML. HTML in the text is shown as text; links lead to `http` and `https` alone.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// Renders Markdown. Headings become levels 4 to 6, because they stand below the headings of a page. Images become their
/// text, because a page loads nothing from elsewhere.
pub fn render(text: &str) -> String {
    let parser = Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    let mut in_dead_link = Vec::new();
    let events = parser.filter_map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::Heading { level, .. }) => Some(Event::Start(Tag::Heading {
            level: lower(level),
            id: None,
            classes: Vec::new(),
            attrs: Vec::new(),
        })),
        Event::End(TagEnd::Heading(level)) => Some(Event::End(TagEnd::Heading(lower(level)))),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
        Event::Start(Tag::Link { ref dest_url, .. }) => {
            let is_dead = !is_web_address(dest_url);
            in_dead_link.push(is_dead);
            (!is_dead).then_some(event)
        }
        Event::End(TagEnd::Link) => (!in_dead_link.pop().unwrap_or(true)).then_some(event),
        other => Some(other),
    });
    let mut written = String::with_capacity(text.len().saturating_mul(2));
    html::push_html(&mut written, events);
    written
}

fn lower(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H4,
        HeadingLevel::H2 => HeadingLevel::H5,
        _ => HeadingLevel::H6,
    }
}

/// True if an address may be linked.
pub fn is_web_address(address: &str) -> bool {
    let lower = address.trim().to_ascii_lowercase();
    lower.starts_with("https://") || lower.starts_with("http://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_and_other_schemes_are_shown_as_text() {
        let page = render(
            "# A\n<script>alert(1)</script>\n\nb <img src=x onerror=alert(1)> [c](javascript:alert) \
             [d](https://example.org) ![e](https://example.org/e.png) [f](data:text/html,x) <javascript:alert(2)>",
        );
        assert!(page.contains("<h4>A</h4>"), "{page}");
        assert!(
            page.contains("<a href=\"https://example.org\">d</a>"),
            "{page}"
        );
        assert!(
            !page.contains("<script") && !page.contains("<img"),
            "{page}"
        );
        assert!(
            !page.contains("href=\"javascript") && !page.contains("href=\"data"),
            "{page}"
        );
        assert!(
            page.contains("&lt;script&gt;") && page.contains(" c ") && page.contains(" e "),
            "{page}"
        );
    }

    #[test]
    fn tables_and_lists_are_rendered() {
        let page = render("| a | b |\n|---|---|\n| 1 | 2 |\n\n- x\n- ~~y~~");
        assert!(
            page.contains("<table>")
                && page.contains("<li>x</li>")
                && page.contains("<del>y</del>")
        );
    }
}
