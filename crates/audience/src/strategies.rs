//! Generated conditions, for every property test of this crate.

use jiff::civil::date;
use model::{Channel, Instant, Purpose, Text};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::*;

/// Which names stand in generated conditions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names {
    pub(crate) events: &'static [&'static str],
    pub(crate) properties: &'static [&'static str],
    pub(crate) texts: &'static [&'static str],
    pub(crate) audiences: &'static [&'static str],
    /// About which day moments are: generated histories lie around it.
    pub(crate) as_of: Instant,
}

impl Names {
    /// Names and texts that try to break the text form.
    pub(crate) const WILD: Self = Self {
        events: &["purchase", "Order Completed", "$message_opened", "a \"quoted\" \\ name", "購入\n", ""],
        properties: &[
            "amount",
            "utm-source",
            "context.page.url",
            "not",
            "Last",
            "a b",
            "9",
            "",
            "価格",
            "in",
            "trailing.",
        ],
        texts: &["shoes", "", "\u{7f}\u{0}\t", "“x”", "'", "and did \"x\"", "é\u{301}"],
        audiences: &["vip", "at_risk \"R1\""],
        as_of: Instant::from_ms(1_700_000_000_000),
    };

    /// Names that stand in generated histories too.
    pub(crate) const TAME: Self = Self {
        events: &["a", "b", "c"],
        properties: &["x", "y"],
        texts: &["shoes", "s", "", "2026-03-07", "5"],
        audiences: &["vip", "gold"],
        as_of: Instant::from_ms(1_772_982_000_000),
    };

    fn event(self) -> BoxedStrategy<Text> {
        proptest::sample::select(self.events).prop_map(Text::from).boxed()
    }

    fn property(self) -> BoxedStrategy<Text> {
        proptest::sample::select(self.properties).prop_map(Text::from).boxed()
    }

    fn text(self) -> BoxedStrategy<Text> {
        proptest::sample::select(self.texts).prop_map(Text::from).boxed()
    }

    fn moment(self) -> BoxedStrategy<Moment> {
        let day = self.as_of.timestamp().to_zoned(jiff::tz::TimeZone::UTC).date();
        prop_oneof![
            (-5..5_i64).prop_map(move |days| Moment::Date(day.saturating_add(jiff::Span::new().days(days)))),
            (-9..9_i64)
                .prop_map(move |hours| Moment::Instant(self.as_of.plus_ms(hours * Instant::HOUR_MS / 2))),
            span().prop_map(Moment::Ago),
            span().prop_map(Moment::Ahead),
            Just(Moment::Ago(Span::ZERO)),
            Just(Moment::Date(date(2024, 2, 29))),
        ]
        .boxed()
    }

    fn literal(self) -> BoxedStrategy<Literal> {
        prop_oneof![
            any::<bool>().prop_map(Literal::Bool),
            number().prop_map(Literal::Number),
            self.text().prop_map(Literal::Text),
            self.moment().prop_map(Literal::Moment),
        ]
        .boxed()
    }

    pub(crate) fn test(self) -> BoxedStrategy<Test> {
        let operator = proptest::sample::select(Operator::ALL);
        let pattern = proptest::sample::select(&["^s", "e+$", "a|b", "\\d{2}"][..]);
        prop_oneof![
            4 => (operator, self.literal()).prop_map(|(operator, value)| Test::Compare { operator, value }),
            1 => (number(), number()).prop_map(|(from, to)| Test::Between { from: Literal::Number(from), to: Literal::Number(to) }),
            1 => (self.literal(), self.literal()).prop_map(|(from, to)| Test::Between { from, to }),
            1 => vec(self.literal(), 1..4).prop_map(Test::In),
            1 => self.text().prop_map(Test::Contains),
            1 => self.text().prop_map(Test::StartsWith),
            1 => self.text().prop_map(Test::EndsWith),
            1 => pattern.prop_map(|text| Test::Matches(Pattern::new(text).unwrap())),
            1 => Just(Test::IsSet),
            1 => span().prop_map(Test::InLast),
            1 => span().prop_map(Test::InNext),
            1 => calendar().prop_map(Test::This),
            1 => (1..9_u16).prop_map(|days| Test::AnniversaryInNext(Days::new(days).unwrap())),
            1 => (1..400_u16).prop_filter_map("at most 366", Days::new).prop_map(Test::AnniversaryInLast),
        ].boxed()
    }

