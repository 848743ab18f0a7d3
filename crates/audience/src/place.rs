//! Places: whether a point lies within a distance of another one, or inside a polygon.

use std::fmt;

use model::Text;
use serde::{Deserialize, Serialize};

use crate::filter::Number;

/// The mean radius of the earth, in metres (IUGG).
const EARTH_M: f64 = 6_371_008.8;

/// Where something must be: two numbers that are properties of an event, or traits, and the area in which their point must lie.
/// When one of the two is missing or no number, or there is no such point on the earth, it lies nowhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The name of the latitude, in degrees.
    pub latitude: Text,
    /// The name of the longitude, in degrees.
    pub longitude: Text,
    /// Where the point must lie.
    pub area: Area,
}

/// A part of the earth's surface; its edge belongs to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Area {
    /// `near 35.6812, 139.7671 within 2 km`.
    Near {
        /// What it lies around.
        point: Point,
        /// How far away at most, along the surface of a sphere.
        meters: Distance,
    },
    /// `inside ((35.6, 139.6), (35.7, 139.6), (35.7, 139.8))`.
    Inside(Polygon),
}

/// A point on the earth, in degrees (WGS 84).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "(Number, Number)", into = "(Number, Number)")]
pub struct Point {
    latitude: Number,
    longitude: Number,
}

/// How far, in whole metres: from one metre to half around the earth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Number", into = "Number")]
pub struct Distance(u32);

/// What a closed line through points encloses. Its sides are straight in latitude and longitude, and it does not go over the
/// 180th meridian.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Point>", into = "Vec<Point>")]
pub struct Polygon(Vec<Point>);

/// Numbers that are no place.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BadPlace {
    /// No point on the earth.
    #[error(
        "a point is a latitude from -90 to 90 and a longitude from -180 to 180. value=`{latitude}, {longitude}`"
    )]
    Point {
        /// The first number.
        latitude: Number,
        /// The second.
        longitude: Number,
    },
    /// Too few or too many points.
    #[error("a polygon has 3 to {} points. count=`{count}`", Polygon::POINTS_MAX)]
    Polygon {
        /// How many.
        count: usize,
    },
    /// No distance, or more than half around the earth.
    #[error("a distance is from 1 m to {} km. meters=`{meters}`", Distance::METERS_MAX / 1000)]
    Distance {
        /// How far.
        meters: Number,
    },
}

impl Place {
    const LATITUDE: &'static str = "latitude";
    const LONGITUDE: &'static str = "longitude";

    /// The place under a name: `home` is `home.latitude` and `home.longitude`; no name, `latitude` and `longitude`.
    pub(crate) fn named(name: Option<&str>, area: Area) -> Self {
        let under = |part: &str| name.map_or_else(|| part.into(), |name| format!("{name}.{part}").into());
        Self { latitude: under(Self::LATITUDE), longitude: under(Self::LONGITUDE), area }
    }

    /// The opposite of [`Self::named`]: `Some(None)` for the place without a name; `None`: there is no one name for it.
    pub(crate) fn name(&self) -> Option<Option<&str>> {
        if self.latitude == Self::LATITUDE && self.longitude == Self::LONGITUDE {
            return Some(None);
        }
        let name = self.latitude.strip_suffix(Self::LATITUDE)?.strip_suffix('.')?;
        let other = self.longitude.strip_suffix(Self::LONGITUDE)?.strip_suffix('.')?;
        (name == other && !name.is_empty()).then_some(Some(name))
    }

    /// Whether it is there, `number` being what each of its names says.
    pub(crate) fn holds(&self, number: impl Fn(&str) -> Option<f64>) -> bool {
        let point = number(&self.latitude).zip(number(&self.longitude));
        point.is_some_and(|(latitude, longitude)| self.area.contains(latitude, longitude))
    }

    /// The names of its two numbers.
    pub(crate) fn names(&self) -> [&Text; 2] {
        [&self.latitude, &self.longitude]
    }
}

impl Area {
    /// Whether the point at these degrees lies in it.
    pub fn contains(&self, latitude: f64, longitude: f64) -> bool {
        let numbers = Number::new(latitude).zip(Number::new(longitude));
        let point = numbers.and_then(|(latitude, longitude)| Point::new(latitude, longitude).ok());
        point.is_some_and(|here| match self {
            Self::Near { point, meters } => here.meters_to(*point) <= f64::from(meters.0),
            Self::Inside(polygon) => polygon.contains(here),
        })
    }
}

