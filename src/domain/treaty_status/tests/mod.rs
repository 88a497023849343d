//! Tests with the known course of Azerbaijan, with worked examples of treaty law, and with properties of arbitrary
//! acts.

use std::collections::BTreeSet;

use TreatyEventKind::*;
use proptest::prelude::*;

use super::*;
use crate::date::{Date, PartialDate};
use crate::institution::InstitutionFunction;
use crate::record::{Kind, RecordId};
use crate::treaty::EntryIntoForceRule;
use crate::treaty_event::TreatyEventKind;

mod ended_statements;
mod episodes;
mod order;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn act(key: &str, kind: TreatyEventKind, date: &str) -> Act {
    Act {
        id: RecordId::new(Kind::TreatyEvent, key).unwrap(),
        kind,
        date: Some(date)
            .filter(|date| !date.is_empty())
            .map(|date| date.parse().unwrap()),
        effective: None,
        ends_on: None,
        relates_to: None,
        articles: Vec::new(),
        counts_as: None,
        function: None,
        territories: Vec::new(),
        is_territorial: false,
    }
}

fn related(act: Act, to: &str) -> Act {
    Act {
        relates_to: Some(RecordId::new(Kind::TreatyEvent, to).unwrap()),
        ..act
    }
}

fn budapest_rule() -> EntryIntoForceRule {
    EntryIntoForceRule {
        article: "36".to_owned(),
        months: Some(3),
        days: None,
        first_day_of_month: true,
        not_before_treaty: true,
        requires_party_to: None,
        denunciation_months: Some(3),
    }
}

fn budapest(acts: Vec<Act>) -> StatusInput {
    StatusInput {
        acts,
        rule: Some(budapest_rule()),
        treaty_in_force: Some("2004-07-01".parse().unwrap()),
        is_complete: true,
        required: None,
        territory: None,
    }
}

fn at(input: &StatusInput, date: &str) -> Standing {
    status(input, day(date), day("2026-11-23"))
}

fn azerbaijan() -> StatusInput {
    let reservation = |article: &str| Act {
        articles: vec![article.to_owned()],
        ..act(&format!("reservation-{article}"), Reservation, "2010-03-15")
    };
    budapest(vec![
        act("signature", Signature, "2008-06-30"),
        act("approval", DomesticApproval, "2009-09-30"),
        act("ratification", Ratification, "2010-03-15"),
        reservation("4"),
        reservation("6"),
        reservation("29"),
        reservation("42"),
        act("reported", ReportedStatus, "2020-04-16"),
    ])
}

#[test]
fn azerbaijan_becomes_a_party_to_the_budapest_convention_step_by_step() {
    let input = azerbaijan();
    let table = [
        ("2008-06-29", TreatyStatus::NoAction, None, None, 0),
        (
            "2008-06-30",
            TreatyStatus::Signatory,
            Some("2008-06-30"),
            None,
            0,
        ),
        (
            "2009-09-30",
            TreatyStatus::Signatory,
            Some("2008-06-30"),
            None,
            0,
        ),
        (
            "2010-03-15",
            TreatyStatus::ContractingState,
            Some("2010-03-15"),
            Some((TreatyStatus::Party, "2010-07-01")),
            0,
        ),
        (
            "2010-06-30",
            TreatyStatus::ContractingState,
            Some("2010-03-15"),
            Some((TreatyStatus::Party, "2010-07-01")),
            0,
        ),
        (
            "2010-07-01",
            TreatyStatus::Party,
            Some("2010-07-01"),
            None,
            4,
        ),
        (
            "2026-11-23",
            TreatyStatus::Party,
            Some("2010-07-01"),
            None,
            4,
        ),
    ];
    for (date, expected, since, next, reservations) in table {
        let standing = at(&input, date);
        assert_eq!(standing.status, expected, "{date}");
        assert_eq!(
            standing.since.map(|date| date.to_string()).as_deref(),
            since,
            "{date}"
        );
        let following = standing
            .next
            .map(|(status, date)| (status, date.to_string()));
        assert_eq!(
            following,
            next.map(|(status, on)| (status, on.to_owned())),
            "{date}"
        );
        let found = in_force(&input, Reservation, day(date), day("2026-11-23"));
        assert_eq!(found.len(), reservations, "{date}");
    }
    let computed = at(&input, "2010-03-15").in_force_from.unwrap();
    assert_eq!(computed.origin, DateOrigin::Computed);
    assert_eq!(computed.date.to_string(), "2010-07-01");
}

