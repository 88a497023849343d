//! Tests of partial dates: every order that they allow counts, and no other.

use super::*;

#[test]
fn two_acts_of_one_year_are_read_in_both_orders() {
    use TreatyStatus::{ContractingState, DenunciationPending, FormerParty, NoAction, Party};
    let input = budapest(vec![
        act("joins", Ratification, "2005"),
        act("leaves", Denunciation, "2005"),
    ]);
    let found = at(&input, "2026-11-23");
    assert_eq!(found.status, TreatyStatus::Unknown);
    // Before consent a denunciation has nothing to end; soon after consent it withdraws the instrument.
    assert_eq!(found.possible, [NoAction, Party, FormerParty]);
    assert_eq!(found.basis.len(), 2);
    assert_eq!(at(&input, "2004-12-31").possible, [NoAction]);
    assert_eq!(
        at(&input, "2005-04-30").possible,
        [NoAction, ContractingState]
    );
    assert_eq!(
        at(&input, "2005-12-31").possible,
        [
            NoAction,
            ContractingState,
            Party,
            DenunciationPending,
            FormerParty
        ]
    );
    // If only one order is possible, the status is certain.
    let certain = budapest(vec![
        act("joins", Ratification, "2005"),
        act("leaves", Denunciation, "2007"),
    ]);
    let left = at(&certain, "2026-11-23");
    assert_eq!(left.status, FormerParty);
    assert_eq!(left.since.unwrap().to_string(), "2007-05-01/2008-04-01");
}

#[test]
fn a_year_in_which_a_country_may_have_acceded_again_leaves_the_status_open() {
    use TreatyStatus::{FormerParty, Party, Signatory};
    let input = budapest(vec![
        act("signs", Signature, "2001-11-23"),
        act("joins", Ratification, "2003-06-01"),
        act("leaves", Denunciation, "2010"),
        act("again", Accession, "2010-06-01"),
    ]);
    assert_eq!(at(&input, "2020-01-01").possible, [Party, FormerParty]);
    let three = budapest(vec![
        act("signs", Signature, "2005"),
        act("joins", Ratification, "2005"),
        act("leaves", Denunciation, "2005"),
    ]);
    // Three acts of one year have more orders than are compared: no possible status is missing.
    let found = at(&three, "2020-01-01");
    assert_eq!(found.status, TreatyStatus::Unknown);
    for status in [Signatory, Party, FormerParty] {
        assert!(found.possible.contains(&status), "{status:?}");
    }
}

#[test]
fn open_and_missing_dates_are_read_in_every_order() {
    use TreatyStatus::{FormerParty, InvitedToAccede, NoAction, Party, Signatory};
    let input = |joins: &str, leaves: &str| {
        budapest(vec![
            act("joins", Ratification, joins),
            act("leaves", Denunciation, leaves),
        ])
    };
    for (joins, leaves) in [
        ("../2018", "2016"),
        ("2014/2020", "2016-05-01"),
        ("2016", "2014~/2020"),
    ] {
        let found = at(&input(joins, leaves), "2026-11-23");
        assert_eq!(
            found.possible,
            [NoAction, Party, FormerParty],
            "{joins} {leaves}"
        );
    }
    let found = at(&input("2018/..", "2020-01-01"), "2026-11-23");
    assert!(found.possible.contains(&FormerParty) && found.possible.contains(&Party));
    let signed = budapest(vec![
        act("signs", Signature, "2016"),
        act("back", Withdrawal, "2016"),
    ]);
    assert_eq!(at(&signed, "2026-11-23").status, Signatory);
    let ended = budapest(vec![
        act("signs", Signature, "2016"),
        related(act("back", Withdrawal, "2016"), "signs"),
    ]);
    assert_eq!(at(&ended, "2026-11-23").status, NoAction);
    assert_eq!(at(&ended, "2016-06-01").possible, [NoAction, Signatory]);
    let invited = Act {
        ends_on: Some("2024".parse().unwrap()),
        ..act("invites", InvitationToAccede, "")
    };
    assert_eq!(
        at(&budapest(vec![invited]), "2024-06-01").possible,
        [NoAction, InvitedToAccede]
    );
}