impl Point {
    /// The point there, when it is on the earth.
    ///
    /// # Errors
    /// [`BadPlace::Point`].
    pub fn new(latitude: Number, longitude: Number) -> Result<Self, BadPlace> {
        let fits = latitude.get().abs() <= 90.0 && longitude.get().abs() <= 180.0;
        fits.then_some(Self { latitude, longitude }).ok_or(BadPlace::Point { latitude, longitude })
    }

    /// How far it is to another point, in metres, on a sphere. The earth is flattened: up to 0.6 % lie between this and
    /// the truth. The haversine keeps its precision for points that are close to one another.
    pub fn meters_to(self, other: Self) -> f64 {
        let radians = |point: Self| point.degrees().map(f64::to_radians);
        let ([from, from_east], [to, to_east]) = (radians(self), radians(other));
        let haversine = |angle: f64| (angle / 2.0).sin().powi(2);
        let chord = haversine(to - from) + from.cos() * to.cos() * haversine(to_east - from_east);
        2.0 * EARTH_M * chord.clamp(0.0, 1.0).sqrt().asin()
    }

    /// Latitude and longitude.
    fn degrees(self) -> [f64; 2] {
        [self.latitude.get(), self.longitude.get()]
    }
}

impl Distance {
    /// Half around the earth: nothing is farther.
    pub const METERS_MAX: u32 = 20_100_000;

    /// So many metres, rounded to whole ones.
    ///
    /// # Errors
    /// [`BadPlace::Distance`].
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it lies between 1 and the limit"
    )]
    pub fn new(meters: Number) -> Result<Self, BadPlace> {
        let rounded = meters.get().round();
        let fits = (1.0..=f64::from(Self::METERS_MAX)).contains(&rounded);
        fits.then_some(Self(rounded as u32)).ok_or(BadPlace::Distance { meters })
    }
}

impl Polygon {
    /// As many points a polygon may have.
    pub const POINTS_MAX: usize = 100;

    /// The line through these points, and back to the first.
    ///
    /// # Errors
    /// [`BadPlace::Polygon`].
    pub fn new(points: Vec<Point>) -> Result<Self, BadPlace> {
        let count = points.len();
        (3..=Self::POINTS_MAX).contains(&count).then_some(Self(points)).ok_or(BadPlace::Polygon { count })
    }

    /// On a side, or enclosed: a line from the point to the east meets an odd number of sides.
    fn contains(&self, point: Point) -> bool {
        let [y, x] = point.degrees();
        let mut is_enclosed = false;
        for (from, to) in self.0.iter().zip(self.0.iter().cycle().skip(1)) {
            let ([y1, x1], [y2, x2]) = (from.degrees(), to.degrees());
            // Positive to the left of the side, 0 on its line.
            let turn = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1);
            let is_between = (x1.min(x2)..=x1.max(x2)).contains(&x) && (y1.min(y2)..=y1.max(y2)).contains(&y);
            if turn == 0.0 && is_between {
                return true;
            }
            if (y1 > y) != (y2 > y) {
                is_enclosed ^= (turn > 0.0) == (y2 > y1);
            }
        }
        is_enclosed
    }
}

/// `35.6812, 139.7671`.
impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.latitude, self.longitude)
    }
}

/// `2 km`, `1500 m`.
impl fmt::Display for Distance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(1000) {
            write!(f, "{} km", self.0 / 1000)
        } else {
            write!(f, "{} m", self.0)
        }
    }
}

/// `near 35.6812, 139.7671 within 2 km`, `inside ((…), (…), (…))`.
impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Near { point, meters } => write!(f, "near {point} within {meters}"),
            Self::Inside(polygon) => {
                for (index, point) in polygon.0.iter().enumerate() {
                    write!(f, "{}({point})", if index == 0 { "inside (" } else { ", " })?;
                }
                f.write_str(")")
            }
        }
    }
}

impl From<Point> for (Number, Number) {
    fn from(point: Point) -> Self {
        (point.latitude, point.longitude)
    }
}

