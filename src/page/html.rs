//! From HTML to lines: blocks make lines, links keep their text, scripts and styles are left out. The page is read as a
//! stream of tags, without a tree, so that depth costs nothing and nothing that it names is fetched.

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{Error, StartTag, Token, Tokenizer};

use crate::chrome;
use crate::heading::{MAX_KNOWN, Rank, heading};
use crate::lines::{Line, tidy};

/// Elements whose text is not text of the page.
const UNSEEN: [&str; 6] = ["script", "style", "template", "head", "datalist", "object"];
/// Elements of the site around the page.
const SITE: [&str; 12] = [
    "nav", "footer", "aside", "button", "select", "textarea", "noscript", "iframe", "svg",
    "dialog", "menu", "audio",
];
/// Roles of such elements.
const SITE_ROLES: [&str; 5] = [
    "navigation",
    "banner",
    "contentinfo",
    "search",
    "complementary",
];
/// Elements that never have an end tag.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];
/// Elements that a head contains.
const IN_HEAD: [&str; 9] = [
    "head", "base", "link", "meta", "noscript", "script", "style", "template", "title",
];
/// Elements that stay within a line.
const INLINE: [&str; 32] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font",
    "i", "img", "ins", "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strike",
    "strong", "sub", "sup", "time", "tt", "u", "var",
];

/// A page as HTML shows it.
pub struct Html {
    /// Title of the document, of `title`.
    pub title: Option<String>,
    /// The lines.
    pub lines: Vec<Line>,
    /// An element without an end tag that hides the rest of the page: its name, and the number of its line.
    pub unclosed: Option<(String, usize)>,
}

/// True if the text is HTML and not plain text.
pub fn is_html(text: &str) -> bool {
    let start: String = text.trim_start().chars().take(100).collect();
    let start = start.to_ascii_lowercase();
    let opens = ["<!doctype html", "<html", "<head", "<body", "<?xml", "<!--"];
    if opens.iter().any(|open| start.starts_with(open)) {
        return true;
    }
    let closes = [
        "p", "div", "h1", "h2", "h3", "h4", "h5", "li", "ul", "table", "td", "body", "html",
        "section", "article", "a", "span", "strong",
    ];
    // One stray end tag does not make a text HTML: its element must have been opened too.
    let lower = text.to_ascii_lowercase();
    let mut closed: Vec<&str> = Vec::new();
    for rest in lower.split("</").skip(1) {
        let name = rest.split_once('>').map(|(name, _)| name.trim_end());
        if let Some(name) = closes.iter().find(|close| Some(**close) == name)
            && !closed.contains(name)
        {
            closed.push(name);
        }
    }
    closed.iter().any(|name| {
        let opens = lower
            .split('<')
            .skip(1)
            .filter_map(|rest| rest.strip_prefix(name));
        let mut nexts = opens.map(|rest| rest.chars().next());
        nexts.any(|next| next.is_some_and(|next| next == '>' || next.is_whitespace()))
    })
}

/// Returns the encoding that the beginning of HTML declares, in lower case.
pub fn declared_encoding(bytes: &[u8]) -> Option<String> {
    let start = bytes.get(..bytes.len().min(4096))?;
    let start: String = start.iter().map(|byte| char::from(*byte)).collect();
    let start = start.to_ascii_lowercase();
    if !start.contains('<') {
        return None;
    }
    let (_, rest) = start
        .split_once("charset=")
        .or_else(|| start.split_once("encoding="))?;
    let name = rest.trim_start_matches(['"', '\'', ' ']);
    let end = name.find(|letter: char| !letter.is_ascii_alphanumeric() && !"-_.".contains(letter));
    let name = name.get(..end.unwrap_or(name.len()))?;
    (!name.is_empty()).then(|| name.to_owned())
}

/// Returns the title and the lines of HTML.
pub fn read(html: &str) -> Html {
    let mut reader = Reader::new(html);
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    emitter.naively_switch_states(true);
    for token in Tokenizer::new_with_emitter(html, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => {
                reader.read_to = tag.span.end;
                reader.opens(&tag);
            }
            Token::EndTag(tag) => {
                reader.read_to = tag.span.end;
                reader.closes(&name_of(&tag.name));
            }
            Token::String(text) => {
                reader.read_to = text.span.end;
                let at = text.span.start;
                reader.text(&String::from_utf8_lossy(&text), at);
            }
            Token::Comment(comment) => {
                let (at, end) = (comment.span.start, comment.span.end);
                reader.comment(&String::from_utf8_lossy(&comment), at);
                reader.read_to = end;
            }
            Token::Error(error) => match *error {
                Error::EofInComment => reader.cut("!--"),
                Error::EofInTag => reader.cut("…"),
                _ => {}
            },
            Token::Doctype(_) => {}
        }
    }
    reader.finish()
}

