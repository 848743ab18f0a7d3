//! Reading places: `near 35.6812, 139.7671 within 2 km`, `home inside ((…), (…), (…))`.

use model::Text;

use super::cursor::{Cursor, Parsed};
use super::lexer::Kind;
use crate::filter::Number;
use crate::place::{Area, Distance, Place, Point, Polygon};

const METERS_IN_KM: f64 = 1000.0;

/// Under which names the two numbers of a place stand.
pub(super) enum Names {
    /// `latitude` and `longitude`.
    Usual,
    /// `home`: what both begin with.
    Under(Text),
    /// `point (lat, lng)`.
    Each { latitude: Text, longitude: Text },
}

impl Names {
    pub(super) fn place(self, area: Area) -> Place {
        match self {
            Self::Usual => Place::named(None, area),
            Self::Under(name) => Place::named(Some(&name), area),
            Self::Each { latitude, longitude } => Place { latitude, longitude, area },
        }
    }
}

/// What stands between `last place` and `of`: a name, two, or nothing.
pub(super) fn names(cursor: &mut Cursor<'_>) -> Parsed<Names> {
    if let Some(each) = accept_each(cursor)? {
        return Ok(each);
    }
    if cursor.is_word_ahead(0, "of") && matches!(cursor.ahead(1), Kind::Quoted(_)) {
        return Ok(Names::Usual);
    }
    cursor.expect("of");
    cursor.name("the name of a place").map(Names::Under)
}

/// A place that does not begin with its name, if one is here.
pub(super) fn accept_nameless(cursor: &mut Cursor<'_>) -> Parsed<Option<Place>> {
    if let Some(each) = accept_each(cursor)? {
        return Ok(Some(each.place(area(cursor)?)));
    }
    let is_near = cursor.is_word_ahead(0, "near") && matches!(cursor.ahead(1), Kind::Number(_));
    let is_inside = cursor.is_word_ahead(0, "inside") && is_symbol(cursor.ahead(1), "(");
    Ok(if is_near || is_inside { Some(Names::Usual.place(area(cursor)?)) } else { None })
}

/// A place whose name was read just now, if the area follows.
pub(super) fn accept_named(cursor: &mut Cursor<'_>, name: &Text) -> Parsed<Option<Place>> {
    let follows = cursor.is_word_ahead(0, "near") || cursor.is_word_ahead(0, "inside");
    Ok(if follows { Some(Names::Under(name.clone()).place(area(cursor)?)) } else { None })
}

fn accept_each(cursor: &mut Cursor<'_>) -> Parsed<Option<Names>> {
    if !(cursor.is_word_ahead(0, "point") && is_symbol(cursor.ahead(1), "(")) {
        return Ok(None);
    }
    cursor.advance();
    cursor.require_symbol("(")?;
    let latitude = cursor.name("the name of the latitude")?;
    cursor.require_symbol(",")?;
    let longitude = cursor.name("the name of the longitude")?;
    cursor.require_symbol(")")?;
    Ok(Some(Names::Each { latitude, longitude }))
}

/// `near …` or `inside …`.
pub(super) fn area(cursor: &mut Cursor<'_>) -> Parsed<Area> {
    if cursor.accept("near") {
        near(cursor)
    } else if cursor.accept("inside") {
        inside(cursor)
    } else {
        Err(cursor.fail())
    }
}

fn near(cursor: &mut Cursor<'_>) -> Parsed<Area> {
    let point = point(cursor)?;
    cursor.require("within")?;
    let amount = cursor.number("a distance like 2 km")?;
    let kilometers = cursor.accept("km");
    if !kilometers {
        cursor.require("m")?;
    }
    let meters = amount.get() * if kilometers { METERS_IN_KM } else { 1.0 };
    let meters = Number::new(meters).unwrap_or(amount);
    let meters = Distance::new(meters).map_err(|error| cursor.refuse_last(error.to_string()))?;
    Ok(Area::Near { point, meters })
}

fn inside(cursor: &mut Cursor<'_>) -> Parsed<Area> {
    cursor.require_symbol("(")?;
    let mut points = vec![corner(cursor)?];
    while cursor.accept_symbol(",") {
        points.push(corner(cursor)?);
    }
    cursor.require_symbol(")")?;
    Polygon::new(points).map(Area::Inside).map_err(|error| cursor.refuse_last(error.to_string()))
}

fn corner(cursor: &mut Cursor<'_>) -> Parsed<Point> {
    cursor.require_symbol("(")?;
    let point = point(cursor)?;
    cursor.require_symbol(")")?;
    Ok(point)
}

fn point(cursor: &mut Cursor<'_>) -> Parsed<Point> {
    let latitude = cursor.number("a latitude in degrees")?;
    cursor.require_symbol(",")?;
    let longitude = cursor.number("a longitude in degrees")?;
    Point::new(latitude, longitude).map_err(|error| cursor.refuse_last(error.to_string()))
}

fn is_symbol(kind: &Kind, symbol: &str) -> bool {
    matches!(kind, Kind::Symbol(here) if *here == symbol)
}
