//! The terms under which data leave the service: on pages, in feeds, in dumps, and for profiles.

/// Terms of the data in one paragraph.
pub const TERMS: &str = "Facts are free to use. Selection, arrangement and texts in the editors' own words are under \
    MIT or Apache-2.0, at your option. Titles, quotes and other words of a source belong to its publisher: see \
    `licence` of the sources. Keep the citations with the facts. Whoever runs the service decides on the terms of \
    contributions that it accepts.";

/// The licences of the editors' own part, by name, title and address; one of them is enough.
pub const LICENCES: [(&str, &str, &str); 2] = [
    ("MIT", "MIT License", "https://opensource.org/license/mit"),
    (
        "Apache-2.0",
        "Apache License 2.0",
        "https://www.apache.org/licenses/LICENSE-2.0",
    ),
];

/// Disclaimer of the data, for readers who rely on them.
pub const DISCLAIMER: &str = "A record states what was known at its moment, with its sources and their certainty. It \
    does not necessarily reflect the official position of a country or organisation named in it. It is no publication \
    of the Council of Europe or the United Nations, and neither has checked it. The record of the depositary is \
    authoritative.";

/// Disclaimer of a country profile that has no disclaimer of its own.
pub const PROFILE_DISCLAIMER: &str = "This profile gathers public information with its sources. It does not \
    necessarily reflect the official position of the country described, nor of any organisation \
    named in it.";
