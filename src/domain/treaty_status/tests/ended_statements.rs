//! Tests of statements that have ended: without them, every answer is the same.

use super::*;

/// Statements and the acts that relate to them, some for territories.
fn statements(most: usize) -> impl Strategy<Value = Vec<Act>> {
    let kinds = [
        Reservation,
        Declaration,
        DesignationOfAuthority,
        Confirmation,
        Withdrawal,
    ];
    let marks = proptest::collection::vec((any::<bool>(), 0..4_usize), most);
    let acts = dense_acts_of(kinds.into(), most);
    (acts, marks).prop_map(|(mut acts, marks)| {
        for (act, (is_territorial, article)) in acts.iter_mut().zip(marks) {
            act.is_territorial = is_territorial;
            if is_territorial {
                act.territories = vec!["GG".to_owned()];
            }
            let article = ["9", "12", "12(1)"].get(article);
            act.articles = article.map(ToString::to_string).into_iter().collect();
        }
        acts
    })
}

/// A designation does not count here: one that has ended may still replace an older one.
#[test]
fn a_statement_has_ended_after_its_last_day() {
    let has_ended = |kind, last: &str, on| statement_has_ended(kind, last.parse().ok(), day(on));
    assert!(!has_ended(Declaration, "2020-05-10", "2020-05-10"));
    assert!(has_ended(Declaration, "2020-05-10", "2020-05-11"));
    assert!(!has_ended(Reservation, "2020-05", "2020-05-31"));
    assert!(has_ended(Reservation, "2020-05", "2020-06-01"));
    assert!(!has_ended(Reservation, "2020/..", "2026-01-01"));
    assert!(!has_ended(Reservation, "", "2026-01-01"));
    assert!(!has_ended(
        DesignationOfAuthority,
        "2020-05-10",
        "2026-01-01"
    ));
    assert!(!has_ended(Confirmation, "2020-05-10", "2026-01-01"));
}

proptest! {
    // Few of the generated statements are in force on the day.
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn ended_statements_change_no_answer(
        statements in statements(6), of_parent in statements(4), days in 0_u32..2_500,
    ) {
        let (date, today) = (day("2000-06-01").plus_days(days), day("2026-11-23"));
        let [input, parent] = [statements, of_parent].map(|statements| {
            let consent = std::iter::once(act("consent", Ratification, "2000-02-03"));
            consent.chain(statements).collect::<Vec<Act>>()
        });
        let lasting = |acts: &[Act]| {
            let acts = acts.iter().filter(|act| !statement_has_ended(act.kind, act.ends_on, date));
            budapest(acts.cloned().collect())
        };
        let (fewer, fewer_of_parent) = (lasting(&input), lasting(&parent));
        let (input, parent) = (budapest(input), budapest(parent));
        prop_assert_eq!(
            stated(&input, Some(&parent), date, today),
            stated(&fewer, Some(&fewer_of_parent), date, today)
        );
        prop_assert_eq!(status(&input, date, today), status(&fewer, date, today));
    }
}
