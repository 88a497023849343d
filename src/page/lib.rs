//! Profile pages of the Council of Europe's kind: [`read`] turns the bytes of a page into a [`Page`], and [`propose`]
//! turns a page and the known records of its country into proposed changes.
//!
//! Nothing here reads a file, a database or the network, and nothing that a page names is fetched. Each line of a page
//! gets a [`Place`], so that none is lost.

mod absences;
mod chrome;
mod country;
mod dates;
mod decode;
mod documents;
mod fold;
mod heading;
mod html;
mod institutions;
mod lines;
mod markdown;
mod paragraphs;
mod propose;
mod read;
mod report;
mod statements;
mod status_line;

pub use absences::Absence;
pub use country::Countries;
pub use dates::Day;
pub use decode::{MAX_BYTES, Unreadable};
pub use documents::Document;
pub use heading::{Heading, Rank};
pub use institutions::{Institution, Noun};
pub use propose::{Known, KnownRecord, Origin, Proposal, UnmappedText, addresses, propose, title};
pub use read::{Page, Place, Placed, Section, Unmapped, read};
pub use report::report;
pub use statements::{Statement, StatementKind};
pub use status_line::{Consent, Printed, Status};
