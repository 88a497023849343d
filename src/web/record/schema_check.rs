//! Looks up the fields of a document in the schema.

use std::collections::HashMap;

/// Types of the schema with their fields, and the type that each field returns.
type Types = HashMap<&'static str, HashMap<&'static str, String>>;

/// The fields of a document that the schema lacks, with their types: `Country.nothing`.
pub fn unknown_fields(document: &str) -> Vec<String> {
    let tokens = tokens(document);
    let mut walk = Walk {
        types: types(include_str!("../../../schema.graphql")),
        fragments: HashMap::new(),
        tokens: &tokens,
        at: 0,
        unknown: Vec::new(),
    };
    while walk.at < tokens.len() {
        let is_fragment = walk.take() == "fragment";
        let mut name = "Query".to_owned();
        while walk.tokens[walk.at] != "{" {
            if is_fragment {
                name = walk.tokens[walk.at].clone();
            }
            if walk.tokens[walk.at] == "(" {
                walk.skip_arguments();
            } else {
                walk.at += 1;
            }
        }
        walk.selection(&name);
    }
    walk.unknown
}

struct Walk<'a> {
    types: Types,
    fragments: HashMap<String, String>,
    tokens: &'a [String],
    at: usize,
    unknown: Vec<String>,
}

impl Walk<'_> {
    fn take(&mut self) -> String {
        self.at += 1;
        self.tokens[self.at - 1].clone()
    }

    fn skip_arguments(&mut self) {
        while self.take() != ")" {}
    }

    fn selection(&mut self, of: &str) {
        assert_eq!(self.take(), "{");
        loop {
            match self.take().as_str() {
                "}" => return,
                "..." if self.tokens[self.at] == "on" => {
                    self.at += 1;
                    let of = self.take();
                    self.selection(&of);
                }
                "..." => {
                    let name = self.take();
                    self.fragments.insert(name, of.to_owned());
                }
                name => self.field(of, name.to_owned()),
            }
        }
    }

    fn field(&mut self, of: &str, mut name: String) {
        if self.tokens[self.at] == ":" {
            self.at += 1;
            name = self.take();
        }
        if self.tokens[self.at] == "(" {
            self.skip_arguments();
        }
        if self.tokens[self.at] == "@" {
            self.at += 2;
            self.skip_arguments();
        }
        let fields = self.types.get(of);
        let returned = fields.and_then(|fields| fields.get(name.as_str())).cloned();
        if returned.is_none() && name != "__typename" {
            self.unknown.push(format!("{of}.{name}"));
        }
        if self.tokens[self.at] == "{" {
            self.selection(&returned.unwrap_or_default());
        }
    }
}

/// Names and punctuation, without commas.
fn tokens(document: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut word = String::new();
    let spread = document.replace("...", " … ");
    for letter in spread.chars() {
        if letter.is_alphanumeric() || letter == '_' {
            word.push(letter);
            continue;
        }
        if !word.is_empty() {
            tokens.push(std::mem::take(&mut word));
        }
        match letter {
            '…' => tokens.push("...".to_owned()),
            _ if letter.is_whitespace() || letter == ',' => {}
            _ => tokens.push(letter.to_string()),
        }
    }
    tokens
}

/// The types of the printed schema.
fn types(schema: &'static str) -> Types {
    let mut types = Types::new();
    let (mut current, mut pending, mut is_description) = ("", "", false);
    for line in schema.lines() {
        if line.trim() == "\"\"\"" {
            is_description = !is_description;
        } else if is_description {
        } else if line.starts_with("type ") || line.starts_with("interface ") {
            current = line.split(' ').nth(1).unwrap_or_default();
            types.insert(current, HashMap::new());
        } else if line == "}" {
            current = "";
        } else if let (Some(field), Some(fields)) =
            (line.strip_prefix('\t'), types.get_mut(current))
        {
            let bare = |text: &str| {
                let name: String = text
                    .chars()
                    .filter(|letter| letter.is_alphanumeric())
                    .collect();
                name
            };
            let returned = |text: &str| bare(text.split(" @").next().unwrap_or_default());
            if let Some(text) = field.strip_prefix("): ") {
                fields.insert(pending, returned(text));
            } else if let Some(name) = field.strip_suffix('(') {
                pending = name;
            } else if let Some((name, text)) = field
                .split_once(": ")
                .filter(|(name, _)| !name.starts_with('\t'))
            {
                fields.insert(name, returned(text));
            }
        }
    }
    types
}