#[test]
fn a_partial_date_is_returned_as_it_was_written() {
    let input = budapest(vec![act("signs", Signature, "2005-06")]);
    assert_eq!(
        at(&input, "2026-11-23").since.unwrap().to_string(),
        "2005-06"
    );
    let input = budapest(vec![
        act("signs", Signature, "2005-06"),
        act("joins", Ratification, "2010/2011"),
    ]);
    let found = at(&input, "2026-11-23");
    assert_eq!(found.status, TreatyStatus::Party);
    assert_eq!(found.since.unwrap().to_string(), "2010-05-01/2012-04-01");
    assert_eq!(
        found.in_force_from.unwrap().date.to_string(),
        "2010-05-01/2012-04-01"
    );
}

#[test]
fn too_many_orders_give_status_unknown() {
    let kinds = [Signature, Ratification, Denunciation, Accession];
    let acts = (0..24).map(|at| act(&format!("e{at}"), kinds[at % 4], "2005/2010"));
    let found = at(&budapest(acts.collect()), "2026-11-23");
    assert_eq!(found.status, TreatyStatus::Unknown);
    assert!(found.possible.len() > 4 && found.next.is_none());
}

/// Returns the days of one week that a date can mean.
fn days_of(date: PartialDate) -> Vec<Date> {
    let (mut day, last) = (date.earliest().unwrap(), date.latest().unwrap());
    let mut days = vec![day];
    while day < last {
        day = day.next();
        days.push(day);
    }
    days
}

fn dates_of(input: &mut StatusInput) -> Vec<&mut Option<PartialDate>> {
    let mut dates: Vec<&mut Option<PartialDate>> = vec![&mut input.treaty_in_force];
    for act in &mut input.acts {
        dates.extend([&mut act.date, &mut act.effective, &mut act.ends_on]);
    }
    if let Some(required) = &mut input.required {
        dates.extend(dates_of(required));
    }
    dates
}

/// Returns the input with every combination of single days for its dates.
fn possible_inputs(input: &StatusInput) -> Vec<StatusInput> {
    let mut possible_inputs = vec![input.clone()];
    for at in 0..dates_of(&mut input.clone()).len() {
        possible_inputs = possible_inputs
            .into_iter()
            .flat_map(|mut possible| {
                let date = *dates_of(&mut possible)[at];
                let days = date.map_or(vec![None], |date| {
                    days_of(date)
                        .into_iter()
                        .map(|day| Some(PartialDate::from(day)))
                        .collect()
                });
                days.into_iter()
                    .map(|day| {
                        let mut possible = possible.clone();
                        *dates_of(&mut possible)[at] = day;
                        possible
                    })
                    .collect::<Vec<_>>()
            })
            .collect();
    }
    possible_inputs
}

/// True if nothing in a world is withdrawn before it is done or ends before it begins, as far as the dates allow it.
fn is_ordered(input: &StatusInput, possible: &StatusInput) -> bool {
    let order = |earlier: Option<PartialDate>, later: Option<PartialDate>| match (earlier, later) {
        (Some(earlier), Some(later)) => earlier.earliest() <= later.latest(),
        _ => true,
    };
    let of_acts = input
        .acts
        .iter()
        .zip(&possible.acts)
        .filter(|(act, _)| act.kind.decides())
        .all(|(act, then)| {
            let ends = !order(act.effective.or(act.date), act.ends_on)
                || order(then.effective.or(then.date), then.ends_on);
            let target = input
                .acts
                .iter()
                .position(|other| Some(&other.id) == act.relates_to.as_ref());
            let target =
                target.filter(|at| act.kind == Withdrawal && input.acts[*at].kind.decides());
            let withdraws = target.is_none_or(|at| {
                !order(input.acts[at].date, act.date) || order(possible.acts[at].date, then.date)
            });
            ends && withdraws
        });
    let required = input.required.iter().zip(&possible.required);
    of_acts
        && required
            .into_iter()
            .all(|(input, possible)| is_ordered(input, possible))
}

