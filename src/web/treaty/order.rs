//! The order of treaties in lists: the Budapest Convention and its protocols, then the other treaties by name, each
//! followed by its protocols. Protocols stand by the day on which they were opened.

use crate::country_list::folded;

/// The treaty that stands first.
const MAIN: &str = "ETS 185";

/// The place of a treaty in lists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    is_of_another: bool,
    family: String,
    is_protocol: bool,
    is_undated: bool,
    opened_on: String,
    reference: String,
}

/// The place of a treaty, by its reference and name, those of the treaty to which it is a protocol, and its opening day.
pub fn place(
    (reference, name): (&str, &str),
    parent: Option<(&str, &str)>,
    opened_on: Option<&str>,
) -> Place {
    let (root, family) = parent.unwrap_or((reference, name));
    Place {
        is_of_another: root != MAIN,
        family: folded(family),
        is_protocol: parent.is_some(),
        is_undated: opened_on.is_none(),
        opened_on: opened_on.unwrap_or_default().to_owned(),
        reference: reference.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_main_treaty_stands_first_and_protocols_follow_their_treaty() {
        let main = ("ETS 185", "Budapest Convention");
        let data = ("ETS 108", "Convention 108");
        let mut treaties = [
            place(("AU Malabo", "Malabo Convention"), None, None),
            place(
                ("CETS 224", "Second Protocol"),
                Some(main),
                Some("2022-05-12"),
            ),
            place(data, None, Some("1981-01-28")),
            place(
                ("CETS 223", "Convention 108+"),
                Some(data),
                Some("2018-10-10"),
            ),
            place(main, None, Some("2001-11-23")),
            place(
                ("ETS 189", "First Protocol"),
                Some(main),
                Some("2003-01-28"),
            ),
        ];
        treaties.sort();
        let order: Vec<&str> = treaties.iter().map(|one| one.reference.as_str()).collect();
        assert_eq!(
            order,
            [
                "ETS 185",
                "ETS 189",
                "CETS 224",
                "ETS 108",
                "CETS 223",
                "AU Malabo"
            ]
        );
    }
}
