//! Paths: what people did before, or after, something happened.

use std::collections::BTreeMap;

use api::Problem;
use api::ask::paths::{PathsDirection, PathsLink, PathsNode, PathsOccurrence, PathsPath};
use api::ask::people::Pick;
use api::ask::{PathsAnswer, PathsQuestion};
use audience::Condition;
use columnar::Span;
use model::{Text, stream};
use questions::{
    Branch, Direction, Occurrence, PATH_STEPS_MAX, Paths, Scope, Streams, path_customers, paths,
};

use super::room::Room;
use super::rows::{Rows, done};
use super::slices::Slice;
use super::{Ask, Picked, words};
use crate::http::failure::Failure;

/// How many steps there are when nobody says.
const STEPS: usize = 3;
/// How many paths are told when nobody says, and at most.
const TOP: usize = 20;
const TOP_MAX: usize = 1_000;
/// How many steps at one distance have a name of their own.
const NODES_MAX: usize = 12;

impl Ask for PathsQuestion {
    const WORD: &'static str = "paths";

    type Answer = PathsAnswer;

    fn mentions(&self, room: &Room) -> Result<Vec<(String, Condition)>, Failure> {
        let anchor = ("anchor".to_owned(), anchor(self, room)?.mention());
        let steps = (0..).zip(&self.events).map(|(index, event): (usize, _)| {
            (format!("events.{index}"), Condition::Did(audience::Did::ever(event.as_str())))
        });
        Ok(std::iter::once(anchor).chain(steps).collect())
    }

    fn answer(&self, room: &Room) -> Result<PathsAnswer, Failure> {
        let anchor = anchor(self, room)?;
        let context = room.context();
        let ready = anchor.ready(room, &context);
        let answer = paths(&room.snapshot, &asked(self, room, ready.scope(room.span, room.among.as_ref()))?)?;
        let all = usize::try_from(answer.anchors).unwrap_or(usize::MAX);
        let told = answer.paths.iter().map(|path| PathsPath {
            steps: path.steps.iter().map(|step| event(step)).collect(),
            anchors: path.anchors,
            share: words::share(usize::try_from(path.anchors).unwrap_or(usize::MAX), all).unwrap_or_default(),
        });
        let flow = Flow::of(&answer.tree, self.steps.unwrap_or(STEPS));
        Ok(PathsAnswer {
            anchor: anchor.event.as_deref().unwrap_or_default().to_owned(),
            anchors: answer.anchors,
            customers: answer.customers as u64,
            paths: told.collect(),
            nodes: flow.nodes(),
            links: flow.links(),
            compared: None,
            told: room.told(room.span),
        })
    }

    fn people(&self, room: &Room, pick: &Pick) -> Result<Picked, Failure> {
        let anchor = anchor(self, room)?;
        let context = room.context();
        let ready = anchor.ready(room, &context);
        let asked = asked(self, room, ready.scope(room.span, room.among.as_ref()))?;
        let (set, who) = if *pick == Pick::Everybody {
            (path_customers(&room.snapshot, &asked, |_| true)?, "anything".to_owned())
        } else if let Pick::Path { steps } = pick {
            let mut wanted: Vec<Text> = steps.iter().map(|step| stream::event(step)).collect();
            if self.direction == PathsDirection::Before {
                wanted.reverse();
            }
            let set = path_customers(&room.snapshot, &asked, |path| path.iter().copied().eq(&wanted))?;
            (set, if steps.is_empty() { "nothing".to_owned() } else { steps.join(" → ") })
        } else if let Pick::Node { distance, step, ended } = pick {
            let name = stream::event(step);
            let passes = |path: &[&Text]| {
                let there = distance.checked_sub(1).and_then(|place| path.get(place));
                there == Some(&&name) && (!ended || path.len() == *distance)
            };
            let end = if *ended { " and nothing beyond" } else { "" };
            (path_customers(&room.snapshot, &asked, passes)?, format!("{step}{end}, {distance} step(s)"))
        } else {
            return Err(words::foreign(pick, "question about paths"));
        };
        let what = format!(
            "{who} {} {}, {}",
            if self.direction == PathsDirection::Before { "before" } else { "after" },
            anchor.event.as_deref().unwrap_or_default(),
            words::range(room.span, room.zone()),
        );
        let everybody = *pick == Pick::Everybody;
        let condition = words::said(room, &Slice::default(), || {
            let event = anchor.event.as_ref().filter(|_| everybody)?;
            Some(words::did(event, anchor.filter.as_ref(), room.span))
        });
        Ok(Picked { set, what, condition })
    }
}

fn anchor(question: &PathsQuestion, room: &Room) -> Result<Rows, Failure> {
    match &question.anchor {
        Some(input) => Rows::read("anchor.", (&input.event, &input.filter)),
        None => Rows::read("anchor.", (&room.purchase_event, &api::ask::FilterInput::default())),
    }
}

