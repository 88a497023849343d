//! References to provisions of policy documents.

use super::check::{Code, Finding, Path};
use super::noun::value;
use super::record::{RecordField, RecordId};
use super::reference::Reference;
use super::text::CountryCode;

value! {
    /// A provision of a policy document, or the whole document.
    ProvisionReference as ProvisionReferenceInput by ["document", "number"] of_form Structure {
        /// Id of the policy document. It belongs to the same country or to the European Union.
        document: RecordId,
        /// Number of the provision in the document, as in `184(1)`. Absent for the whole document.
        number: Option<String>,
        /// Short quotation from the provision, word for word.
        quote: Option<String>,
    }
}

/// Returns a finding for each provision that occurs earlier in the list.
pub fn repeated(provisions: &[ProvisionReference]) -> impl Iterator<Item = Finding> {
    let at = Path::default().then(RecordField::Provisions.camel());
    let again = provisions.iter().enumerate().filter(|(place, one)| {
        let mut before = provisions.iter().take(*place);
        before.any(|other| (&other.document, &other.number) == (&one.document, &one.number))
    });
    again.map(move |(place, _)| {
        let message = "the list already contains this provision: name it once";
        at.then(place).finding(Code::Duplicate, message)
    })
}

/// Returns the references of a record of `country` to the documents of provisions.
pub fn references(
    country: &CountryCode,
    provisions: &[ProvisionReference],
) -> impl Iterator<Item = (RecordField, Reference)> {
    provisions.iter().map(|provision| {
        let document = Reference::document_of(country, &provision.document);
        (RecordField::Provisions, document)
    })
}
