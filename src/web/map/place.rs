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

    /// The point of a position in degrees, in the projection Equal Earth. Source: B. Šavrič, T. Patterson, B. Jenny,
    /// “The Equal Earth map projection”.
    fn point(latitude: f64, longitude: f64) -> (f64, f64) {
        const A: [f64; 4] = [1.340_264, -0.081_106, 0.000_893, 0.003_796];
        let theta = (3_f64.sqrt() / 2.0 * latitude.to_radians().sin()).asin();
        let slope = A[0]
            + 3.0 * A[1] * theta.powi(2)
            + 7.0 * A[2] * theta.powi(6)
            + 9.0 * A[3] * theta.powi(8);
        let x = 2.0 * 3_f64.sqrt() * longitude.to_radians() * theta.cos() / (3.0 * slope);
        let y = A[0] * theta + A[1] * theta.powi(3) + A[2] * theta.powi(7) + A[3] * theta.powi(9);
        let scale = 1000.0 / (2.0 * 3_f64.sqrt() * std::f64::consts::PI / (3.0 * A[0]));
        (1000.0 + scale * x, 486.7 - scale * y)
    }

    /// The rings of a path: `M` with the first point, then relative lines.
    fn rings(path: &str) -> Vec<Vec<(f64, f64)>> {
        let rings = path.split('z').filter(|ring| !ring.is_empty());
        let rings = rings.map(|ring| {
            let spaced = ring.replace('-', " -").replace(['M', 'l'], " ");
            let numbers: Vec<f64> = spaced
                .split_whitespace()
                .map(|number| number.parse().unwrap())
                .collect();
            let mut at = (0.0, 0.0);
            let steps = numbers.chunks_exact(2);
            steps
                .map(|step| {
                    at = (at.0 + step[0], at.1 + step[1]);
                    at
                })
                .collect()
        });
        rings.collect()
    }

    /// True if a point is within a shape.
    fn holds(path: &str, (x, y): (f64, f64)) -> bool {
        let mut crossings = 0;
        for ring in rings(path) {
            for (at, one) in ring.iter().enumerate() {
                let other = ring[(at + 1) % ring.len()];
                let is_between = (one.1 > y) != (other.1 > y);
                if is_between && x < (other.0 - one.0) * (y - one.1) / (other.1 - one.1) + one.0 {
                    crossings += 1;
                }
            }
        }
        crossings % 2 == 1
    }

    #[test]
    fn disputed_places_are_drawn_as_the_documentation_of_the_map_says() {
        for (place, latitude, longitude, code) in [
            ("Crimea", 45.2, 34.3, "UA"),
            ("Donetsk", 48.0, 37.8, "UA"),
            ("Western Sahara", 25.0, -13.5, "EH"),
            ("Kosovo", 42.6, 21.0, "XK"),
            ("northern Cyprus", 35.28, 33.6, "CY"),
            ("Somaliland", 9.6, 44.1, "SO"),
            ("Taiwan", 23.8, 121.0, "TW"),
            ("Abkhazia", 42.9, 41.3, "GE"),
            ("Karabakh", 39.8, 46.7, "AZ"),
        ] {
            let point = point(latitude, longitude);
            let found: Vec<&str> = places()
                .iter()
                .filter(|(_, place)| place.path().is_some_and(|path| holds(path, point)))
                .map(|(code, _)| *code)
                .collect();
            assert_eq!(found, [code], "{place}");
        }
    }
}