fn name_of(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

/// An element that is left out or belongs to the site, with the number of open elements of its name.
struct Apart {
    name: String,
    open: usize,
    /// Number of lines when it began.
    begins: usize,
    /// Position of its tag in the input.
    at: usize,
    is_unseen: bool,
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts of one position"
)]
struct Reader {
    /// Positions of the line breaks of the input.
    breaks: Vec<usize>,
    title: Option<String>,
    lines: Vec<Line>,
    /// Text of the line that is being read.
    buffer: String,
    /// Position of its beginning in the input.
    begins: usize,
    gap: bool,
    mark: Option<String>,
    /// Open lists; the number of the last item for a numbered one.
    lists: Vec<Option<usize>>,
    apart: Option<Apart>,
    in_title: bool,
    /// Position of the title, while it is open.
    title_at: usize,
    /// Position up to which tokens were read.
    read_to: usize,
    /// A comment or tag that is cut off by the end of the page, with the number of its line.
    cut: Option<(String, usize)>,
    /// True after the beginning of CDATA that a `>` in it interrupted.
    in_cdata: bool,
    /// Number of open elements `nav`: the headings of a menu are no headings of the page.
    in_nav: usize,
    /// True in `summary`.
    in_summary: bool,
    in_heading: bool,
    /// Number of open elements `main` and `article`: a header in them belongs to the page.
    in_main: usize,
    in_pre: usize,
}

impl Reader {
    fn new(html: &str) -> Self {
        let breaks = html.bytes().enumerate();
        Self {
            breaks: breaks
                .filter(|(_, byte)| *byte == b'\n')
                .map(|(at, _)| at)
                .collect(),
            title: None,
            lines: Vec::new(),
            buffer: String::new(),
            begins: 0,
            gap: true,
            mark: None,
            lists: Vec::new(),
            apart: None,
            in_title: false,
            title_at: 0,
            read_to: 0,
            cut: None,
            in_cdata: false,
            in_nav: 0,
            in_summary: false,
            in_heading: false,
            in_main: 0,
            in_pre: 0,
        }
    }

    fn opens(&mut self, tag: &StartTag<usize>) {
        let name = name_of(&tag.name);
        if name == "title" && self.title.is_none() {
            self.in_title = true;
            self.title_at = tag.span.start;
            return;
        }
        let is_void = VOID.contains(&name.as_str());
        if let Some(apart) = &mut self.apart {
            if apart.name == name && !is_void {
                apart.open += 1;
            }
            // Anything but its own elements ends a head that has no end tag.
            if apart.name == "head" && !IN_HEAD.contains(&name.as_str()) {
                self.apart = None;
            }
        }
        if self.apart.is_none()
            && !is_void
            && let Some(is_unseen) = self.is_apart(&name, tag)
        {
            self.flush();
            self.apart = Some(Apart {
                name: name.clone(),
                open: 1,
                begins: self.lines.len(),
                at: tag.span.start,
                is_unseen,
            });
        }
        match name.as_str() {
            "main" | "article" => self.in_main += 1,
            "pre" => self.in_pre += 1,
            "nav" => self.in_nav += 1,
            "ul" => self.lists.push(None),
            "ol" => self.lists.push(Some(0)),
            _ => {}
        }
        self.edge(&name, true);
        self.in_heading |= is_heading(&name);
        self.in_summary |= name == "summary";
        if name == "li" {
            self.mark = Some(match self.lists.last_mut() {
                Some(Some(number)) => {
                    *number += 1;
                    format!("{number}.")
                }
                _ => "-".to_owned(),
            });
        }
    }

    /// Returns `Some` if the element is not part of the page; true if its text is not even text of the site.
    fn is_apart(&self, name: &str, tag: &StartTag<usize>) -> Option<bool> {
        if UNSEEN.contains(&name) {
            return Some(true);
        }
        let role = tag.attributes.get(b"role".as_slice());
        let role = role.map(|role| name_of(&role.value).to_ascii_lowercase());
        let has_role = role.is_some_and(|role| SITE_ROLES.contains(&role.as_str()));
        let is_header = name == "header" && self.in_main == 0;
        (SITE.contains(&name) || has_role || is_header).then_some(false)
    }