    pub(crate) fn filter(self) -> BoxedStrategy<Filter> {
        let property =
            (self.property(), self.test()).prop_map(|(name, test)| Filter::Property { name, test });
        let leaf = prop_oneof![6 => property, 1 => self.place().prop_map(|place| Filter::Place { place })];
        leaf.prop_recursive(3, 8, 3, |inner| {
            prop_oneof![
                vec(inner.clone(), 2..4).prop_map(|of| Filter::All { of }),
                vec(inner.clone(), 2..4).prop_map(|of| Filter::Any { of }),
                inner.prop_map(|of| Filter::Not { of: Box::new(of) }),
            ]
        })
        .boxed()
    }

    fn filters(self) -> BoxedStrategy<Option<Filter>> {
        option::weighted(0.4, self.filter()).boxed()
    }

    fn place(self) -> BoxedStrategy<Place> {
        let each = (self.property(), self.property(), area()).prop_map(|(latitude, longitude, area)| Place {
            latitude,
            longitude,
            area,
        });
        let under = (option::of(self.property()), area())
            .prop_map(|(name, area)| Place::named(name.as_deref(), area));
        prop_oneof![4 => each, 1 => under].boxed()
    }

    fn window(self) -> BoxedStrategy<Window> {
        prop_oneof![
            2 => Just(Window::Ever),
            3 => span().prop_map(|span| Window::Last { span }),
            1 => (self.moment(), self.moment()).prop_map(|(from, to)| Window::Between { from, to }),
            1 => self.moment().prop_map(|from| Window::Since { from }),
            1 => self.moment().prop_map(|to| Window::Before { to }),
            1 => (which(), self.event()).prop_map(|(which, event)| Window::SinceEvent { which, event }),
            1 => calendar().prop_map(|unit| Window::This { unit }),
        ]
        .boxed()
    }

    fn measure(self) -> BoxedStrategy<Measure> {
        let function = proptest::sample::select(Function::ALL);
        let is = proptest::sample::select(Operator::ALL);
        prop_oneof![
            (0..4_u32).prop_map(|times| Measure::AtLeast { times }),
            (0..4_u32).prop_map(|times| Measure::AtMost { times }),
            (0..4_u32).prop_map(|times| Measure::Exactly { times }),
            (0..4_u32, 0..4_u32).prop_map(|(from, to)| Measure::Between { from, to }),
            (function, self.property(), is, number()).prop_map(|(function, of, is, value)| Measure::Amount {
                function,
                of,
                is,
                value
            }),
        ]
        .boxed()
    }

    fn step(self) -> BoxedStrategy<Step> {
        (self.event(), self.filters()).prop_map(|(event, filter)| Step { event, filter }).boxed()
    }

    fn edge(self) -> BoxedStrategy<Edge> {
        (self.event(), self.filters(), self.window())
            .prop_map(|(event, filter, window)| Edge { event, filter, window })
            .boxed()
    }