#[test]
fn a_reservation_made_at_signature_has_no_effect_until_it_is_confirmed() {
    let mut input = StatusInput {
        treaty_in_force: None,
        ..budapest(vec![
            act("signature", Signature, "2025-10-25"),
            act("reservation", Reservation, "2025-10-25"),
            act("approval", DomesticApproval, "2026-02-10"),
        ])
    };
    for date in ["2025-10-25", "2026-02-23"] {
        assert_eq!(at(&input, date).status, TreatyStatus::Signatory);
        assert!(in_force(&input, Reservation, day(date), day("2026-11-23")).is_empty());
    }
    input.treaty_in_force = Some("2026-03-01".parse().unwrap());
    input
        .acts
        .push(act("ratification", Ratification, "2026-04-10"));
    assert!(in_force(&input, Reservation, day("2026-11-01"), day("2026-11-23")).is_empty());
    input.acts.push(related(
        act("confirmation", Confirmation, "2026-04-10"),
        "reservation",
    ));
    assert_eq!(
        in_force(&input, Reservation, day("2026-11-01"), day("2026-11-23")).len(),
        1
    );
    input.acts.push(related(
        act("withdrawal", Withdrawal, "2026-10-01"),
        "reservation",
    ));
    assert!(in_force(&input, Reservation, day("2026-11-01"), day("2026-11-23")).is_empty());
    assert_eq!(
        in_force(&input, Reservation, day("2026-09-01"), day("2026-11-23")).len(),
        1
    );
}

#[test]
fn a_date_of_the_depositary_takes_precedence_over_the_rule() {
    let mut input = azerbaijan();
    input.acts.push(act("force", EntryIntoForce, "2010-09-01"));
    let standing = at(&input, "2010-08-01");
    assert_eq!(standing.status, TreatyStatus::ContractingState);
    assert_eq!(
        standing.in_force_from.unwrap().origin,
        DateOrigin::Depositary
    );
    assert_eq!(at(&input, "2010-09-01").status, TreatyStatus::Party);
    let grenada = budapest(vec![
        act("invitation", InvitationToAccede, "2024-02-07"),
        act("force", EntryIntoForce, "2024-08-01"),
    ]);
    assert_eq!(
        at(&grenada, "2024-07-31").status,
        TreatyStatus::InvitedToAccede
    );
    assert_eq!(at(&grenada, "2024-08-01").status, TreatyStatus::Party);
}

#[test]
fn a_protocol_is_in_force_only_after_its_convention_and_its_own_entry_into_force() {
    let mut input = budapest(vec![act("ratification", Ratification, "2005-11-14")]);
    input.treaty_in_force = Some("2006-03-01".parse().unwrap());
    assert_eq!(
        at(&input, "2006-02-28").status,
        TreatyStatus::ContractingState
    );
    assert_eq!(at(&input, "2006-03-01").status, TreatyStatus::Party);
    input.required = Some(Box::new(budapest(vec![act(
        "parent",
        Ratification,
        "2006-01-10",
    )])));
    assert_eq!(
        at(&input, "2006-04-30").status,
        TreatyStatus::ContractingState
    );
    assert_eq!(at(&input, "2006-05-01").status, TreatyStatus::Party);
    input.treaty_in_force = None;
    let waiting = at(&input, "2026-01-01");
    assert_eq!(waiting.status, TreatyStatus::ContractingState);
    assert_eq!((waiting.in_force_from, waiting.next), (None, None));
}