    fn closes(&mut self, name: &str) {
        if name == "title" && self.in_title {
            self.in_title = false;
            return;
        }
        self.edge(name, false);
        if is_heading(name) {
            self.in_heading = false;
        }
        match name {
            "li" => self.mark = None,
            "main" | "article" => self.in_main = self.in_main.saturating_sub(1),
            "pre" => self.in_pre = self.in_pre.saturating_sub(1),
            "nav" => self.in_nav = self.in_nav.saturating_sub(1),
            "summary" => self.in_summary = false,
            "ul" | "ol" => {
                self.lists.pop();
            }
            _ => {}
        }
        if let Some(apart) = &mut self.apart
            && apart.name == name
        {
            apart.open -= 1;
            if apart.open == 0 {
                self.flush();
                self.apart = None;
            }
        }
    }

    /// Ends the line at the edge of a block.
    fn edge(&mut self, name: &str, opens: bool) {
        match name {
            "td" | "th" if opens => {
                if !self.buffer.trim().is_empty() {
                    self.buffer.push_str(" | ");
                }
            }
            "td" | "th" | "wbr" => {}
            "br" | "li" => self.flush(),
            inline if INLINE.contains(&inline) => {}
            _ => {
                self.flush();
                self.gap = true;
            }
        }
    }

    /// Keeps the text of CDATA, which HTML reads as a comment.
    fn comment(&mut self, comment: &str, at: usize) {
        let Some(text) = comment.strip_prefix("[CDATA[") else {
            return;
        };
        let whole = text.strip_suffix("]]");
        self.in_cdata = whole.is_none();
        self.text(whole.unwrap_or(text), at);
    }

    /// Remembers a comment or tag that the end of the page cuts off.
    fn cut(&mut self, name: &str) {
        let line = self.number_at(self.read_to);
        self.cut = self.cut.take().or(Some((name.to_owned(), line)));
    }

    fn text(&mut self, text: &str, at: usize) {
        if self.in_cdata
            && let Some((inner, after)) = text.split_once("]]>")
        {
            self.in_cdata = false;
            self.text(&format!(">{inner}"), at);
            self.text(after, at);
            return;
        }
        if self.in_title {
            self.title.get_or_insert_default().push_str(text);
            return;
        }
        if self.apart.as_ref().is_some_and(|apart| apart.is_unseen) {
            return;
        }
        let mut at = at;
        for (part, row) in text.split('\n').enumerate() {
            if part > 0 {
                if self.in_pre > 0 {
                    self.flush();
                } else {
                    self.buffer.push(' ');
                }
            }
            if self.buffer.trim().is_empty() {
                self.buffer.clear();
                self.begins = at + (row.len() - row.trim_start().len());
            }
            self.buffer.push_str(row);
            at += row.len() + 1;
        }
    }

    fn flush(&mut self) {
        let text = tidy(&self.buffer);
        self.buffer.clear();
        if text.is_empty() {
            return;
        }
        let number = self.number_at(self.begins);
        let gap = std::mem::take(&mut self.gap);
        let Some(mut line) = Line::plain(number, &text, gap) else {
            return;
        };
        line.mark = self.mark.take().or(line.mark);
        let apart = self.apart.as_ref();
        // The headings of an accordion are buttons.
        let is_label = self.in_nav == 0
            && (self.in_summary
                || apart.is_some_and(|apart| matches!(apart.name.as_str(), "button" | "header")));
        let is_heading = self.in_heading || is_label && is_known_heading(&line);
        line.is_site = apart.is_some_and(|apart| {
            !is_heading || !matches!(apart.name.as_str(), "button" | "header")
        });
        line.is_aside = apart.is_some_and(|apart| matches!(apart.name.as_str(), "aside" | "menu"));
        line.is_heading = is_heading;
        // A heading in a list item, as in a menu that unfolds, is no item.
        line.mark = line.mark.filter(|_| !is_heading);
        self.lines.push(line);
    }

    /// Returns the number of the line at a position of the input.
    fn number_at(&self, position: usize) -> usize {
        self.breaks.partition_point(|at| *at < position) + 1
    }

    fn finish(mut self) -> Html {
        self.flush();
        let mut unclosed = self.cut.take();
        if self.in_title {
            unclosed = Some(("title".to_owned(), self.number_at(self.title_at)));
        }
        if let Some(apart) = self.apart.take() {
            if apart.is_unseen && apart.name != "head" {
                unclosed = Some((apart.name, self.number_at(apart.at)));
            }
            // An element of the site that is never closed would hide the page.
            for line in self.lines.iter_mut().skip(apart.begins) {
                line.is_site = false;
            }
        }
        Html {
            unclosed,
            title: self
                .title
                .map(|title| tidy(&title))
                .filter(|title| !title.is_empty()),
            lines: self.lines,
        }
    }
}

fn is_known_heading(line: &Line) -> bool {
    let plain = Line {
        mark: None,
        ..line.clone()
    };
    line.text.len() <= MAX_KNOWN
        && heading(&plain, &chrome::key(&line.text)).is_some_and(|found| found.rank != Rank::Site)
}

fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}
