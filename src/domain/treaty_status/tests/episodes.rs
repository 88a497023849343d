//! Tests of leaving and acceding again, of the treaty's own entry into force, and of treaties that others require.

use super::*;

fn effective(act: Act, on: &str) -> Act {
    Act {
        effective: Some(on.parse().unwrap()),
        ..act
    }
}

fn ending(act: Act, on: &str) -> Act {
    Act {
        ends_on: Some(on.parse().unwrap()),
        ..act
    }
}

/// A treaty in which consent takes effect after thirty days, and a denunciation after twelve months.
fn worldwide(acts: Vec<Act>) -> StatusInput {
    StatusInput {
        rule: Some(EntryIntoForceRule {
            months: None,
            days: Some(30),
            first_day_of_month: false,
            denunciation_months: Some(12),
            ..budapest_rule()
        }),
        treaty_in_force: Some("1990-01-01".parse().unwrap()),
        ..budapest(acts)
    }
}

fn statuses(input: &StatusInput, days: &[&str]) -> Vec<TreatyStatus> {
    days.iter().map(|day| at(input, day).status).collect()
}

fn joined_and_left() -> Vec<Act> {
    vec![
        act("joins", Ratification, "2000-06-01"),
        act("leaves", Denunciation, "2010-01-10"),
    ]
}

fn keys(standing: &Standing) -> Vec<String> {
    let keys = standing.basis.iter();
    keys.map(|id| id.as_str().replace("TreatyEvent:", ""))
        .collect()
}

#[test]
fn a_country_that_accedes_again_before_its_denunciation_takes_effect_stays_a_party() {
    use TreatyStatus::{DenunciationPending, Party};
    let mut acts = joined_and_left();
    acts.push(act("again", Accession, "2010-06-01"));
    let input = worldwide(acts);
    let days = [
        "2009-12-31",
        "2010-01-10",
        "2010-05-31",
        "2010-06-01",
        "2010-06-30",
        "2010-07-01",
        "2011-01-09",
        "2011-01-10",
        "2026-11-23",
    ];
    let (party, pending) = (Party, DenunciationPending);
    assert_eq!(
        statuses(&input, &days),
        [
            party, pending, pending, party, party, party, party, party, party
        ]
    );
    // The old membership goes on until the new one takes its place.
    let between = at(&input, "2010-06-15");
    assert_eq!(between.since, Some(day("2000-07-01").into()));
    assert_eq!(
        (keys(&between), between.next),
        (
            vec!["joins".to_owned(), "leaves".to_owned(), "again".to_owned()],
            None
        )
    );
    let after = at(&input, "2010-07-01");
    assert_eq!(after.since, Some(day("2010-07-01").into()));
    assert_eq!(keys(&after), ["again"]);
}

#[test]
fn a_new_membership_can_begin_on_the_day_on_which_the_old_one_ends() {
    use TreatyStatus::{ContractingState, DenunciationPending, Party};
    let with = |on: &str, from: Option<&str>| {
        let again = act("again", Accession, on);
        let mut acts = joined_and_left();
        acts.push(match from {
            Some(from) => effective(again, from),
            None => again,
        });
        worldwide(acts)
    };
    // The new consent, made on the day of the denunciation, takes effect when the denunciation does: no day is
    // without membership.
    let at_once = with("2010-01-10", Some("2011-01-10"));
    let days = ["2010-01-10", "2011-01-09", "2011-01-10", "2012-01-01"];
    assert_eq!(statuses(&at_once, &days), [Party; 4]);
    let at_once = with("2010-01-10", None);
    assert_eq!(statuses(&at_once, &days), [Party; 4]);
    for on in ["2011-01-10", "2011-01-09"] {
        let late = with(on, Some("2011-01-10"));
        assert_eq!(
            statuses(&late, &["2011-01-08", "2011-01-10", "2012-01-01"]),
            [DenunciationPending, Party, Party],
            "{on}"
        );
    }
    // Between leaving and the new entry into force the country has consented, and is not a Party.
    for on in ["2011-01-09", "2011-01-10"] {
        let late = with(on, None);
        let days = ["2011-01-08", "2011-01-10", "2011-02-07", "2011-02-09"];
        assert_eq!(
            statuses(&late, &days),
            [
                DenunciationPending,
                ContractingState,
                ContractingState,
                Party
            ],
            "{on}"
        );
    }
    let gap = at(&with("2011-01-09", None), "2011-01-09");
    assert_eq!(gap.status, DenunciationPending);
    assert_eq!(gap.next, Some((ContractingState, day("2011-01-10").into())));
}

