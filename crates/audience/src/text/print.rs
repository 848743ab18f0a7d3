//! Printing: the one way in which each condition is written.

use std::fmt::{self, Display, Formatter};

use super::cursor::is_reserved;
use super::lexer::is_bare;
use crate::condition::{Condition, Did, Edge, LastPlace, Measure, Mostly, Sequence, Step, UsualHour};
use crate::filter::{Filter, Literal, Test};
use crate::place::Place;
use crate::time::{Moment, Span, Window};

/// The canonical text; it reads back as the same condition.
impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str("everyone"),
            Self::All { of } => joined(f, of, " and ", "everyone"),
            Self::Any { of } => joined(f, of, " or ", "not everyone"),
            Self::Not { of } => not_condition(f, of),
            Self::Did(did) => write!(f, "did {}", Printed(did)),
            Self::FirstDid(edge) => write!(f, "first did {}", Printed(edge)),
            Self::LastDid(edge) => write!(f, "last did {}", Printed(edge)),
            Self::Sequence(sequence) => Printed(sequence).fmt(f),
            Self::Mostly(mostly) => Printed(mostly).fmt(f),
            Self::UsualHour(usual) => Printed(usual).fmt(f),
            Self::LastPlace(last) => Printed(last).fmt(f),
            Self::TraitPlace { place } => write!(f, "trait {}{}", PlaceNames(place), place.area),
            Self::Trait { name, test } => write!(f, "trait {} {}", Name(name), Printed(test)),
            Self::Reachable { channel: None } => f.write_str("reachable"),
            Self::Reachable { channel: Some(channel) } => write!(f, "reachable on {channel}"),
            Self::Consented { purpose, channel: None } => write!(f, "consented to {purpose}"),
            Self::Consented { purpose, channel: Some(channel) } => {
                write!(f, "consented to {purpose} on {channel}")
            }
            Self::Subscribed { topic } => write!(f, "subscribed to {}", Quoted(topic)),
            Self::Member { audience } => write!(f, "member of {}", Quoted(audience)),
        }
    }
}

/// The canonical text; it reads back as the same filter.
impl Display for Filter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Property { name, test } => write!(f, "{} {}", Name(name), Printed(test)),
            Self::Place { place } => write!(f, "{}{}", PlaceNames(place), place.area),
            Self::All { of } => joined(f, of, " and ", ALWAYS),
            Self::Any { of } => joined(f, of, " or ", NEVER),
            Self::Not { of } => {
                if let Self::Property { name, test: Test::IsSet } = &**of {
                    write!(f, "{} is not set", Name(name))
                } else {
                    write!(f, "not {}", Bracketed(&**of))
                }
            }
        }
    }
}

/// Groups of nothing have no text of their own; these say the same.
const ALWAYS: &str = "(\"\" is set or \"\" is not set)";
const NEVER: &str = "(\"\" is set and \"\" is not set)";

/// Something that may be a group of several, which needs brackets within another.
trait Grouped: Display {
    fn is_group(&self) -> bool;
}

impl Grouped for Condition {
    fn is_group(&self) -> bool {
        matches!(self, Self::All { of } | Self::Any { of } if of.len() > 1)
    }
}

impl Grouped for Filter {
    fn is_group(&self) -> bool {
        matches!(self, Self::All { of } | Self::Any { of } if of.len() > 1)
    }
}

struct Bracketed<'a, T>(&'a T);

impl<T: Grouped> Display for Bracketed<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.0.is_group() { write!(f, "({})", self.0) } else { self.0.fmt(f) }
    }
}

fn joined<T: Grouped>(f: &mut Formatter<'_>, of: &[T], word: &str, none: &str) -> fmt::Result {
    match of {
        [] => f.write_str(none),
        [only] => only.fmt(f),
        [first, rest @ ..] => {
            Bracketed(first).fmt(f)?;
            rest.iter().try_for_each(|part| write!(f, "{word}{}", Bracketed(part)))
        }
    }
}

fn not_condition(f: &mut Formatter<'_>, of: &Condition) -> fmt::Result {
    if let Condition::Did(did) = of {
        write!(f, "did not {}", Printed(did))
    } else if let Condition::Trait { name, test: Test::IsSet } = of {
        write!(f, "trait {} is not set", Name(name))
    } else {
        write!(f, "not {}", Bracketed(of))
    }
}

/// A part that has no text outside of a condition.
struct Printed<T>(T);

impl Display for Printed<&Did> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Did { event, filter, measure, window } = self.0;
        write!(f, "{}{}{}{}", Quoted(event), Where(filter), Printed(measure), Printed(window))
    }
}

impl Display for Printed<&Edge> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Edge { event, filter, window } = self.0;
        write!(f, "{}{}{}", Quoted(event), Where(filter), Printed(window))
    }
}

impl Display for Printed<&LastPlace> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let LastPlace { place, event, filter, window } = self.0;
        let (names, event) = (PlaceNames(place), Quoted(event));
        write!(f, "last place {names}of {event} {}{}{}", place.area, Where(filter), Printed(window))
    }
}

impl Display for Printed<&Sequence> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Sequence { steps, within, without, window } = self.0;
        for (index, step) in steps.iter().enumerate() {
            let word = if index == 0 { "sequence" } else { " then" };
            write!(f, "{word} {}", Printed(step))?;
        }
        if let Some(span) = within {
            write!(f, " within {span}")?;
        }
        if let Some(step) = without {
            write!(f, " without {} between", Printed(step))?;
        }
        Printed(window).fmt(f)
    }
}

impl Display for Printed<&Step> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", Quoted(&self.0.event), Where(&self.0.filter))
    }
}