fn asked<'q>(question: &PathsQuestion, room: &'q Room, anchor: Scope<'q>) -> Result<Paths<'q>, Failure> {
    let steps = question.steps.unwrap_or(STEPS);
    let top = question.top.unwrap_or(TOP);
    for (field, number, limit) in [("steps", steps, PATH_STEPS_MAX), ("top", top, TOP_MAX)] {
        if !(1..=limit).contains(&number) {
            let problem = Problem::invalid(field, format!("it is 1 to {limit}")).value(number);
            return Err(Failure::of(problem.fix("send a number between")));
        }
    }
    let events = match question.events.as_slice() {
        [] => done(&room.snapshot),
        names => names.iter().map(|name| stream::event(name)).collect(),
    };
    let pace = Some(room.pace_over(&events));
    let streams = Streams::Named(events);
    Ok(Paths {
        anchor,
        occurrence: match question.occurrence {
            PathsOccurrence::First => Occurrence::First,
            PathsOccurrence::Last => Occurrence::Last,
            PathsOccurrence::Each => Occurrence::Each,
        },
        direction: match question.direction {
            PathsDirection::Before => Direction::Before,
            PathsDirection::After => Direction::After,
        },
        events: Scope { streams, span: Span::EVER, filter: None, among: None, pace },
        steps,
        within_ms: words::within(question.within.as_deref())?.ms(),
        collapse: question.collapse.unwrap_or(true),
        top,
    })
}

fn event(stream: &str) -> String {
    stream::event_name(stream).unwrap_or(stream).to_owned()
}

/// All paths laid over one another: what is at which distance, and what lies next to what.
struct Flow {
    /// How far paths go; whoever comes so far was not followed further.
    steps: usize,
    /// By distance and step: how many came this way, how many went no further.
    nodes: BTreeMap<(usize, String), (u64, u64)>,
    /// By distance of the nearer step: the two, and how many.
    links: BTreeMap<(usize, Option<String>, String), u64>,
}

impl Flow {
    fn of(tree: &[Branch], steps: usize) -> Self {
        let mut flow = Self { steps, nodes: BTreeMap::new(), links: BTreeMap::new() };
        flow.add(tree, 1, None);
        flow
    }

    fn add(&mut self, branches: &[Branch], distance: usize, near: Option<&str>) {
        for branch in branches {
            let step = event(&branch.step);
            let (anchors, ended) = self.nodes.entry((distance, step.clone())).or_default();
            *anchors += branch.anchors;
            *ended += if distance < self.steps { branch.ended } else { 0 };
            let link = (distance - 1, near.map(ToOwned::to_owned), step.clone());
            *self.links.entry(link).or_default() += branch.anchors;
            self.add(&branch.next, distance + 1, Some(&step));
        }
    }

    /// The steps at a distance that have a name of their own, the most frequent first.
    fn named(&self, distance: usize) -> Vec<&str> {
        let here = self.nodes.range((distance, String::new())..(distance + 1, String::new()));
        let mut here: Vec<(&str, u64)> =
            here.map(|((_, step), (anchors, _))| (step.as_str(), *anchors)).collect();
        here.sort_by_key(|(_, anchors)| std::cmp::Reverse(*anchors));
        here.into_iter().map(|(step, _)| step).take(NODES_MAX).collect()
    }

    fn nodes(&self) -> Vec<PathsNode> {
        let mut nodes = Vec::new();
        for distance in 1..=self.steps {
            let named = self.named(distance);
            let told = |step: &str| {
                let (anchors, ended) =
                    self.nodes.get(&(distance, step.to_owned())).copied().unwrap_or_default();
                PathsNode { distance, step: Some(step.to_owned()), anchors, ended }
            };
            nodes.extend(named.iter().map(|step| told(step)));
            let here = self.nodes.range((distance, String::new())..(distance + 1, String::new()));
            let rare = here.filter(|((_, step), _)| !named.contains(&step.as_str()));
            let (anchors, ended) =
                rare.fold((0, 0), |(all, gone), (_, (anchors, ended))| (all + anchors, gone + ended));
            if anchors > 0 {
                nodes.push(PathsNode { distance, step: None, anchors, ended });
            }
        }
        nodes
    }

    fn links(&self) -> Vec<PathsLink> {
        let named: Vec<Vec<&str>> = (0..=self.steps).map(|distance| self.named(distance)).collect();
        let kept = |distance: usize, step: &str| {
            named.get(distance).is_some_and(|names| names.contains(&step)).then(|| step.to_owned())
        };
        let mut links: BTreeMap<(usize, Option<String>, Option<String>), u64> = BTreeMap::new();
        for ((distance, near, far), anchors) in &self.links {
            let near = near.as_deref().and_then(|near| kept(*distance, near));
            *links.entry((*distance, near, kept(distance + 1, far))).or_default() += anchors;
        }
        let told = links.into_iter().map(|((distance, near, far), anchors)| PathsLink {
            distance,
            near,
            far,
            anchors,
        });
        told.collect()
    }
}