#[test]
fn a_country_can_leave_and_accede_again() {
    let mut input = azerbaijan();
    input
        .acts
        .push(act("denunciation", Denunciation, "2020-11-23"));
    let pending = at(&input, "2020-11-23");
    assert_eq!(pending.status, TreatyStatus::DenunciationPending);
    assert_eq!(pending.next.unwrap().1.to_string(), "2021-03-01");
    assert_eq!(at(&input, "2021-03-01").status, TreatyStatus::FormerParty);
    input.acts.push(act("again", Accession, "2022-11-30"));
    assert_eq!(at(&input, "2022-11-29").status, TreatyStatus::FormerParty);
    assert_eq!(
        at(&input, "2022-11-30").status,
        TreatyStatus::ContractingState
    );
    assert_eq!(at(&input, "2023-03-01").status, TreatyStatus::Party);
    input
        .acts
        .retain(|act| act.id.as_str() != "TreatyEvent:again");
    input.acts.push(related(
        act("back", Withdrawal, "2021-01-05"),
        "denunciation",
    ));
    assert_eq!(
        at(&input, "2021-01-04").status,
        TreatyStatus::DenunciationPending
    );
    assert_eq!(at(&input, "2021-03-01").status, TreatyStatus::Party);
    let hasty = budapest(vec![
        act("signature", Signature, "2008-06-30"),
        act("ratification", Ratification, "2010-03-15"),
        act("denunciation", Denunciation, "2010-05-01"),
    ]);
    assert_eq!(at(&hasty, "2010-08-01").status, TreatyStatus::Signatory);
}

#[test]
fn a_notification_of_entry_into_force_belongs_to_the_consent_before_it() {
    let mut input = azerbaijan();
    input
        .acts
        .push(act("denunciation", Denunciation, "2020-11-23"));
    input.acts.push(act("again", Accession, "2022-11-30"));
    input.acts.push(act("force", EntryIntoForce, "2023-04-01"));
    assert_eq!(at(&input, "2015-01-01").status, TreatyStatus::Party);
    assert_eq!(at(&input, "2021-03-01").status, TreatyStatus::FormerParty);
    assert_eq!(
        at(&input, "2023-03-01").status,
        TreatyStatus::ContractingState
    );
    assert_eq!(at(&input, "2023-04-01").status, TreatyStatus::Party);
}

#[test]
fn reservations_end_article_by_article_and_with_their_episode() {
    let reserved = |date: &str| Act {
        articles: vec!["4".to_owned(), "6".to_owned()],
        ..act("reserved", Reservation, date)
    };
    let taken_back = |key: &str, article: &str, date: &str| Act {
        articles: vec![article.to_owned()],
        ..related(act(key, Withdrawal, date), "reserved")
    };
    let mut input = budapest(vec![
        act("ratification", Ratification, "2010-03"),
        reserved("2010-03-15"),
        taken_back("w4", "4", "2012-01-01"),
    ]);
    let count = |input: &StatusInput, date: &str| {
        in_force(input, Reservation, day(date), day("2026-11-23")).len()
    };
    assert_eq!(
        (count(&input, "2011-01-01"), count(&input, "2013-01-01")),
        (1, 1)
    );
    input.acts.push(taken_back("w6", "6", "2014-01-01"));
    assert_eq!(
        (count(&input, "2013-12-31"), count(&input, "2014-01-01")),
        (1, 0)
    );
    let again = budapest(vec![
        act("signature", Signature, "2004-11-23"),
        reserved("2004-11-23"),
        act("ratification", Ratification, "2005-06-01"),
        related(act("confirmation", Confirmation, "2005-06-01"), "reserved"),
        act("denunciation", Denunciation, "2010-01-10"),
        act("accession", Accession, "2015-01-10"),
    ]);
    assert_eq!(
        (count(&again, "2008-01-01"), count(&again, "2016-01-01")),
        (1, 0)
    );
}

#[test]
fn a_computed_date_is_no_more_exact_than_its_basis() {
    let input = budapest(vec![act("force", EntryIntoForce, "2010")]);
    let standing = at(&input, "2012-01-01");
    assert_eq!(standing.since.unwrap().to_string(), "2010-01-01/2010-12-31");
    let input = budapest(vec![act("consent", Ratification, "2010-03/2010-04")]);
    let standing = at(&input, "2010-05-01");
    assert_eq!(
        standing.next.unwrap().1.to_string(),
        "2010-07-01/2010-08-01"
    );
}

#[test]
fn an_invitation_lapses_and_a_signature_can_be_withdrawn() {
    let mut invitation = act("invitation", InvitationToAccede, "2019-01-10");
    invitation.ends_on = Some("2024-01-09".parse().unwrap());
    let input = budapest(vec![invitation]);
    assert_eq!(
        at(&input, "2024-01-09").status,
        TreatyStatus::InvitedToAccede
    );
    assert_eq!(
        at(&input, "2024-01-09").next.unwrap().1.to_string(),
        "2024-01-10"
    );
    assert_eq!(at(&input, "2024-01-10").status, TreatyStatus::NoAction);
    let input = budapest(vec![
        act("signature", Signature, "2008-06-30"),
        related(act("withdrawal", Withdrawal, "2012-01-01"), "signature"),
    ]);
    assert_eq!(at(&input, "2011-12-31").status, TreatyStatus::Signatory);
    assert_eq!(at(&input, "2012-01-01").status, TreatyStatus::NoAction);
}