impl TryFrom<(Number, Number)> for Point {
    type Error = BadPlace;

    fn try_from((latitude, longitude): (Number, Number)) -> Result<Self, BadPlace> {
        Self::new(latitude, longitude)
    }
}

impl From<Distance> for Number {
    fn from(distance: Distance) -> Self {
        Self::new(distance.0.into()).expect("a whole number is finite")
    }
}

impl TryFrom<Number> for Distance {
    type Error = BadPlace;

    fn try_from(meters: Number) -> Result<Self, BadPlace> {
        Self::new(meters)
    }
}

impl From<Polygon> for Vec<Point> {
    fn from(polygon: Polygon) -> Self {
        polygon.0
    }
}

impl TryFrom<Vec<Point>> for Polygon {
    type Error = BadPlace;

    fn try_from(points: Vec<Point>) -> Result<Self, BadPlace> {
        Self::new(points)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point((latitude, longitude): (f64, f64)) -> Point {
        Point::new(Number::new(latitude).unwrap(), Number::new(longitude).unwrap()).unwrap()
    }

    /// Which of these points lie within a polygon.
    fn check(corners: &[(f64, f64)], points: &[(f64, f64)]) -> Vec<bool> {
        let polygon = Polygon::new(corners.iter().copied().map(point).collect()).unwrap();
        let area = Area::Inside(polygon);
        points.iter().map(|(latitude, longitude)| area.contains(*latitude, *longitude)).collect()
    }

    #[test]
    fn distances_are_those_of_the_great_circle() {
        let (tokyo, osaka) = (point((35.681_236, 139.767_125)), point((34.702_485, 135.495_951)));
        assert_eq!((tokyo.meters_to(osaka) / 1000.0).round(), 403.0);
        assert_eq!(tokyo.meters_to(tokyo), 0.0);
        let quarter = point((0.0, 0.0)).meters_to(point((0.0, 90.0)));
        assert!((quarter - EARTH_M * std::f64::consts::FRAC_PI_2).abs() < 1e-6);
        let over_the_date_line = point((0.0, 179.999)).meters_to(point((0.0, -179.999)));
        assert!((over_the_date_line - 222.4).abs() < 0.1, "{over_the_date_line}");
        let half_around = Number::new(point((90.0, 0.0)).meters_to(point((-90.0, 0.0)))).unwrap();
        assert!(Distance::new(half_around).is_ok());
    }

    #[test]
    fn a_polygon_has_an_inside_also_where_it_turns_inwards() {
        let arrow = [(0.0, 0.0), (10.0, 0.0), (5.0, 5.0), (10.0, 10.0), (0.0, 10.0)];
        assert_eq!(check(&arrow, &[(2.0, 5.0), (8.0, 1.0), (8.0, 9.0)]), [true; 3]);
        assert_eq!(check(&arrow, &[(8.0, 5.0), (-1.0, 5.0), (2.0, 11.0), (200.0, 5.0)]), [false; 4]);
    }

    #[test]
    fn the_edge_of_a_polygon_belongs_to_it_whichever_way_it_is_drawn() {
        let mut square = vec![(0.0, 0.0), (0.0, 4.0), (4.0, 4.0), (4.0, 0.0)];
        let on_the_edge = [(0.0, 0.0), (0.0, 2.0), (2.0, 4.0), (4.0, 4.0), (4.0, 1.0), (3.0, 0.0)];
        assert_eq!(check(&square, &on_the_edge), [true; 6]);
        square.reverse();
        assert_eq!(check(&square, &on_the_edge), [true; 6]);
        assert_eq!(check(&square, &[(0.0, 5.0), (4.0, -1.0), (4.1, 2.0)]), [false; 3]);
    }

    #[test]
    fn numbers_that_are_no_place_are_refused() {
        let number = |value| Number::new(value).unwrap();
        assert!(Point::new(number(90.5), number(0.0)).is_err());
        assert!(Point::new(number(0.0), number(-181.0)).is_err());
        for count in [2, Polygon::POINTS_MAX + 1] {
            assert!(Polygon::new(vec![point((0.0, 0.0)); count]).is_err());
        }
        for meters in [0.4, -1.0, f64::from(Distance::METERS_MAX) + 1.0] {
            assert!(Distance::new(number(meters)).is_err());
        }
    }
}