#[test]
fn a_second_denunciation_decides_when_the_country_leaves() {
    use TreatyStatus::{DenunciationPending, FormerParty, Party};
    let mut acts = joined_and_left();
    acts.push(act("again", Accession, "2010-06-01"));
    let twice = |on: &str| {
        let mut acts = acts.clone();
        acts.push(act("leaves-again", Denunciation, on));
        worldwide(acts)
    };
    let input = twice("2010-09-01");
    assert_eq!(
        statuses(
            &input,
            &[
                "2010-08-31",
                "2010-09-01",
                "2011-01-10",
                "2011-08-31",
                "2011-09-01"
            ]
        ),
        [
            Party,
            DenunciationPending,
            DenunciationPending,
            DenunciationPending,
            FormerParty
        ]
    );
    assert_eq!(
        at(&input, "2011-09-01").since,
        Some(day("2011-09-01").into())
    );
    // The second denunciation withdraws the new consent before it takes effect: the first denunciation remains.
    let input = twice("2010-06-15");
    assert_eq!(
        statuses(
            &input,
            &["2010-06-14", "2010-06-15", "2011-01-09", "2011-01-10"]
        ),
        [Party, DenunciationPending, DenunciationPending, FormerParty]
    );
    // A country that accedes again after a second denunciation is a Party again.
    let mut acts = twice("2010-09-01").acts;
    acts.push(act("third", Accession, "2011-02-01"));
    assert_eq!(
        statuses(
            &worldwide(acts),
            &["2011-02-01", "2011-09-01", "2026-11-23"]
        ),
        [Party; 3]
    );
}

#[test]
fn reservations_belong_to_the_membership_with_which_they_were_made() {
    let mut acts = joined_and_left();
    acts.extend([
        act("old", Reservation, "2000-06-01"),
        effective(act("again", Accession, "2010-01-10"), "2011-01-10"),
        act("new", Reservation, "2010-01-10"),
    ]);
    let input = worldwide(acts);
    let on = |date: &str| {
        let found = in_force(&input, Reservation, day(date), day("2026-11-23"));
        let keys = found
            .iter()
            .map(|id| id.as_str().replace("TreatyEvent:", ""));
        keys.collect::<Vec<_>>().join(" ")
    };
    let found = ["2009-12-31", "2010-06-01", "2011-01-09", "2011-01-10"].map(on);
    assert_eq!(found, ["old", "old", "old", "new"]);
}

#[test]
fn no_country_is_a_party_before_the_treaty_is_in_force() {
    use TreatyStatus::{ContractingState, Party};
    let in_1996 = |acts: Vec<Act>| StatusInput {
        treaty_in_force: Some("1996-11-06".parse().unwrap()),
        ..worldwide(acts)
    };
    let all = [
        vec![effective(
            act("succeeds", Succession, "1993-05-01"),
            "1991-06-25",
        )],
        vec![effective(
            act("ratifies", Ratification, "1991-06-01"),
            "1991-06-25",
        )],
        vec![
            act("ratifies", Ratification, "1991-06-01"),
            act("force", EntryIntoForce, "1991-06-25"),
        ],
        vec![act("force", EntryIntoForce, "1991-06-25")],
        vec![act("ratifies", Ratification, "1991-06-01")],
    ];
    for acts in all {
        let mut input = in_1996(acts);
        let early = at(&input, "1994-01-01");
        assert_eq!(early.status, ContractingState, "{early:?}");
        assert_eq!(early.next, Some((Party, day("1996-11-06").into())));
        let from = early.in_force_from.unwrap();
        assert_eq!(
            (from.date, from.origin),
            (day("1996-11-06").into(), DateOrigin::Computed)
        );
        assert_eq!(
            statuses(&input, &["1996-11-05", "1996-11-06"]),
            [ContractingState, Party]
        );
        input.rule.as_mut().unwrap().not_before_treaty = false;
        assert_eq!(at(&input, "1994-01-01").status, ContractingState);
        let without_rule = StatusInput {
            rule: None,
            ..input.clone()
        };
        assert_eq!(at(&without_rule, "1994-01-01").status, ContractingState);
        input.treaty_in_force = None;
        let never = at(&input, "2026-01-01");
        assert_eq!(
            (never.status, never.in_force_from, never.next),
            (ContractingState, None, None)
        );
        input.treaty_in_force = Some("1996".parse().unwrap());
        assert_eq!(at(&input, "1995-12-31").status, ContractingState);
        assert_eq!(at(&input, "1996-05-01").possible, [ContractingState, Party]);
    }
}

