//! The words that pages use, with their meanings. A word of the schema has its label, and the anchor
//! `<enum>-<value>`, such as `CoverageValue-ABSENT`.

use super::words::Words;
use crate::frame::Frame;

/// A word and its meaning.
pub struct Term {
    /// The anchor.
    pub anchor: String,
    /// The word.
    pub name: String,
    /// The meaning.
    pub meaning: &'static str,
}

/// Words of one theme.
pub struct Group {
    /// The anchor.
    pub anchor: &'static str,
    /// The heading.
    pub title: &'static str,
    /// The words.
    pub terms: Vec<Term>,
}

/// All words, by theme.
pub fn glossary(frame: &Frame, words: Words) -> Vec<Group> {
    let labelled = |name: &str, values: &[(&str, &'static str)]| -> Vec<Term> {
        let term = |(value, meaning): &(&str, &'static str)| Term {
            anchor: format!("{name}-{value}"),
            name: frame.label_of(name, value),
            meaning,
        };
        values.iter().map(term).collect()
    };
    let mut findings = labelled(
        "CoverageValue",
        &[
            ("PRESENT", words.present()),
            ("PARTIAL", words.partial()),
            ("IN_DEVELOPMENT", words.in_development()),
            ("ABSENT", words.absent()),
            ("UNKNOWN", words.unknown()),
            ("NOT_APPLICABLE", words.not_applicable()),
        ],
    );
    findings.push(Term {
        anchor: "never-researched".to_owned(),
        name: words.never_researched().to_owned(),
        meaning: words.never_researched_meaning(),
    });
    findings.extend(labelled(
        "SectionState",
        &[("EMPTY_ON_SOURCE", words.empty_on_source())],
    ));
    let certainty = labelled(
        "Certainty",
        &[
            ("CONFIRMED", words.confirmed()),
            ("REPORTED", words.reported()),
            ("DISPUTED", words.disputed()),
            ("UNVERIFIED", words.unverified()),
        ],
    );
    let origin = labelled(
        "DateOrigin",
        &[
            ("DEPOSITARY", words.depositary()),
            ("COMPUTED", words.computed()),
        ],
    );
    let statuses = labelled(
        "TreatyStatus",
        &[
            ("PARTY", words.party()),
            ("CONTRACTING_STATE", words.contracting_state()),
            ("SIGNATORY", words.signatory()),
            ("INVITED_TO_ACCEDE", words.invited()),
            ("PROVISIONALLY_APPLYING", words.provisionally()),
            ("SUSPENDED", words.suspended()),
            ("DENUNCIATION_PENDING", words.denunciation_pending()),
            ("FORMER_PARTY", words.former_party()),
            ("NO_ACTION", words.no_action()),
            ("UNKNOWN", words.status_unknown()),
        ],
    );
    let times = [
        ("as-of", words.as_of(), words.as_of_meaning()),
        ("as-known", words.as_known(), words.as_known_meaning()),
        ("permalink", words.permalink(), words.permalink_meaning()),
        ("verified", words.verified(), words.verified_meaning()),
    ];
    let times = times.map(|(anchor, name, meaning)| Term {
        anchor: anchor.to_owned(),
        name: name.to_owned(),
        meaning,
    });
    let stale = labelled(
        "StaleReason",
        &[
            ("NEVER_VERIFIED", words.never_verified()),
            ("REVIEW_OVERDUE", words.review_overdue()),
            ("PERIOD_EXPIRED", words.period_expired()),
            ("INSTITUTION_DISSOLVED", words.institution_dissolved()),
        ],
    );
    vec![
        group("findings", words.findings(), findings),
        group("certainty", words.certainty(), certainty),
        group("origin", words.origin(), origin),
        group("statuses", words.statuses(), statuses),
        group("times", words.times(), times.into()),
        group("stale", words.stale(), stale),
    ]
}

fn group(anchor: &'static str, title: &'static str, terms: Vec<Term>) -> Group {
    Group {
        anchor,
        title,
        terms,
    }
}