    fn behaviour(self) -> BoxedStrategy<Condition> {
        let did = (self.event(), self.filters(), self.measure(), self.window()).prop_map(
            |(event, filter, measure, window)| Condition::Did(Did { event, filter, measure, window }),
        );
        let sequence = (vec(self.step(), 2..4), option::of(span()), option::of(self.step()), self.window())
            .prop_map(|(steps, within, without, window)| {
                Condition::Sequence(Sequence { steps, within, without, window })
            });
        let mostly = (self.property(), self.edge(), self.test()).prop_map(|(property, edge, test)| {
            let Edge { event, filter, window } = edge;
            Condition::Mostly(Mostly { property, event, filter, test, window })
        });
        let usual = (self.edge(), 0..24_u8, 0..24_u8).prop_map(|(edge, from, to)| {
            let Edge { event, filter, window } = edge;
            Condition::UsualHour(UsualHour { event, filter, hours: Hours::new(from, to).unwrap(), window })
        });
        let last_place = (self.place(), self.edge()).prop_map(|(place, edge)| {
            let Edge { event, filter, window } = edge;
            Condition::LastPlace(LastPlace { place, event, filter, window })
        });
        prop_oneof![
            1 => last_place,
            4 => did,
            1 => self.edge().prop_map(Condition::FirstDid),
            1 => self.edge().prop_map(Condition::LastDid),
            2 => sequence,
            1 => mostly,
            1 => usual,
        ]
        .boxed()
    }

    fn standing(self) -> BoxedStrategy<Condition> {
        let channel = || option::of(proptest::sample::select(&[Channel::Email, Channel::Sms][..]));
        let purpose = proptest::sample::select(&[Purpose::Marketing, Purpose::Service][..]);
        prop_oneof![
            1 => Just(Condition::Everyone),
            4 => (self.property(), self.test()).prop_map(|(name, test)| Condition::Trait { name, test }),
            1 => self.place().prop_map(|place| Condition::TraitPlace { place }),
            1 => channel().prop_map(|channel| Condition::Reachable { channel }),
            1 => (purpose, channel()).prop_map(|(purpose, channel)| Condition::Consented { purpose, channel }),
            1 => self.text().prop_map(|topic| Condition::Subscribed { topic }),
            1 => proptest::sample::select(self.audiences)
                .prop_map(|audience| Condition::Member { audience: audience.into() }),
        ].boxed()
    }

    pub(crate) fn condition(self) -> BoxedStrategy<Condition> {
        let leaf = prop_oneof![3 => self.behaviour(), 2 => self.standing()];
        leaf.prop_recursive(3, 8, 3, |inner| {
            prop_oneof![
                vec(inner.clone(), 2..4).prop_map(|of| Condition::All { of }),
                vec(inner.clone(), 2..4).prop_map(|of| Condition::Any { of }),
                inner.prop_map(Condition::negated),
            ]
        })
        .boxed()
    }
}

/// Areas around the small numbers that stand in generated histories, often with one on the edge.
fn area() -> BoxedStrategy<Area> {
    let degrees = || (-3..6_i32).prop_map(Number::from);
    let point = move || (degrees(), degrees()).prop_map(|(y, x)| Point::new(y, x).unwrap());
    let meters = (1..900_000_i32).prop_map(|meters| Distance::new(meters.into()).unwrap());
    let near = (point(), meters).prop_map(|(point, meters)| Area::Near { point, meters });
    let inside = vec(point(), 3..6).prop_map(|points| Area::Inside(Polygon::new(points).unwrap()));
    prop_oneof![near, inside].boxed()
}

fn span() -> BoxedStrategy<Span> {
    let unit = proptest::sample::select(Unit::ALL);
    (prop_oneof![Just(0), Just(1), 0..5_u32, 10..40_u32], unit)
        .prop_map(|(amount, unit)| Span { amount, unit })
        .boxed()
}

fn calendar() -> BoxedStrategy<Calendar> {
    proptest::sample::select(Calendar::ALL).boxed()
}

fn which() -> BoxedStrategy<Which> {
    prop_oneof![Just(Which::First), Just(Which::Last)].boxed()
}

fn number() -> impl Strategy<Value = Number> + Clone {
    prop_oneof![
        (-3..6_i32).prop_map(Number::from),
        prop_oneof![Just(0.5), Just(-1e300), Just(1e-7), Just(9.1e15), -0.0..9e9]
            .prop_map(|value: f64| Number::new(value).unwrap()),
    ]
}