impl Display for Printed<&Mostly> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Mostly { property, event, filter, test, window } = self.0;
        write!(f, "mostly {} of {} {}", Name(property), Quoted(event), Printed(test))?;
        write!(f, "{}{}", Where(filter), Printed(window))
    }
}

impl Display for Printed<&UsualHour> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let UsualHour { event, filter, hours, window } = self.0;
        write!(f, "usual hour of {} ", Quoted(event))?;
        match hours.bounds() {
            (from, to) if from == to => write!(f, "= {from}")?,
            (from, to) => write!(f, "between {from} and {to}")?,
        }
        write!(f, "{}{}", Where(filter), Printed(window))
    }
}

impl Display for Printed<&Measure> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Measure::AtLeast { times: 1 } => Ok(()),
            Measure::AtLeast { times } => write!(f, " at least {}", Times(*times)),
            Measure::AtMost { times } => write!(f, " at most {}", Times(*times)),
            Measure::Exactly { times } => write!(f, " exactly {}", Times(*times)),
            Measure::Between { from, to } => write!(f, " between {from} and {}", Times(*to)),
            Measure::Amount { function, of, is, value } => {
                write!(f, " with {} of {} {} {value}", function.word(), Name(of), is.symbol())
            }
        }
    }
}

impl Display for Printed<&Window> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Window::Ever => Ok(()),
            Window::Last { span } => write!(f, " in last {span}"),
            Window::Between { from, to } => write!(f, " between {} and {}", Printed(from), Printed(to)),
            Window::Since { from } => write!(f, " since {}", Printed(from)),
            Window::Before { to } => write!(f, " before {}", Printed(to)),
            Window::SinceEvent { which, event } => write!(f, " since {} {}", which.word(), Quoted(event)),
            Window::This { unit } => write!(f, " {}", unit.phrase()),
        }
    }
}

impl Display for Printed<&Moment> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Moment::Date(date) => write!(f, "{date}"),
            Moment::Instant(instant) => write!(f, "{instant}"),
            Moment::Ago(Span::ZERO) => f.write_str("now"),
            Moment::Ago(span) => write!(f, "{span} ago"),
            Moment::Ahead(span) => write!(f, "{span} from now"),
        }
    }
}

impl Display for Printed<&Test> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Test::Compare { operator, value } => write!(f, "{} {}", operator.symbol(), Printed(value)),
            Test::Between { from, to } => write!(f, "between {} and {}", Printed(from), Printed(to)),
            Test::In(values) => {
                f.write_str("in (")?;
                for (index, value) in values.iter().enumerate() {
                    write!(f, "{}{}", if index == 0 { "" } else { ", " }, Printed(value))?;
                }
                f.write_str(")")
            }
            Test::Contains(text) => write!(f, "contains {}", Quoted(text)),
            Test::StartsWith(text) => write!(f, "starts with {}", Quoted(text)),
            Test::EndsWith(text) => write!(f, "ends with {}", Quoted(text)),
            Test::Matches(pattern) => write!(f, "matches {}", Quoted(pattern.text())),
            Test::IsSet => f.write_str("is set"),
            Test::InLast(span) => write!(f, "in last {span}"),
            Test::InNext(span) => write!(f, "in next {span}"),
            Test::This(unit) => f.write_str(unit.phrase()),
            Test::AnniversaryInNext(days) if days.amount() == 1 => f.write_str("anniversary today"),
            Test::AnniversaryInNext(days) => write!(f, "anniversary in next {}", Span::from(*days)),
            Test::AnniversaryInLast(days) => write!(f, "anniversary in last {}", Span::from(*days)),
        }
    }
}

impl Display for Printed<&Literal> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Literal::Bool(value) => write!(f, "{value}"),
            Literal::Number(value) => write!(f, "{value}"),
            Literal::Text(text) => Quoted(text).fmt(f),
            Literal::Moment(moment) => Printed(moment).fmt(f),
        }
    }
}

/// ` where …`; alternatives in brackets, so that nobody wonders what the next word belongs to.
struct Where<'a>(&'a Option<Filter>);

impl Display for Where<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => Ok(()),
            Some(filter @ Filter::Any { .. }) => write!(f, " where {}", Bracketed(filter)),
            Some(
                filter @ (Filter::Property { .. }
                | Filter::Place { .. }
                | Filter::All { .. }
                | Filter::Not { .. }),
            ) => {
                write!(f, " where {filter}")
            }
        }
    }
}

struct Times(u32);

impl Display for Times {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, if self.0 == 1 { "time" } else { "times" })
    }
}

/// A name of a property or trait, in quotes where it needs them.
struct Name<'a>(&'a str);

impl Display for Name<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if is_bare(self.0) && !is_reserved(self.0) { f.write_str(self.0) } else { Quoted(self.0).fmt(f) }
    }
}

/// The names of a place, and a space: nothing where they are the usual ones.
struct PlaceNames<'a>(&'a Place);

impl Display for PlaceNames<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0.name() {
            Some(None) => Ok(()),
            Some(Some(name)) => write!(f, "{} ", Name(name)),
            None => {
                let [latitude, longitude] = self.0.names();
                write!(f, "point ({}, {}) ", Name(latitude), Name(longitude))
            }
        }
    }
}

struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for letter in self.0.chars() {
            match letter {
                '"' | '\\' => write!(f, "\\{letter}")?,
                '\n' => f.write_str("\\n")?,
                '\t' => f.write_str("\\t")?,
                '\r' => f.write_str("\\r")?,
                control if control.is_control() => write!(f, "\\u{{{:x}}}", u32::from(control))?,
                letter => write!(f, "{letter}")?,
            }
        }
        f.write_str("\"")
    }
}