#[test]
fn a_partial_date_is_read_as_its_first_and_as_its_last_day() {
    let input = budapest(vec![
        act("signature", Signature, "2008"),
        act("ratification", Ratification, "2010-03"),
    ]);
    assert_eq!(at(&input, "2007-12-31").status, TreatyStatus::NoAction);
    let doubtful = at(&input, "2010-03-10");
    assert_eq!(doubtful.status, TreatyStatus::Unknown);
    assert_eq!(
        doubtful.possible,
        [TreatyStatus::Signatory, TreatyStatus::ContractingState]
    );
    assert_eq!(
        at(&input, "2010-03-31").status,
        TreatyStatus::ContractingState
    );
    // The rule counts whole months, so the day of the deposit does not matter.
    assert_eq!(
        at(&input, "2010-04-01")
            .in_force_from
            .unwrap()
            .date
            .to_string(),
        "2010-07-01"
    );
}

#[test]
fn an_act_without_a_date_was_done_by_the_day_on_which_it_was_known() {
    let input = budapest(vec![act("invitation", InvitationToAccede, "")]);
    assert_eq!(
        at(&input, "2026-11-23").status,
        TreatyStatus::InvitedToAccede
    );
    assert_eq!(at(&input, "2015-01-01").status, TreatyStatus::Unknown);
    let input = budapest(vec![act("invitation", InvitationToAccede, "2022-09/..")]);
    assert_eq!(at(&input, "2022-08-31").status, TreatyStatus::NoAction);
    assert_eq!(at(&input, "2022-09-01").status, TreatyStatus::Unknown);
    assert_eq!(
        at(&input, "2026-11-23").status,
        TreatyStatus::InvitedToAccede
    );
}

#[test]
fn a_country_without_acts_is_unknown_where_events_are_incomplete() {
    let input = StatusInput {
        is_complete: false,
        ..budapest(Vec::new())
    };
    assert_eq!(at(&input, "2026-11-23").status, TreatyStatus::Unknown);
    let mut territorial = act("curacao", TerritorialApplication, "2024-06-27");
    territorial.is_territorial = true;
    let mut ratified = act("extension", Ratification, "2024-06-27");
    ratified.is_territorial = true;
    assert_eq!(
        at(&budapest(vec![territorial, ratified]), "2026-11-23").status,
        TreatyStatus::NoAction
    );
}

#[test]
fn the_newest_designation_for_an_article_is_valid() {
    let named = |key: &str, date: &str, article: &str| Act {
        articles: vec![article.to_owned()],
        ..act(key, DesignationOfAuthority, date)
    };
    let input = budapest(vec![
        named("new", "2019-01-01", "24"),
        named("old", "2010-07-01", "24"),
        named("other", "2010-07-01", "35"),
    ]);
    let found = designations(&input, day("2026-11-23"), day("2026-11-23"));
    let keys: Vec<&str> = found.iter().map(RecordId::as_str).collect();
    assert_eq!(keys, ["TreatyEvent:new", "TreatyEvent:other"]);
    assert_eq!(
        designations(&input, day("2012-01-01"), day("2026-11-23")).len(),
        2
    );
}