#[test]
fn a_country_that_leaves_the_required_treaty_leaves_the_protocol_on_the_same_day() {
    use TreatyStatus::{ContractingState, DenunciationPending, FormerParty, Party, Signatory};
    let protocol = |own: Vec<Act>, of_parent: Vec<Act>| {
        let mut all = vec![act("joins", Ratification, "2004-01-10")];
        all.extend(of_parent);
        StatusInput {
            treaty_in_force: Some("2006-03-01".parse().unwrap()),
            required: Some(Box::new(budapest(all))),
            ..budapest(own)
        }
    };
    let own = vec![
        act("signs", Signature, "2005-01-10"),
        act("protocol", Ratification, "2005-11-14"),
    ];
    let leaves = act("leaves", Denunciation, "2020-11-23");
    let input = protocol(own.clone(), vec![leaves.clone()]);
    assert_eq!(
        statuses(
            &input,
            &["2020-11-22", "2020-11-23", "2021-02-28", "2021-03-01"]
        ),
        [Party, DenunciationPending, DenunciationPending, FormerParty]
    );
    let pending = at(&input, "2020-11-23");
    assert_eq!(keys(&pending), ["protocol", "leaves"]);
    assert_eq!(pending.next, Some((FormerParty, day("2021-03-01").into())));
    assert_eq!(pending.since, Some(day("2020-11-23").into()));
    assert_eq!(
        at(&input, "2021-03-01").since,
        Some(day("2021-03-01").into())
    );
    let transitions = transitions(&input, (day("2020-01-01"), day("2022-01-01")));
    let transitions: Vec<_> = transitions
        .iter()
        .map(|(transition, id)| (transition.on, transition.after, id.as_str()))
        .collect();
    assert_eq!(
        transitions,
        [
            (
                day("2020-11-23"),
                DenunciationPending,
                "TreatyEvent:protocol"
            ),
            (day("2021-03-01"), FormerParty, "TreatyEvent:protocol"),
        ]
    );
    // A country that withdraws the denunciation, or accedes again in time, does not leave the protocol.
    let back = related(act("back", Withdrawal, "2021-01-05"), "leaves");
    let again = act("again", Accession, "2020-11-25");
    for act in [back, again] {
        let stays = protocol(own.clone(), vec![leaves.clone(), act]);
        assert_eq!(statuses(&stays, &["2021-01-05", "2021-03-01"]), [Party; 2]);
    }
    // A country that accedes again to the Convention later must consent to the protocol again.
    let later = act("again", Accession, "2022-01-10");
    let mut input = protocol(own.clone(), vec![leaves.clone(), later]);
    assert_eq!(at(&input, "2023-01-01").status, FormerParty);
    input
        .acts
        .push(act("protocol-again", Accession, "2022-01-10"));
    assert_eq!(
        statuses(&input, &["2022-01-10", "2022-04-30", "2022-05-01"]),
        [ContractingState, ContractingState, Party]
    );
    // A protocol that is not in force yet is left too.
    let waiting = StatusInput {
        treaty_in_force: None,
        ..protocol(own.clone(), vec![leaves.clone()])
    };
    assert_eq!(
        statuses(&waiting, &["2020-11-23", "2021-03-01"]),
        [ContractingState, Signatory]
    );
    assert_eq!(
        at(&waiting, "2020-11-23").next,
        Some((Signatory, day("2021-03-01").into()))
    );
    // The earlier of two ways to leave counts.
    let mut both = own;
    both.push(act("protocol-leaves", Denunciation, "2020-10-01"));
    let input = protocol(both.clone(), vec![leaves]);
    assert_eq!(
        at(&input, "2021-02-01").since,
        Some(day("2021-02-01").into())
    );
    let early = act("leaves", Denunciation, "2020-09-15");
    let input = protocol(both, vec![early]);
    assert_eq!(
        at(&input, "2021-02-01").since,
        Some(day("2021-01-01").into())
    );
}