fn few_days() -> impl Strategy<Value = String> {
    let exact = (1..16).prop_map(|from| format!("2005-01-{from:02}"));
    let some = (1..12, 1..4)
        .prop_map(|(from, more)| format!("2005-01-{from:02}/2005-01-{:02}", from + more));
    prop_oneof![exact, some]
}

fn few_acts(most: usize) -> impl Strategy<Value = Vec<Act>> {
    let kinds = proptest::sample::select(vec![
        InvitationToAccede,
        Signature,
        Ratification,
        Accession,
        Succession,
        EntryIntoForce,
        ProvisionalApplication,
        Withdrawal,
        Suspension,
        Denunciation,
        Denunciation,
        Ratification,
    ]);
    let maybe = || proptest::option::weighted(0.25, few_days());
    let one = (kinds, few_days(), maybe(), maybe(), 0..4);
    proptest::collection::vec(one, 1..=most).prop_map(|acts| {
        let read = |text: Option<String>| text.map(|text| text.parse().unwrap());
        let acts = acts.into_iter().enumerate();
        acts.map(|(number, (kind, date, effective, ends, to))| Act {
            effective: read(effective),
            ends_on: read(ends),
            relates_to: Some(RecordId::new(Kind::TreatyEvent, &format!("e{to}")).unwrap()),
            ..act(&format!("e{number}"), kind, &date)
        })
        .collect()
    })
}

fn short_rule() -> impl Strategy<Value = Option<EntryIntoForceRule>> {
    let rule =
        (0..4, proptest::option::of(Just(0))).prop_map(|(days, leaves)| EntryIntoForceRule {
            months: None,
            days: Some(days),
            first_day_of_month: false,
            denunciation_months: leaves,
            ..budapest_rule()
        });
    proptest::option::weighted(0.8, rule)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn the_possible_statuses_are_those_of_all_choices_of_days(
        acts in few_acts(4), of_parent in proptest::option::weighted(0.3, few_acts(2)),
        rule in short_rule(), in_force in proptest::option::weighted(0.9, few_days()),
        at in 0_u32..25,
    ) {
        let input = StatusInput {
            rule: rule.clone(),
            treaty_in_force: in_force.map(|date| date.parse().unwrap()),
            required: of_parent.map(|acts| Box::new(StatusInput {
                rule,
                treaty_in_force: Some("2005-01-01".parse().unwrap()),
                ..budapest(acts)
            })),
            ..budapest(acts)
        };
        let ways: usize = dates_of(&mut input.clone()).iter().map(|date| date.map_or(1, |date| days_of(date).len())).product();
        prop_assume!(ways <= 1_500);
        let as_of = day("2005-01-01").plus_days(at);
        let possible_inputs = possible_inputs(&input);
        let ordered: Vec<&StatusInput> = possible_inputs.iter().filter(|possible| is_ordered(&input, possible)).collect();
        let meant = if ordered.is_empty() { possible_inputs.iter().collect() } else { ordered };
        let each: BTreeSet<TreatyStatus> =
            meant.iter().map(|possible| status(possible, as_of, as_of).status).collect();
        let found = status(&input, as_of, as_of);
        let possible: BTreeSet<TreatyStatus> = found.possible.iter().copied().collect();
        if found.possible.len() > 1 {
            prop_assert_eq!(found.status, TreatyStatus::Unknown);
        }
        prop_assert_eq!(&possible, &each);
        if each.len() == 1 {
            let nexts: Vec<_> = meant.iter().map(|possible| status(possible, as_of, as_of).next).collect();
            let then: BTreeSet<_> = nexts.iter().map(|next| next.map(|(status, _)| status)).collect();
            let certain = (then.len() == 1).then(|| then.into_iter().next().flatten()).flatten();
            prop_assert_eq!(found.next.map(|(status, _)| status), certain);
            if let Some((_, on)) = found.next {
                let days: BTreeSet<Date> = nexts.iter().map(|next| next.unwrap().1.earliest().unwrap()).collect();
                prop_assert!(days.contains(&on.earliest().unwrap()));
                prop_assert!(days.contains(&on.latest().unwrap()));
            }
        }
    }
}