#[test]
fn a_designation_is_valid_by_article_and_function_from_its_day_of_effect() {
    let named = |key: &str, articles: &[&str], function: InstitutionFunction| Act {
        articles: articles.iter().map(|&article| article.to_owned()).collect(),
        function: Some(function),
        effective: Some("2010-07-01".parse().unwrap()),
        ..act(key, DesignationOfAuthority, "2010-03-15")
    };
    let both = named(
        "both",
        &["24", "27"],
        InstitutionFunction::CentralAuthorityMla,
    );
    let later = Act {
        effective: None,
        date: Some("2015".parse().unwrap()),
        ..named("later", &["27"], InstitutionFunction::CentralAuthorityMla)
    };
    let other = named("other", &["27"], InstitutionFunction::PointOfContact247);
    let input = budapest(vec![both, later, other]);
    let on = |date: &str| {
        let found = designations(&input, day(date), day("2026-11-23"));
        let keys = found
            .iter()
            .map(|id| id.as_str().replace("TreatyEvent:", ""));
        keys.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(on("2010-06-30"), "");
    assert_eq!(on("2010-07-01"), "both other");
    // The newer designation is valid for its article; the older one stays valid for the other.
    assert_eq!(on("2016-01-01"), "both later other");
}

#[test]
fn a_suspended_state_stays_a_party_until_the_suspension_ends() {
    let suspension = Act {
        ends_on: Some("2020-12-31".parse().unwrap()),
        ..act("suspension", Suspension, "2020-01-01")
    };
    let mut acts = azerbaijan().acts;
    acts.push(suspension);
    let input = budapest(acts.clone());
    assert_eq!(at(&input, "2019-12-31").status, TreatyStatus::Party);
    let suspended = at(&input, "2020-06-01");
    assert_eq!(suspended.status, TreatyStatus::Suspended);
    assert!(suspended.status.is_in_force() && suspended.status.agrees_with("Party"));
    assert_eq!(
        suspended.basis.last().unwrap().as_str(),
        "TreatyEvent:suspension"
    );
    assert_eq!(
        suspended.next,
        Some((TreatyStatus::Party, day("2021-01-01").into()))
    );
    assert_eq!(at(&input, "2021-01-01").status, TreatyStatus::Party);
    acts.push(related(act("back", Withdrawal, "2020-03-01"), "suspension"));
    assert_eq!(
        at(&budapest(acts), "2020-06-01").status,
        TreatyStatus::Party
    );
}

/// Bulgaria and CETS 223: provisional application declared on 2018-10-10 with effect from 2019-02-01; ratification on
/// 2019-12-10.
#[test]
fn consent_takes_precedence_over_provisional_application() {
    let applies = Act {
        effective: Some("2019-02-01".parse().unwrap()),
        ..act("applies", ProvisionalApplication, "2018-10-10")
    };
    let mut input = StatusInput {
        rule: None,
        treaty_in_force: None,
        is_complete: false,
        ..budapest(vec![
            act("signature", Signature, "2018-10-10"),
            applies,
            act("ratification", Ratification, "2019-12-10"),
        ])
    };
    let declared = at(&input, "2018-12-01");
    assert_eq!(declared.status, TreatyStatus::Signatory);
    assert_eq!(
        declared.next,
        Some((
            TreatyStatus::ProvisionallyApplying,
            day("2019-02-01").into()
        ))
    );
    let applying = at(&input, "2019-02-01");
    assert_eq!(applying.status, TreatyStatus::ProvisionallyApplying);
    assert_eq!(applying.since, Some(day("2019-02-01").into()));
    assert_eq!(
        at(&input, "2019-12-10").status,
        TreatyStatus::ContractingState
    );
    input
        .acts
        .push(related(act("ended", Withdrawal, "2019-06-01"), "applies"));
    assert_eq!(at(&input, "2019-07-01").status, TreatyStatus::Signatory);
}

/// Montenegro succeeded to the signature of the State Union, and ratified the treaty itself.
#[test]
fn a_succession_has_the_effect_of_the_act_that_it_succeeds_to() {
    let succession = Act {
        effective: Some("2006-06-06".parse().unwrap()),
        relates_to: Some("TreatyEvent:of-the-union".parse().unwrap()),
        counts_as: Some(Signature),
        ..act("succession", Succession, "2006-10-23")
    };
    let input = budapest(vec![
        succession.clone(),
        act("ratification", Ratification, "2010-03-03"),
    ]);
    assert_eq!(at(&input, "2006-06-05").status, TreatyStatus::NoAction);
    let signed = at(&input, "2006-06-06");
    assert_eq!(signed.status, TreatyStatus::Signatory);
    assert_eq!(signed.since, Some(day("2006-06-06").into()));
    assert_eq!(
        at(&input, "2010-03-03").status,
        TreatyStatus::ContractingState
    );
    let alone = budapest(vec![Act {
        counts_as: None,
        relates_to: None,
        ..succession
    }]);
    let bound = at(&alone, "2006-06-06");
    assert_eq!(bound.status, TreatyStatus::Party);
    assert_eq!(bound.in_force_from.unwrap().origin, DateOrigin::Depositary);
}

/// Curaçao and ETS 185: extension on 2024-06-27, in force on 2024-10-01 by Article 38(2).
#[test]
fn a_territory_gets_its_status_from_the_state_that_extends_the_treaty_to_it() {
    let state = || {
        budapest(vec![
            act("acceptance", Acceptance, "2006-11-16"),
            act("in-force", EntryIntoForce, "2007-03-01"),
        ])
    };
    let extension = Act {
        is_territorial: true,
        ..act("extension", TerritorialApplication, "2024-06-27")
    };
    let territory = |more: Vec<Act>| {
        let mut state = state();
        state.acts.extend(more);
        StatusInput::of_extension(vec![extension.clone()], state, None)
    };
    let input = territory(Vec::new());
    assert_eq!(at(&input, "2024-06-26").status, TreatyStatus::Unknown);
    let extended = at(&input, "2024-06-27");
    assert_eq!(extended.status, TreatyStatus::ContractingState);
    assert_eq!(
        extended.next,
        Some((TreatyStatus::Party, day("2024-10-01").into()))
    );
    assert_eq!(at(&input, "2024-10-01").status, TreatyStatus::Party);
    let unnamed = StatusInput::of_extension(Vec::new(), state(), None);
    assert_eq!(at(&unnamed, "2026-11-23").status, TreatyStatus::Unknown);
    let left = territory(vec![act("leaves", Denunciation, "2025-01-15")]);
    assert_eq!(
        at(&left, "2025-02-01").status,
        TreatyStatus::DenunciationPending
    );
    assert_eq!(at(&left, "2025-05-01").status, TreatyStatus::FormerParty);
    let taken_back = related(act("back", Withdrawal, "2025-01-15"), "extension");
    assert_eq!(
        at(&territory(vec![taken_back]), "2025-01-15").status,
        TreatyStatus::Unknown
    );
}

#[test]
fn a_reported_label_is_compared_with_the_status() {
    assert!(TreatyStatus::Party.agrees_with("Status: Party"));
    assert!(TreatyStatus::ContractingState.agrees_with("Party"));
    assert!(!TreatyStatus::Signatory.agrees_with("Party"));
    assert!(TreatyStatus::NoAction.agrees_with("Not a Party"));
    for other in ["Not a Party", "Non-Party", "Invited to become a Party"] {
        assert!(!TreatyStatus::Party.agrees_with(other), "{other}");
    }
    assert!(TreatyStatus::Signatory.agrees_with("Signed but not ratified"));
}

fn any_acts() -> impl Strategy<Value = Vec<Act>> {
    let kinds = prop::sample::select(vec![
        InvitationToAccede,
        Signature,
        DefinitiveSignature,
        DomesticApproval,
        Ratification,
        Accession,
        Reservation,
        Declaration,
        Denunciation,
        Withdrawal,
    ]);
    let dates = prop::sample::select(vec![
        "2001-11-23",
        "2004-06",
        "2007",
        "2008-06-30",
        "2010-03-15",
        "2010/2012",
        "2015-01-31",
        "2018~",
        "../2019",
        "2020-02-29",
    ]);
    prop::collection::vec((kinds, dates, 0..8_usize), 0..8).prop_map(|acts| {
        acts.into_iter()
            .enumerate()
            .map(|(at, (kind, date, target))| {
                let act = act(&format!("e{at}"), kind, date);
                if kind == Withdrawal {
                    related(act, &format!("e{target}"))
                } else {
                    act
                }
            })
            .collect()
    })
}

/// Acts of all kinds with dates of all precisions, over a few years.
fn dense_acts() -> impl Strategy<Value = Vec<Act>> {
    some_dense_acts(5)
}

fn some_dense_acts(most: usize) -> impl Strategy<Value = Vec<Act>> {
    dense_acts_of(
        <TreatyEventKind as sea_orm::Iterable>::iter().collect(),
        most,
    )
}

fn dense_acts_of(kinds: Vec<TreatyEventKind>, most: usize) -> impl Strategy<Value = Vec<Act>> {
    let date = prop_oneof![
        (2000..2006_i32, 1..13, 1..29).prop_map(|(y, m, d)| format!("{y}-{m:02}-{d:02}")),
        (2000..2006_i32, 1..13).prop_map(|(y, m)| format!("{y}-{m:02}")),
        (2000..2006).prop_map(|y: i32| y.to_string()),
        (2000..2006).prop_map(|y: i32| format!("{y}/..")),
        Just(String::new()),
    ];
    let one = (
        proptest::sample::select(kinds),
        date.clone(),
        proptest::option::of(date.clone()),
        proptest::option::of(date),
        proptest::option::of(0..6),
    );
    proptest::collection::vec(one, 1..=most).prop_map(|acts| {
        let read = |text: Option<String>| text.and_then(|text| text.parse().ok());
        let acts = acts.into_iter().enumerate();
        acts.map(|(number, (kind, date, effective, ends, to))| Act {
            effective: read(effective),
            ends_on: read(ends),
            relates_to: to
                .map(|to: i32| RecordId::new(Kind::TreatyEvent, &format!("e{to}")).unwrap()),
            ..act(&format!("e{number}"), kind, &date)
        })
        .collect()
    })
}

/// Computing the status for each day finds the same changes as [`transitions`].
#[test]
fn turns_finds_every_day_on_which_the_status_changes() {
    let config = ProptestConfig::with_cases(30);
    proptest!(config, |(acts in some_dense_acts(3), of_parent in proptest::option::of(some_dense_acts(2)), months in 0_u32..36)| {
        let input = StatusInput { required: of_parent.map(|acts| Box::new(budapest(acts))), ..budapest(acts) };
        let after = day("2001-06-01").plus_months(months);
        let until = after.plus_days(90);
        let mut each = Vec::new();
        let mut before = status(&input, after, after).status;
        let mut on = after.next();
        while on <= until {
            let then = status(&input, on, on).status;
            if before != then {
                each.push((on, before, then));
            }
            before = then;
            on = on.next();
        }
        let found: Vec<_> = transitions(&input, (after, until))
            .into_iter()
            .map(|(transition, _)| (transition.on, transition.before, transition.after))
            .collect();
        prop_assert_eq!(found, each);
    });
}

proptest! {
    #[test]
    fn other_kinds_of_acts_change_no_answer(
        acts in dense_acts(), days in 0_u32..2_500,
    ) {
        let (date, today) = (day("1999-06-01").plus_days(days), day("2026-11-23"));
        let of = |are_meant: fn(TreatyEventKind) -> bool| {
            budapest(acts.iter().filter(|act| are_meant(act.kind)).cloned().collect())
        };
        let [all, deciding] = [|_| true, TreatyEventKind::decides].map(of);
        prop_assert_eq!(status(&all, date, today), status(&deciding, date, today));
        let whole = of(|kind| kind.decides() || kind.accompanies_status());
        for kind in [Reservation, Declaration] {
            prop_assert_eq!(
                in_force(&all, kind, date, today),
                in_force(&whole, kind, date, today)
            );
        }
        prop_assert_eq!(
            designations(&all, date, today),
            designations(&whole, date, today)
        );
    }

    #[test]
    fn the_order_of_the_acts_in_the_input_does_not_matter(
        acts in any_acts(), seed in any::<u64>(), days in 0_u32..9_000,
    ) {
        let date = day("2001-01-01").plus_days(days);
        let mut shuffled = acts.clone();
        shuffled.sort_by_key(|act| {
            act.id.as_str().bytes().fold(seed, |hash, byte| {
                hash.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte)
            })
        });
        prop_assert_eq!(
            status(&budapest(acts), date, day("2026-11-23")),
            status(&budapest(shuffled), date, day("2026-11-23"))
        );
    }

    #[test]
    fn a_later_act_never_changes_an_earlier_day(
        acts in any_acts(), more in any_acts(), days in 0_u32..9_000,
    ) {
        let date = day("2001-01-01").plus_days(days);
        let before = status(&budapest(acts.clone()), date, day("2026-11-23"));
        let later = more.into_iter().enumerate().map(|(at, act)| Act {
            id: RecordId::new(Kind::TreatyEvent, &format!("later-{at}")).unwrap(),
            date: Some(date.plus_days(1).into()),
            ..act
        });
        let after = status(&budapest(acts.into_iter().chain(later).collect()), date, day("2026-11-23"));
        prop_assert_eq!(before.status, after.status);
    }
}
