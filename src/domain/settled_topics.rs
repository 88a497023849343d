//! The topics of coverage that a document or an institution settles: a finding should speak of it.

use std::collections::BTreeSet;

use super::coverage_assertion::CoverageTopic;
use super::cybersecurity_body::CybersecurityBody;
use super::field::Content;
use super::institution::{InstitutionFunction, InstitutionStatus};
use super::noun::Described;
use super::operational_unit::{OperationalUnit, UnitKind};
use super::policy_document::{
    DocumentSubject, PolicyDocument, PolicyDocumentKind, PolicyDocumentStatus,
};
use super::record::Kind;

/// Returns the topics that a record with this content settles: an adopted strategy, action plan or policy on cybercrime
/// or cybersecurity, and a working institution with a function that is a topic.
pub fn settled_topics(kind: Kind, content: &Content) -> BTreeSet<CoverageTopic> {
    match kind {
        Kind::PolicyDocument => PolicyDocument::from_content(content)
            .map(|document| of_document(&document))
            .unwrap_or_default(),
        Kind::CybersecurityBody => CybersecurityBody::from_content(content)
            .map(|body| of_institution(body.status, &body.functions, None))
            .unwrap_or_default(),
        Kind::OperationalUnit => OperationalUnit::from_content(content)
            .map(|unit| of_institution(unit.status, &unit.functions, Some(unit.kind)))
            .unwrap_or_default(),
        _ => BTreeSet::new(),
    }
}

fn of_document(document: &PolicyDocument) -> BTreeSet<CoverageTopic> {
    use PolicyDocumentStatus::{Adopted, InForce, NotYetInForce};
    let is_adopted = matches!(document.status, Adopted | NotYetInForce | InForce);
    let subjects = document.subjects.iter().filter(|_| is_adopted);
    let topics = subjects.filter_map(|subject| match (document.kind, subject) {
        (PolicyDocumentKind::Strategy, DocumentSubject::Cybercrime) => {
            Some(CoverageTopic::CybercrimeStrategy)
        }
        (PolicyDocumentKind::Strategy, DocumentSubject::Cybersecurity) => {
            Some(CoverageTopic::CybersecurityStrategy)
        }
        (PolicyDocumentKind::Policy, DocumentSubject::Cybercrime) => {
            Some(CoverageTopic::CybercrimePolicy)
        }
        (
            PolicyDocumentKind::ActionPlan,
            DocumentSubject::Cybercrime | DocumentSubject::Cybersecurity,
        ) => Some(CoverageTopic::ActionPlan),
        _ => None,
    });
    topics.collect()
}

fn of_institution(
    status: InstitutionStatus,
    functions: &[InstitutionFunction],
    unit: Option<UnitKind>,
) -> BTreeSet<CoverageTopic> {
    if status != InstitutionStatus::Operational {
        return BTreeSet::new();
    }
    let functions = functions.iter().filter_map(|function| match function {
        InstitutionFunction::NationalCsirt => Some(CoverageTopic::NationalCsirt),
        InstitutionFunction::PointOfContact247 => Some(CoverageTopic::PointOfContact247),
        InstitutionFunction::CentralAuthorityMla => Some(CoverageTopic::CentralAuthorityMla),
        InstitutionFunction::ReportingPoint => Some(CoverageTopic::ReportingChannel),
        _ => None,
    });
    let unit = unit.and_then(|unit| match unit {
        UnitKind::CybercrimeUnit => Some(CoverageTopic::CybercrimeUnit),
        UnitKind::SpecialisedProsecutionUnit => Some(CoverageTopic::SpecialisedProsecutionUnit),
        UnitKind::SpecialisedCourt => Some(CoverageTopic::SpecialisedCourt),
        _ => None,
    });
    functions.chain(unit).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn topics(kind: Kind, content: Value) -> Vec<CoverageTopic> {
        let Value::Object(content) = content else {
            panic!("not an object");
        };
        settled_topics(kind, &content).into_iter().collect()
    }

    fn document(kind: &str, status: &str, subjects: &[&str]) -> Vec<CoverageTopic> {
        let content = json!({ "kind": kind, "status": status, "subjects": subjects, "country": "IE",
            "titles": [{ "text": "T", "language": "en" }] });
        topics(Kind::PolicyDocument, content)
    }

    #[test]
    fn an_adopted_strategy_settles_the_topics_of_its_subjects() {
        use CoverageTopic::{
            ActionPlan, CybercrimePolicy, CybercrimeStrategy, CybersecurityStrategy,
        };
        let both = ["CYBERSECURITY", "CYBERCRIME", "OTHER"];
        let strategies = [CybercrimeStrategy, CybersecurityStrategy];
        assert_eq!(document("STRATEGY", "IN_FORCE", &both), strategies);
        assert_eq!(
            document("STRATEGY", "ADOPTED", &both[..1]),
            [CybersecurityStrategy]
        );
        assert_eq!(
            document("ACTION_PLAN", "NOT_YET_IN_FORCE", &both),
            [ActionPlan]
        );
        assert_eq!(document("POLICY", "ADOPTED", &both), [CybercrimePolicy]);
        assert_eq!(document("STRATEGY", "DRAFT", &both), []);
        assert_eq!(document("STRATEGY", "EXPIRED", &both), []);
        assert_eq!(document("LAW", "IN_FORCE", &both), []);
        assert_eq!(document("STRATEGY", "IN_FORCE", &["OTHER"]), []);
    }

    #[test]
    fn a_working_institution_settles_the_topics_of_its_kind_and_functions() {
        use CoverageTopic::{CybercrimeUnit, NationalCsirt, PointOfContact247};
        let institution = |record, kind: &str, status: &str, functions: &[&str]| {
            let content = json!({ "kind": kind, "status": status, "functions": functions, "country": "IE",
                "names": [{ "text": "N", "language": "en" }] });
            topics(record, content)
        };
        let unit = institution(
            Kind::OperationalUnit,
            "CYBERCRIME_UNIT",
            "OPERATIONAL",
            &["POINT_OF_CONTACT_24_7"],
        );
        assert_eq!(unit, [PointOfContact247, CybercrimeUnit]);
        let csirt = |status| {
            institution(
                Kind::CybersecurityBody,
                "CSIRT",
                status,
                &["NATIONAL_CSIRT", "TRAINING"],
            )
        };
        assert_eq!(csirt("OPERATIONAL"), [NationalCsirt]);
        assert_eq!(csirt("PLANNED"), []);
    }
}
