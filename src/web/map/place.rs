//! The shapes and dots of the map. Source: `data/map/world.tsv`, which `data/map/README.md` describes.

use std::sync::LazyLock;

const WORLD: &str = include_str!("../../../data/map/world.tsv");

/// The place of a country on the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The data of an SVG path.
    Shape(&'static str),
    /// The centre of a dot.
    Dot(&'static str, &'static str),
}

impl Place {
    /// The data of the path of a shape.
    pub fn path(self) -> Option<&'static str> {
        match self {
            Self::Shape(path) => Some(path),
            Self::Dot(..) => None,
        }
    }

    /// The centre of a dot.
    pub fn dot(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Shape(_) => None,
            Self::Dot(x, y) => Some((x, y)),
        }
    }
}

/// The places by country code, shapes first: dots are painted over them.
static PLACES: LazyLock<Vec<(&'static str, Place)>> = LazyLock::new(|| {
    let mut places: Vec<_> = WORLD.lines().filter_map(place).collect();
    places.sort_by_key(|(_, place)| matches!(place, Place::Dot(..)));
    places
});

/// All places with the codes of their countries, in the order in which they are painted.
pub fn places() -> &'static [(&'static str, Place)] {
    &PLACES
}

fn place(line: &'static str) -> Option<(&'static str, Place)> {
    let mut columns = line.split('\t');
    let (code, kind, place) = (columns.next()?, columns.next()?, columns.next()?);
    if kind == "shape" {
        return Some((code, Place::Shape(place)));
    }
    let (x, y) = place.split_once(',')?;
    Some((code, Place::Dot(x, y)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_file_is_a_place_and_dots_come_last() {
        assert_eq!(places().len(), WORLD.lines().count());
        let dots = places()
            .iter()
            .map(|(_, place)| matches!(place, Place::Dot(..)));
        assert!(dots.is_sorted());
        let of = |code: &str| places().iter().filter(|(one, _)| *one == code).count();
        for code in ["UA", "EH", "XK", "RS", "CY", "SO", "CW", "AX"] {
            assert_eq!(of(code), 1, "{code}");
        }
    }
}
