//! The parts of a comparison, made from the answer to its document.

use std::collections::BTreeMap;

use super::choice::Choice;
use super::page::compare::{
    CompareAtCountriesNodes as Country,
    CompareAtCountriesNodesTreatyParticipationsDesignationsDesignatedInstitution as Designated,
    CompareAtTreaties as Treaties,
};
use super::section::{Cell, Item, Row, Section, article_rank};
use super::topic;
use super::words::Words;
use crate::difference;
use crate::frame::Frame;
use crate::value::EnumValue;

/// The data of a comparison.
pub struct Compared<'a> {
    pub frame: &'a Frame,
    pub words: Words,
    pub choice: &'a Choice,
    pub countries: &'a [Country],
    pub treaties: &'a Treaties,
}

impl Compared<'_> {
    /// All parts.
    pub fn sections(&self) -> Vec<Section> {
        let words = self.words;
        let treaty = self.title(self.choice.treaty());
        let parts = [
            (
                "statuses",
                words.statuses().to_owned(),
                words.statuses_note(),
                self.statuses(),
            ),
            (
                "findings",
                words.findings().to_owned(),
                words.findings_note(),
                self.findings(),
            ),
            (
                "documents",
                words.documents().to_owned(),
                words.counts_note(),
                self.documents(),
            ),
            (
                "bodies",
                words.bodies().to_owned(),
                words.counts_note(),
                self.bodies(),
            ),
            (
                "degrees",
                words.degrees(treaty),
                words.sources_there(),
                self.degrees(),
            ),
            (
                "designations",
                words.designations().to_owned(),
                words.designations_note(),
                self.designations(),
            ),
        ];
        let section = |(id, title, note, rows): (&'static str, String, &'static str, Vec<Row>)| {
            let mut section = Section {
                id,
                title,
                note,
                had_rows: !rows.is_empty(),
                rows,
            };
            if self.choice.is_only_differences {
                section.keep_differences();
            }
            section
        };
        parts.into_iter().map(section).collect()
    }

    /// The short title of a treaty.
    fn title(&self, reference: &str) -> String {
        let found = self
            .treaties
            .nodes
            .iter()
            .find(|one| one.reference == reference);
        found.map_or(reference.to_owned(), |one| {
            self.frame.treaty_title(&one.short_title).text.to_owned()
        })
    }

    /// True if a treaty is to be shown.
    fn is_chosen(&self, reference: &str) -> bool {
        let chosen = &self.choice.treaties;
        chosen.is_empty() || chosen.iter().any(|one| one == reference)
    }

    /// A row with the cell of each country.
    fn row(&self, label: String, link: Option<String>, cell: impl Fn(&Country) -> Cell) -> Row {
        Row {
            label,
            link,
            cells: self.countries.iter().map(cell).collect(),
        }
    }

    fn statuses(&self) -> Vec<Row> {
        let frame = self.frame;
        let treaties = self.treaties.nodes.iter();
        let rows = treaties
            .filter(|treaty| self.is_chosen(&treaty.reference))
            .map(|treaty| {
                let link = frame.treaty_path(&treaty.reference);
                let title = frame.treaty_title(&treaty.short_title).text.to_owned();
                self.row(title, Some(link), |country| {
                    let mut all = country.treaty_participations.iter();
                    let Some(found) = all.find(|one| one.treaty.reference == treaty.reference)
                    else {
                        return self.no_act(country, treaty.events_complete_as_of.as_deref());
                    };
                    let since = found.since.as_ref();
                    let since = since.map(|since| frame.since(&since.edtf));
                    let citations = found.basis.iter().flat_map(|event| &event.citations);
                    Cell {
                        value: frame.label(&found.status),
                        key: known(found.status.value()),
                        meaning: Some(format!("TreatyStatus-{}", found.status.value())),
                        certainty: Some(found.certainty.clone()),
                        notes: since.into_iter().collect(),
                        citations: citations.cloned().collect(),
                        has_sources: true,
                        ..Cell::default()
                    }
                })
            });
        rows.collect()
    }

    /// The status of a country without an act: the service answers so, too (`Treaty.eventsCompleteAsOf`).
    fn no_act(&self, country: &Country, complete: Option<&str>) -> Cell {
        let (frame, words) = (self.frame, self.words);
        let complete = complete.filter(|_| country.kind != "TERRITORY");
        let (key, note) = match complete {
            Some(day) => ("NO_ACTION", words.no_act(frame.date(day))),
            None => ("UNKNOWN", words.acts_missing().to_owned()),
        };
        Cell {
            value: frame.label_of("TreatyStatus", key),
            key: known(key),
            meaning: Some(format!("TreatyStatus-{key}")),
            notes: vec![note],
            ..Cell::default()
        }
    }

    fn findings(&self) -> Vec<Row> {
        let frame = self.frame;
        let topics = frame.values_of("CoverageTopic").into_iter();
        let is_asked = |topic: &str| {
            if self.choice.topics.is_empty() {
                let mut all = self.countries.iter().flat_map(|country| &country.coverage);
                all.any(|one| one.topic == topic)
            } else {
                self.choice.topics.iter().any(|one| one == topic)
            }
        };
        let rows = topics
            .filter(|(topic, _)| is_asked(topic))
            .map(|(topic, label)| {
                self.row(label, None, |country| {
                    let mut all = country.coverage.iter();
                    let Some(found) = all.find(|one| one.topic == topic.as_str()) else {
                        return self.no_finding(country, &topic);
                    };
                    let day = frame.dated(&found.as_of.edtf);
                    let mut certainties = found.citations.iter().map(|one| &one.certainty);
                    let disputed = certainties.find(|certainty| **certainty == "DISPUTED");
                    Cell {
                        value: frame.label(&found.value),
                        key: known(found.value.value()),
                        finding: Some(found.value.value().to_lowercase()),
                        link: difference::path_of(frame, &found.record_id),
                        certainty: disputed.cloned(),
                        notes: found.statement.iter().cloned().chain([day]).collect(),
                        citations: found.citations.clone(),
                        has_sources: true,
                        ..Cell::default()
                    }
                })
            });
        rows.collect()
    }

    /// The cell of a topic without a finding: nobody has researched it, unless other records of the profile are about it.
    fn no_finding(&self, country: &Country, topic: &str) -> Cell {
        let words = self.words;
        let finding = Some("not-researched".to_owned());
        let elsewhere = topic::elsewhere(words, country, topic);
        if elsewhere.is_some() {
            return Cell {
                finding,
                elsewhere,
                ..missing(words.no_finding())
            };
        }
        Cell {
            finding,
            meaning: Some("never-researched".to_owned()),
            ..missing(words.not_researched())
        }
    }

    fn documents(&self) -> Vec<Row> {
        let frame = self.frame;
        self.counted(|country| {
            let all = country.policy_documents.nodes.iter();
            let items = all.map(|one| {
                let status = frame.label(&one.effective_status);
                (
                    frame.label(&one.kind),
                    item(frame, &one.record_id, &one.label, status),
                )
            });
            (items.collect(), country.document_count.total_count)
        })
    }

    fn bodies(&self) -> Vec<Row> {
        let frame = self.frame;
        self.counted(|country| {
            let bodies = country.cybersecurity_bodies.nodes.iter().map(|one| {
                let status = frame.label(&one.status);
                (
                    frame.label(&one.kind),
                    item(frame, &one.record_id, &one.label, status),
                )
            });
            let units = country.operational_units.nodes.iter().map(|one| {
                let status = frame.label(&one.status);
                (
                    frame.label(&one.kind),
                    item(frame, &one.record_id, &one.label, status),
                )
            });
            let total = country.body_count.total_count;
            let total = total.saturating_add(country.unit_count.total_count);
            (bodies.chain(units).collect(), total)
        })
    }

    /// Rows that count records by kind; `read` returns those of a country with their kinds, and how many there are.
    fn counted(&self, read: impl Fn(&Country) -> (Vec<(String, Item)>, i64)) -> Vec<Row> {
        let mut kinds: BTreeMap<String, Vec<Vec<Item>>> = BTreeMap::new();
        let empty = || vec![Vec::new(); self.countries.len()];
        let mut incomplete = Vec::new();
        for (at, country) in self.countries.iter().enumerate() {
            let (items, total) = read(country);
            let shown = i64::try_from(items.len()).unwrap_or_default();
            incomplete.push((shown < total).then(|| self.words.not_all(shown, total)));
            for (kind, item) in items {
                let counted = kinds.entry(kind).or_insert_with(empty);
                if let Some(list) = counted.get_mut(at) {
                    list.push(item);
                }
            }
        }
        let row = |(label, counted): (String, Vec<Vec<Item>>)| Row {
            label,
            link: None,
            cells: counted
                .into_iter()
                .zip(&incomplete)
                .map(|(items, note)| Cell {
                    value: match items.len() {
                        0 => self.words.no_record().to_owned(),
                        count => count.to_string(),
                    },
                    key: (!items.is_empty()).then(|| items.len().to_string()),
                    notes: note.iter().cloned().collect(),
                    items,
                    ..Cell::default()
                })
                .collect(),
        };
        kinds.into_iter().map(row).collect()
    }

    fn degrees(&self) -> Vec<Row> {
        let (frame, words) = (self.frame, self.words);
        let all = self
            .countries
            .iter()
            .flat_map(|one| &one.article_implementations.nodes);
        let mut articles: Vec<&str> = all.map(|one| one.article.as_str()).collect();
        articles.sort_by_key(|article| article_rank(article));
        articles.dedup();
        let rows = articles.into_iter().map(|article| {
            self.row(words.article(article), None, |country| {
                let mut all = country.article_implementations.nodes.iter();
                let Some(found) = all.find(|one| one.article == article) else {
                    return missing(words.no_assessment());
                };
                Cell {
                    value: frame.label(&found.degree),
                    key: known(found.degree.value()),
                    link: difference::path_of(frame, &found.record_id),
                    ..Cell::default()
                }
            })
        });
        rows.collect()
    }

    fn designations(&self) -> Vec<Row> {
        let (frame, words) = (self.frame, self.words);
        // Treaty and function, in the order of their labels.
        let mut asked: BTreeMap<(String, String), (String, Option<String>)> = BTreeMap::new();
        for country in self.countries {
            for participation in &country.treaty_participations {
                let reference = &participation.treaty.reference;
                if !self.is_chosen(reference) {
                    continue;
                }
                for one in &participation.designations {
                    let function = one.designated_function.as_ref();
                    let label =
                        function.map_or(words.other_function().to_owned(), |one| frame.label(one));
                    let function = function.map(|one| one.value().to_owned());
                    let title = self.title(reference);
                    asked.insert((title, label), (reference.clone(), function));
                }
            }
        }
        let rows = asked
            .into_iter()
            .map(|((title, label), (reference, function))| {
                self.row(format!("{title}: {label}"), None, |country| {
                    let all = country.treaty_participations.iter();
                    let all = all.filter(|one| one.treaty.reference == reference);
                    let found = all.flat_map(|one| &one.designations).filter(|one| {
                        one.designated_function.as_ref().map(EnumValue::value)
                            == function.as_deref()
                    });
                    let found: Vec<_> = found.collect();
                    if found.is_empty() {
                        return missing(words.no_designation());
                    }
                    let items = found.iter().map(|one| {
                        let institution = one.designated_institution.as_ref();
                        let name = institution.and_then(|one| one.name.clone());
                        let name = name.or_else(|| one.named_as.clone()).unwrap_or_default();
                        let articles = words.articles(one.articles.join(", "));
                        let mut item = item(frame, &one.record_id, &name, articles);
                        if let Some(institution) = institution {
                            self.tell_status(&mut item, institution);
                        }
                        item
                    });
                    Cell {
                        key: Some("designated".to_owned()),
                        items: items.collect(),
                        ..Cell::default()
                    }
                })
            });
        rows.collect()
    }

    /// Tells that a designated institution does not work, and which ones follow it.
    fn tell_status(&self, item: &mut Item, institution: &Designated) {
        let (frame, words) = (self.frame, self.words);
        if institution.status == "OPERATIONAL" {
            return;
        }
        let status = frame.label(&institution.status);
        let period = institution.period.as_ref();
        item.warning = Some(match period {
            Some(period) => words.ended(status, frame.date(&period.edtf)),
            None => status,
        });
        let successors = institution.successors.iter().map(|one| {
            let path = difference::path_of(frame, &one.record_id).unwrap_or_default();
            (path, self.institution(&one.record_id).to_owned())
        });
        item.successors = successors.collect();
    }

    /// The label of an institution of the compared countries; its id if it was not read.
    fn institution<'a>(&'a self, record_id: &'a str) -> &'a str {
        let bodies = self.countries.iter().flat_map(|country| {
            let bodies = country.cybersecurity_bodies.nodes.iter();
            bodies.map(|one| (&one.record_id, &one.label))
        });
        let units = self.countries.iter().flat_map(|country| {
            let units = country.operational_units.nodes.iter();
            units.map(|one| (&one.record_id, &one.label))
        });
        let mut all = bodies.chain(units);
        let found = all.find(|(id, _)| *id == record_id);
        found.map_or(record_id, |(_, label)| label)
    }
}

/// The key of an answer; `None` if it says that the answer is not known.
fn known(answer: &str) -> Option<String> {
    (answer != "UNKNOWN").then(|| answer.to_owned())
}

fn item(frame: &Frame, record_id: &str, label: &str, status: String) -> Item {
    Item {
        path: difference::path_of(frame, record_id).unwrap_or_default(),
        label: label.to_owned(),
        status,
        ..Item::default()
    }
}

/// The cell of a country without an answer.
fn missing(words: &str) -> Cell {
    Cell {
        value: words.to_owned(),
        ..Cell::default()
    }
}
