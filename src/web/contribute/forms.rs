//! The forms: each prepares a contribution with the changes that belong together.

use super::kind::Text;
use super::part::Operation;
use super::words::Words;

/// A record that a form needs before it is shown.
#[derive(Debug)]
pub struct Slot {
    /// The question.
    pub question: Text,
    /// The kinds of which the record can be.
    pub kinds: &'static [&'static str],
    /// True if the person may go on without a record.
    pub is_optional: bool,
}

/// A change that a form prepares.
#[derive(Debug)]
pub struct Prepared {
    /// The operation.
    pub operation: Operation,
    /// The kind of a new record, or the number of the slot with the record.
    pub target: Target,
    /// Values that the form suggests: the name of the field, and its value as JSON. `{country}`, `{0}` and `{topic}` are
    /// filled in.
    pub preset: &'static [(&'static str, &'static str)],
    /// True if the contribution makes sense without it.
    pub is_optional: bool,
}

/// The record of a prepared change.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// A new record of a kind.
    New(&'static str),
    /// The record in a slot.
    Slot(usize),
    /// The record in a slot, or a new one of a kind if the slot is empty.
    SlotOrNew(usize, &'static str),
}

/// A form.
#[derive(Debug)]
pub struct Form {
    /// The last part of its address.
    pub slug: &'static str,
    /// The title.
    pub title: Text,
    /// The introduction.
    pub intro: Text,
    /// The records that it needs.
    pub slots: &'static [Slot],
    /// The changes.
    pub parts: &'static [Prepared],
}

const fn new(kind: &'static str, preset: &'static [(&'static str, &'static str)]) -> Prepared {
    Prepared {
        operation: Operation::Create,
        target: Target::New(kind),
        preset,
        is_optional: false,
    }
}

const fn also_new(kind: &'static str, preset: &'static [(&'static str, &'static str)]) -> Prepared {
    Prepared {
        operation: Operation::Create,
        target: Target::New(kind),
        preset,
        is_optional: true,
    }
}

const fn change(slot: usize, preset: &'static [(&'static str, &'static str)]) -> Prepared {
    Prepared {
        operation: Operation::Update,
        target: Target::Slot(slot),
        preset,
        is_optional: false,
    }
}

const COUNTRY: (&str, &str) = ("country", "{country}");

/// All forms, in the order of the list.
pub const FORMS: &[Form] = &[
    Form {
        slug: "add-a-strategy",
        title: Words::add_a_strategy,
        intro: Words::add_a_strategy_intro,
        slots: &[],
        parts: &[
            new("PolicyDocument", &[COUNTRY, ("kind", "STRATEGY")]),
            also_new(
                "CoverageAssertion",
                &[COUNTRY, ("topic", "{topic}"), ("value", "PRESENT")],
            ),
        ],
    },
    Form {
        slug: "mend-a-date",
        title: Words::mend_a_date,
        intro: Words::mend_a_date_intro,
        slots: &[Slot {
            question: Words::which_record,
            kinds: &[
                "TREATY_EVENT",
                "POLICY_DOCUMENT",
                "CYBERSECURITY_BODY",
                "OPERATIONAL_UNIT",
                "COURT_DECISION",
                "COVERAGE_ASSERTION",
                "PROFILE_SECTION",
                "ARTICLE_IMPLEMENTATION",
            ],
            is_optional: false,
        }],
        parts: &[change(0, &[])],
    },
    Form {
        slug: "add-a-unit",
        title: Words::add_a_unit,
        intro: Words::add_a_unit_intro,
        slots: &[],
        parts: &[
            new("OperationalUnit", &[COUNTRY]),
            also_new(
                "CoverageAssertion",
                &[COUNTRY, ("topic", "{topic}"), ("value", "PRESENT")],
            ),
        ],
    },
    Form {
        slug: "add-a-body",
        title: Words::add_a_body,
        intro: Words::add_a_body_intro,
        slots: &[],
        parts: &[
            new("CybersecurityBody", &[COUNTRY]),
            also_new(
                "CoverageAssertion",
                &[COUNTRY, ("topic", "{topic}"), ("value", "PRESENT")],
            ),
        ],
    },
    Form {
        slug: "add-a-country",
        title: Words::add_a_country,
        intro: Words::add_a_country_intro,
        slots: &[],
        parts: &[new("Country", &[])],
    },
    Form {
        slug: "add-a-treaty",
        title: Words::add_a_treaty,
        intro: Words::add_a_treaty_intro,
        slots: &[],
        parts: &[new("Treaty", &[])],
    },
    Form {
        slug: "add-treaty-acts",
        title: Words::add_treaty_acts,
        intro: Words::add_treaty_acts_intro,
        slots: &[],
        parts: &[
            new("TreatyEvent", &[COUNTRY, ("treaty", "ETS 185")]),
            also_new("TreatyEvent", &[COUNTRY, ("treaty", "ETS 185")]),
            also_new("TreatyEvent", &[COUNTRY, ("treaty", "ETS 185")]),
        ],
    },
    Form {
        slug: "complete-a-legal-profile",
        title: Words::complete_a_legal_profile,
        intro: Words::complete_a_legal_profile_intro,
        slots: &[],
        parts: &[
            new("ArticleImplementation", &[COUNTRY, ("treaty", "ETS 185")]),
            also_new("CourtDecision", &[COUNTRY]),
        ],
    },
    Form {
        slug: "rewrite-a-section",
        title: Words::rewrite_a_section,
        intro: Words::rewrite_a_section_intro,
        slots: &[Slot {
            question: Words::which_section,
            kinds: &["PROFILE_SECTION"],
            is_optional: true,
        }],
        parts: &[Prepared {
            operation: Operation::Update,
            target: Target::SlotOrNew(0, "ProfileSection"),
            preset: &[COUNTRY, ("topic", "{topic}"), ("state", "FILLED")],
            is_optional: false,
        }],
    },
    Form {
        slug: "state-an-absence",
        title: Words::state_an_absence,
        intro: Words::state_an_absence_intro,
        slots: &[],
        parts: &[new(
            "CoverageAssertion",
            &[COUNTRY, ("topic", "{topic}"), ("value", "ABSENT")],
        )],
    },
    Form {
        slug: "merge-two-records",
        title: Words::merge_two_records,
        intro: Words::merge_two_records_intro,
        slots: &[
            Slot {
                question: Words::which_to_retire,
                kinds: ANY,
                is_optional: false,
            },
            Slot {
                question: Words::which_to_keep,
                kinds: ANY,
                is_optional: true,
            },
        ],
        parts: &[
            Prepared {
                operation: Operation::Retire,
                target: Target::Slot(0),
                preset: &[],
                is_optional: false,
            },
            Prepared {
                operation: Operation::Update,
                target: Target::Slot(1),
                preset: &[],
                is_optional: true,
            },
        ],
    },
    Form {
        slug: "replace-a-document",
        title: Words::replace_a_document,
        intro: Words::replace_a_document_intro,
        slots: &[
            Slot {
                question: Words::which_is_replaced,
                kinds: &["POLICY_DOCUMENT"],
                is_optional: false,
            },
            Slot {
                question: Words::which_replaces,
                kinds: &["POLICY_DOCUMENT"],
                is_optional: true,
            },
        ],
        parts: &[
            change(0, &[("status", "SUPERSEDED")]),
            Prepared {
                operation: Operation::Update,
                target: Target::SlotOrNew(1, "PolicyDocument"),
                preset: &[COUNTRY, ("relations", "{replaces}")],
                is_optional: false,
            },
        ],
    },
];

/// All kinds that belong to countries.
const ANY: &[&str] = &[
    "POLICY_DOCUMENT",
    "CYBERSECURITY_BODY",
    "OPERATIONAL_UNIT",
    "COVERAGE_ASSERTION",
    "PROFILE_SECTION",
    "TREATY_EVENT",
    "ARTICLE_IMPLEMENTATION",
    "COURT_DECISION",
];

/// The form at an address.
pub fn form(slug: &str) -> Option<&'static Form> {
    FORMS.iter().find(|form| form.slug == slug)
}
