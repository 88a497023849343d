//! The look of each status on the map. A status is told by the ground, which is that of countries that apply the treaty or
//! consented to it, or that of the others, and by a pattern on it; never by colour alone.

/// The look of a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// The name of the status in the schema.
    pub status: &'static str,
    /// The class of its areas, and the last part of the id of its pattern.
    pub class: &'static str,
    /// True if its ground is that of countries that apply the treaty or consented to it.
    pub is_bound: bool,
    /// The path of the marks on its ground, within a tile of 16 by 16 units; blank for a plain ground.
    pub marks: &'static str,
}

/// The looks of all statuses, in the order of legends.
pub const LOOKS: [Look; 10] = [
    look("PARTY", "party", true, ""),
    look("SUSPENDED", "suspended", true, "M4 4h3v3h-3zM12 12h3v3h-3z"),
    look("DENUNCIATION_PENDING", "leaving", true, "M0 7h16v3h-16z"),
    look(
        "CONTRACTING_STATE",
        "contracting",
        true,
        "M0 12L12 0H16L0 16zM12 16L16 12V16z",
    ),
    look(
        "PROVISIONALLY_APPLYING",
        "provisional",
        true,
        "M6 0h4v16h-4z",
    ),
    look(
        "SIGNATORY",
        "signatory",
        false,
        "M0 11L11 0H16L0 16zM11 16L16 11V16z",
    ),
    look(
        "INVITED_TO_ACCEDE",
        "invited",
        false,
        "M3 3h4v4h-4zM11 11h4v4h-4z",
    ),
    look(
        "FORMER_PARTY",
        "former",
        false,
        "M0 6h16v3h-16zM6 0h3v16h-3z",
    ),
    look("NO_ACTION", "none", false, ""),
    look("UNKNOWN", "unknown", false, "M1 7h6v2h-6zM9 15h6v1h-6z"),
];

const fn look(
    status: &'static str,
    class: &'static str,
    is_bound: bool,
    marks: &'static str,
) -> Look {
    Look {
        status,
        class,
        is_bound,
        marks,
    }
}

impl Look {
    /// The look of a status. A status that the schema got later looks like `UNKNOWN`; its label tells it.
    pub fn of(status: &str) -> Self {
        let known = LOOKS.into_iter().find(|look| look.status == status);
        known.unwrap_or(look(
            "UNKNOWN",
            "unknown",
            false,
            "M1 7h6v2h-6zM9 15h6v1h-6z",
        ))
    }

    /// The place of a status in legends.
    pub fn place(status: &str) -> usize {
        let known = LOOKS.iter().position(|look| look.status == status);
        known.unwrap_or(LOOKS.len())
    }

    /// The colour of the ground, for files without style sheet.
    pub fn ground(self) -> &'static str {
        if self.is_bound { BOUND } else { OPEN }
    }

    /// The colour of the marks, for files without style sheet.
    pub fn ink(self) -> &'static str {
        if self.is_bound { OPEN } else { INK }
    }
}

/// The ground of countries that apply the treaty or consented to it.
pub const BOUND: &str = "#0b3c78";
/// The ground of the other countries.
pub const OPEN: &str = "#fffdf3";
/// The marks on the ground of the other countries.
pub const INK: &str = "#7a3b00";
/// The borders of all areas.
pub const LINE: &str = "#888888";
/// The sea.
pub const SEA: &str = "#eaf3fa";

#[cfg(test)]
mod tests {
    use super::*;

    /// The colours of the style sheet in one scheme: the first rule is that of the light scheme.
    fn palette(scheme: usize) -> Vec<(String, f64)> {
        let css = include_str!("map.css");
        let rule = css.split(":root {").nth(scheme + 1).unwrap();
        let rule = rule.split('}').next().unwrap();
        let colours = rule
            .split(';')
            .filter_map(|line| line.trim().split_once(": "));
        colours
            .map(|(name, colour)| (name.to_owned(), luminance(colour)))
            .collect()
    }

    /// The relative luminance of a colour. Source: WCAG 2.2.
    fn luminance(colour: &str) -> f64 {
        let part = |at: usize| {
            let value =
                f64::from(u8::from_str_radix(colour.get(at..at + 2).unwrap(), 16).unwrap()) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    fn contrast(one: f64, other: f64) -> f64 {
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn neighbours_differ_by_three_to_one_in_both_schemes() {
        for scheme in [0, 1] {
            let palette = palette(scheme);
            let colour = |name: &str| {
                let found = palette.iter().find(|(known, _)| known == name);
                found.unwrap().1
            };
            let at_least_3 = |one: &str, other: &str| {
                let found = contrast(colour(one), colour(other));
                assert!(found >= 3.0, "{scheme} {one} {other}: {found}");
            };
            // The line between two areas, and between an area and the sea.
            for ground in ["--map-bound", "--map-open", "--map-sea"] {
                at_least_3("--map-line", ground);
            }
            // The marks on their grounds, and the two grounds.
            at_least_3("--map-ink", "--map-open");
            at_least_3("--map-bound", "--map-open");
        }
        for (at, one) in LOOKS.iter().enumerate() {
            for other in &LOOKS[at + 1..] {
                assert!(
                    (one.is_bound, one.marks) != (other.is_bound, other.marks),
                    "{} looks like {}",
                    one.status,
                    other.status
                );
                assert_ne!(one.class, other.class);
            }
        }
    }

    #[test]
    fn a_file_has_the_colours_of_the_light_scheme() {
        let palette = palette(0);
        for (name, colour) in [
            ("--map-bound", BOUND),
            ("--map-open", OPEN),
            ("--map-ink", INK),
            ("--map-line", LINE),
            ("--map-sea", SEA),
        ] {
            assert!(
                palette.contains(&(name.to_owned(), luminance(colour))),
                "{name}"
            );
        }
    }
}