#[test]
fn a_suspension_ends_when_the_last_of_several_ends() {
    let mut acts = azerbaijan().acts;
    acts.push(ending(act("long", Suspension, "2020-01-01"), "2020-12-31"));
    acts.push(ending(act("short", Suspension, "2020-03-01"), "2020-06-30"));
    let input = budapest(acts.clone());
    let next = Some((TreatyStatus::Party, day("2021-01-01").into()));
    for date in ["2020-02-01", "2020-04-01", "2020-08-01"] {
        let suspended = at(&input, date);
        assert_eq!(
            (suspended.status, suspended.next),
            (TreatyStatus::Suspended, next),
            "{date}"
        );
        assert_eq!(suspended.since, Some(day("2020-01-01").into()));
    }
    acts.push(act("leaves", Denunciation, "2020-05-15"));
    let left = at(&budapest(acts), "2020-05-15");
    assert_eq!(left.status, TreatyStatus::DenunciationPending);
    assert_eq!(
        left.next,
        Some((TreatyStatus::FormerParty, day("2020-09-01").into()))
    );
}

#[test]
fn provisional_application_continues_after_consent_until_entry_into_force() {
    let applies = |last: &str| {
        ending(
            effective(
                act("applies", ProvisionalApplication, "2010-02-01"),
                "2010-02-15",
            ),
            last,
        )
    };
    let ratifies = act("ratifies", Ratification, "2010-03-15");
    let input = budapest(vec![ratifies.clone(), applies("2010-05-31")]);
    let (applying, consented) = (at(&input, "2010-03-01"), at(&input, "2010-03-15"));
    assert_eq!(applying.status, TreatyStatus::ProvisionallyApplying);
    assert_eq!(
        applying.next,
        Some((TreatyStatus::NoAction, day("2010-06-01").into()))
    );
    assert_eq!(consented.status, TreatyStatus::ContractingState);
    assert_eq!(keys(&consented), ["ratifies", "applies"]);
    assert_eq!(keys(&at(&input, "2010-06-01")), ["ratifies"]);
    assert_eq!(keys(&at(&input, "2010-07-01")), ["ratifies"]);
    // A country that withdraws its consent still applies the treaty provisionally.
    let back = related(act("back", Withdrawal, "2010-04-01"), "ratifies");
    let input = budapest(vec![ratifies, applies("2010-12-31"), back]);
    assert_eq!(
        at(&input, "2010-04-01").status,
        TreatyStatus::ProvisionallyApplying
    );
}

#[test]
fn provisional_application_does_not_continue_after_leaving() {
    let input = budapest(vec![
        act("applies", ProvisionalApplication, "2010-02-01"),
        act("ratifies", Ratification, "2010-03-15"),
        act("leaves", Denunciation, "2015-01-10"),
        act("signs", Signature, "2016-01-10"),
    ]);
    let found = statuses(&input, &["2015-05-01", "2016-01-10"]);
    assert_eq!(found, [TreatyStatus::FormerParty, TreatyStatus::Signatory]);
}

