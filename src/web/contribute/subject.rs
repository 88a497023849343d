//! The subject of a message or a proposal, as the address of the page gives it: a country, a part of its profile, a
//! record, and a field of it.

use super::words::Words;
use crate::difference;
use crate::frame::Frame;
use crate::params::Params;

/// The parameters that name a subject.
pub const NAMES: [&str; 4] = ["country", "topic", "record", "field"];

/// A subject.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// The code of the country; blank if none is named.
    pub country: String,
    topic: String,
    record: String,
    field: String,
}

impl Subject {
    /// Reads the subject from an address or a form.
    pub fn read(params: &Params) -> Self {
        let upper = |name: &str| params.get(name).unwrap_or_default().to_uppercase();
        let text = |name: &str| -> String {
            let text = params.get(name).unwrap_or_default();
            text.chars().take(120).collect()
        };
        let country = upper("country");
        let is_code = country.len() == 2 && country.chars().all(|one| one.is_ascii_uppercase());
        Self {
            country: if is_code { country } else { String::new() },
            topic: upper("topic").replace('-', "_").chars().take(60).collect(),
            record: text("record"),
            field: text("field"),
        }
    }

    /// The parameters that name this subject.
    pub fn params(&self) -> Params {
        let values = [&self.country, &self.topic, &self.record, &self.field];
        let named = NAMES.into_iter().zip(values);
        named.fold(Params::default(), |params, (name, value)| {
            params.with(name, Some(value.as_str()).filter(|value| !value.is_empty()))
        })
    }

    /// The part of the profile in words.
    fn part(&self, frame: &Frame) -> Option<String> {
        let words = Words(frame.language);
        let own = match self.topic.as_str() {
            "" => return None,
            "ABOUT" => words.part_about(),
            "FINDINGS" => words.findings(),
            "NARRATIVE" => words.part_narrative(),
            "SOURCES" => words.part_sources(),
            "STATEMENTS" => words.part_statements(),
            "TREATY_STATUS" => words.treaties(),
            topic => {
                let label = frame.label_of("ProfileTopic", topic);
                return Some(if label == topic {
                    frame.label_of("CoverageTopic", topic)
                } else {
                    label
                });
            }
        };
        Some(own.to_owned())
    }

    /// The label of the field.
    fn field(&self, frame: &Frame) -> Option<String> {
        let value = if self.field.chars().any(char::is_lowercase) {
            difference::screaming(&self.field)
        } else {
            self.field.clone()
        };
        (!value.is_empty()).then(|| frame.label_of("RecordField", &value))
    }

    /// The part, the record and the field in one line; the country is told apart.
    pub fn text(&self, frame: &Frame) -> String {
        let record = Some(self.record.clone()).filter(|record| !record.is_empty());
        let parts = [self.part(frame), record, self.field(frame)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    /// The path of the country, of the part of its profile, and of the record, each with its text. `name` is the name of
    /// the country, if it exists.
    pub fn links(&self, frame: &Frame, name: Option<&str>) -> Vec<(String, String)> {
        let words = Words(frame.language);
        let mut links = Vec::new();
        if let Some(name) = name {
            let path = frame.href(format!("/countries/{}", self.country));
            if let Some(part) = self.part(frame) {
                let path = format!("{path}{}", anchor(&self.topic));
                links.push((path, words.place(name, part)));
            } else {
                links.push((path, name.to_owned()));
            }
        }
        if difference::is_record_id(&self.record) {
            let path = difference::path_of(frame, &self.record).unwrap_or_default();
            let field = self.field(frame);
            let text = field.map_or_else(
                || self.record.clone(),
                |field| words.place(&self.record, field),
            );
            links.push((frame.href(path), text));
        }
        links
    }
}

/// The place of a part in the page of the country.
fn anchor(topic: &str) -> &'static str {
    match topic {
        "ABOUT" => "#about",
        "CASE_LAW" => "#decisions",
        "FINDINGS" => "#findings",
        "INSTITUTIONS" => "#institutions",
        "INTERNATIONAL_COOPERATION" => "#authorities",
        "LEGISLATION" => "#legal",
        "NARRATIVE" => "#narrative",
        "POINT_OF_CONTACT_24_7" => "#contact-24-7",
        "POLICIES" => "#policies",
        "SOURCES" => "#sources",
        "STATEMENTS" => "#statements",
        "TREATY_STATUS" => "#status",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::PageRequest;

    #[test]
    fn a_subject_leads_back_to_the_place_that_it_names() {
        let frame = Frame::bare(&PageRequest::of("/", "lang=en"));
        let query = "country=az&topic=case-law&record=CourtDecision%3Aaz-x&field=decidedOn&x=y";
        let subject = Subject::read(&Params::read(query));
        assert_eq!(
            subject.params().query(),
            "?country=AZ&topic=CASE_LAW&record=CourtDecision%3Aaz-x&field=decidedOn"
        );
        assert_eq!(
            subject.text(&frame),
            "CASE_LAW · CourtDecision:az-x · DECIDED_ON"
        );
        let links = subject.links(&frame, Some("Azerbaijan"));
        let paths: Vec<&str> = links.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "/countries/AZ?lang=en#decisions",
                "/records/CourtDecision:az-x?lang=en"
            ]
        );
        let other = Subject::read(&Params::read("country=%3Cb%3E&record=javascript%3Ax"));
        assert!(other.country.is_empty() && other.links(&frame, None).is_empty());
    }
}
