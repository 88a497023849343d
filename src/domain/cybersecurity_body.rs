//! Cybersecurity bodies: agencies, ministries, security services, CSIRTs, regulators, courts.

use super::citation::CitationInput;
use super::date::PartialDate;
use super::institution::{
    InstitutionFunction, InstitutionNoun, InstitutionStatus, institution, institutional,
};
use super::localized_text::LocalizedText;
use super::noun::noun;
use super::record::{RecordField, RecordId};
use super::text::CountryCode;
use super::url::Url;
use super::value_type::{List, field_enum};

field_enum! {
    /// Type of cybersecurity body. The list may grow.
    BodyKind {
        /// Head of State and their office.
        HeadOfState,
        /// Parliament.
        Parliament,
        /// Government or cabinet.
        Government,
        /// Ministry.
        Ministry,
        /// Agency under a government or ministry.
        Agency,
        /// Security or intelligence service.
        SecurityService,
        /// Armed forces, or a command of them.
        ArmedForces,
        /// Computer security incident response team (CSIRT).
        Csirt,
        /// Regulator, for example of communications.
        Regulator,
        /// Authority that supervises the protection of personal data.
        DataProtectionAuthority,
        /// Central bank.
        CentralBank,
        /// Unit that receives and analyses reports of suspicious transactions.
        FinancialIntelligenceUnit,
        /// Body that oversees other institutions, such as their use of powers of investigation.
        OversightBody,
        /// School or academy for practitioners, such as investigators, prosecutors and judges.
        TrainingInstitution,
        /// Institute for research.
        ResearchInstitute,
        /// Customs service.
        Customs,
        /// Police, or another service that enforces the law.
        LawEnforcement,
        /// Prosecution service.
        Prosecution,
        /// Court.
        Court,
        /// Council or committee in which other bodies coordinate.
        CoordinationBody,
        /// Any other kind of body.
        Other,
    }
}

/// Passes the declaration of `CybersecurityBody` to the macro `$then`.
#[macro_export]
macro_rules! cybersecurity_body_fields {
    ($then:ident) => {
        institution! { $then
            /// The fields of a cybersecurity body.
            CybersecurityBody in "cybersecurity_body" as CybersecurityBodyFields, CreateCybersecurityBody, UpdateCybersecurityBody of BodyKind
        }
    };
}
pub use cybersecurity_body_fields as fields;
fields!(noun);
institutional!(CybersecurityBody);

impl InstitutionNoun for CybersecurityBody {
    const NEEDS: &[RecordField] = &[RecordField::Names];

    fn unnamed(&self) -> String {
        "body".to_owned()
    }
}