#[test]
fn a_former_party_whose_new_invitation_lapses_is_a_former_party_again() {
    use TreatyStatus::{FormerParty, InvitedToAccede};
    let mut acts = joined_and_left();
    acts.push(ending(
        act("invites", InvitationToAccede, "2015-01-10"),
        "2020-01-09",
    ));
    let input = worldwide(acts);
    assert_eq!(
        statuses(
            &input,
            &["2015-01-09", "2015-01-10", "2020-01-09", "2020-01-10"]
        ),
        [FormerParty, InvitedToAccede, InvitedToAccede, FormerParty]
    );
    let invited = at(&input, "2015-01-10");
    assert_eq!(invited.next, Some((FormerParty, day("2020-01-10").into())));
}

#[test]
fn an_act_cannot_be_withdrawn_before_it_is_done() {
    let withdrawn = |to: &str, on: &str| {
        let mut acts = azerbaijan().acts;
        acts.push(related(act("back", Withdrawal, on), to));
        StatusInput {
            is_complete: false,
            ..budapest(acts)
        }
    };
    for to in ["ratification", "signature"] {
        assert_eq!(
            at(&withdrawn(to, "2007-01-01"), "2026-11-23").status,
            TreatyStatus::Party
        );
    }
    // On the same day, or on one that can be later, the act is withdrawn.
    for on in ["2010-03-15", "2010", "2010-03/2010-04"] {
        assert_eq!(
            at(&withdrawn("ratification", on), "2026-11-23").status,
            TreatyStatus::Signatory
        );
    }
}

#[test]
fn the_next_status_is_the_status_on_its_day() {
    let lapses = ending(
        act("invitation", InvitationToAccede, "2019-01-10"),
        "2024-01-09",
    );
    let input = budapest(vec![lapses, act("accedes", Accession, "2023-12-01")]);
    let next = at(&input, "2023-11-01").next;
    assert_eq!(
        next,
        Some((TreatyStatus::NoAction, day("2024-01-10").into()))
    );
    assert_eq!(
        at(&input, "2023-12-01").next,
        Some((TreatyStatus::Party, day("2024-04-01").into()))
    );
    let notified = budapest(vec![
        act("ratifies", Ratification, "2010-03-15"),
        act("force", EntryIntoForce, "2010-09-01"),
    ]);
    assert_eq!(
        at(&notified, "2010-03-15").next,
        Some((TreatyStatus::Party, day("2010-09-01").into()))
    );
    let later = effective(act("withdraws", Withdrawal, "2015-01-01"), "2015-06-01");
    let input = budapest(vec![
        act("signs", Signature, "2010-01-01"),
        related(later, "signs"),
    ]);
    assert_eq!(
        at(&input, "2015-01-01").next,
        Some((TreatyStatus::NoAction, day("2015-06-01").into()))
    );
}

/// Acts of the deciding kinds, with whole dates within a few years.
fn exact_acts() -> impl Strategy<Value = Vec<Act>> {
    dense_acts().prop_map(|mut acts| {
        let whole = |date: &mut Option<PartialDate>| {
            *date = date.map(|date| date.earliest().unwrap().into());
        };
        for act in &mut acts {
            act.date.get_or_insert("2002-02-02".parse().unwrap());
            for date in [&mut act.date, &mut act.effective, &mut act.ends_on] {
                whole(date);
            }
        }
        acts
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn next_is_the_first_day_on_which_the_status_is_another(
        acts in exact_acts(), of_parent in proptest::option::of(exact_acts()), days in 0_u32..2_000,
    ) {
        let as_of = day("2001-01-01").plus_days(days);
        let known = |acts: Vec<Act>| -> Vec<Act> {
            acts.into_iter().filter(|act| act.date.unwrap().earliest().unwrap() <= as_of).collect()
        };
        let required = of_parent.map(|acts| Box::new(worldwide(known(acts))));
        let input = StatusInput { required, ..budapest(known(acts)) };
        let standing = status(&input, as_of, as_of);
        let last = match standing.next {
            Some((then, on)) => {
                let on = on.earliest().unwrap();
                prop_assert_eq!(status(&input, on, on).status, then);
                prop_assert_ne!(then, standing.status);
                on.previous()
            }
            None => as_of.plus_days(3_000),
        };
        let mut on = as_of;
        while on < last {
            on = on.next();
            prop_assert_eq!(status(&input, on, on).status, standing.status, "{}", on);
        }
    }
}
