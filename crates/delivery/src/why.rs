//! Why somebody did or did not get a message, in sentences for a person.
//!
//! Every sentence is a key with values; the console may translate the keys
//! itself, and English and Japanese come from the one table below.

use crate::decision::{Decision, GateName, Outcome, Seen, Sight, Verdict};
use crate::route::Reach;

/// A language that sentences come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Japanese.
    Japanese,
}

/// One sentence: a key into [`PHRASES`] and what stands in its gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// Which sentence.
    pub key: &'static str,
    /// What stands in its gaps, by name.
    pub values: Vec<(&'static str, String)>,
}

/// The answer to "why?": the outcome, then what every gate saw, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// What came of it and which gate decided.
    pub headline: Sentence,
    /// Which channel and address and why, when there is one.
    pub route: Option<Sentence>,
    /// Which variant and why, when there is one.
    pub wording: Option<Sentence>,
    /// What each gate said.
    pub gates: Vec<GateLine>,
}

/// What one gate said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateLine {
    /// Which.
    pub gate: GateName,
    /// Whether it let the message through.
    pub passed: bool,
    /// Whether it is the one that decided.
    pub decided: bool,
    /// What it saw.
    pub sentence: Sentence,
}

/// Every sentence: key, English, Japanese. `{name}` is a gap.
pub const PHRASES: &[(&str, &str, &str)] = &[
    ("outcome.send", "it was to be sent: all gates passed", "送信と判断しました(すべての関門を通過)"),
    ("outcome.hold", "it waits until {until}: {gate}", "{until} まで保留中です({gate})"),
    ("outcome.suppress", "it was not sent: {reason}", "送信しませんでした({reason})"),
    ("eligible.yes", "met the audience", "オーディエンスの条件に合っていました"),
    ("eligible.no", "did not meet the audience any more", "オーディエンスの条件に合わなくなっていました"),
    ("known.known", "nothing forbids contact", "連絡を禁じる記録はありません"),
    ("known.erased", "asked to be forgotten", "データの消去を求めています"),
    ("known.blocked", "is blocked from all contact", "すべての連絡が止められています"),
    ("known.excluded", "is kept out of campaigns", "キャンペーンの対象外に指定されています"),
    ("consent.given", "said yes to this purpose on {at}", "{at} にこの目的へ同意しています"),
    ("consent.withdrawn", "said no to this purpose on {at}", "{at} にこの目的への同意を取り消しています"),
    ("consent.missing", "never said yes to this purpose, which needs it", "必要な同意がありません"),
    ("consent.not_needed", "this purpose needs no consent", "この目的に同意は必要ありません"),
    ("topic.joined", "joined the topic on {at}", "{at} にこのトピックを購読しています"),
    ("topic.left", "left the topic on {at}", "{at} にこのトピックの購読をやめています"),
    ("topic.open", "never left the topic", "このトピックの購読をやめていません"),
    ("reachable.yes", "can be reached: {channels}", "連絡先があります: {channels}"),
    ("reachable.no", "cannot be reached: {channels}", "連絡できる宛先がありません: {channels}"),
    ("holdout.none", "nobody is held out", "比較のための対照群はありません"),
    (
        "holdout.treated",
        "may be contacted: drew {drawn} of 10000, and those below {share} are left alone",
        "連絡する側の群です(10000 のうち {drawn} を引きました。{share} 未満は連絡しない群です)",
    ),
    (
        "holdout.control",
        "is left alone to measure the difference: drew {drawn} of 10000, and those below {share} are left alone",
        "効果を測るため連絡しない群です(10000 のうち {drawn} を引きました。{share} 未満は連絡しない群です)",
    ),
    ("quiet.none", "no quiet hours apply", "静かな時間帯の設定は当てはまりません"),
    ("quiet.loud", "it was {time} there ({zone}, from {source})", "現地は {time} でした({zone}、{source})"),
    (
        "quiet.quiet",
        "it was {time} there ({zone}, from {source}), in quiet hours",
        "現地は {time} で、静かな時間帯でした({zone}、{source})",
    ),
    ("content.fine", "the message renders ({hash})", "本文を正しく作れます({hash})"),
    (
        "content.broken",
        "the message does not render at {place}: {problem}",
        "{place} で本文を作れません: {problem}",
    ),
    ("content.not_asked", "there was nothing to render", "本文は作られませんでした"),
    ("route.preference", "by {channel}, because they asked for it", "本人の希望により {channel} で"),
    ("route.country", "by {channel}, which people of their country prefer", "その国で好まれる {channel} で"),
    (
        "route.order",
        "by {channel}, the first in the campaign's order",
        "キャンペーンの優先順により {channel} で",
    ),
    (
        "wording.language",
        "variant {variant}, in their language {language}",
        "本人の言語 {language} のバリアント {variant}",
    ),
    (
        "wording.relative",
        "variant {variant}, close to their language {language}",
        "本人の言語 {language} に近いバリアント {variant}",
    ),
    ("wording.default", "variant {variant}, the one for everybody", "共通のバリアント {variant}"),
];

impl Sentence {
    fn new<const N: usize>(key: &'static str, values: [(&'static str, String); N]) -> Self {
        debug_assert!(PHRASES.iter().any(|(known, ..)| *known == key), "no phrase for {key}");
        Self { key, values: values.into() }
    }

    /// The sentence in `language`, its gaps filled.
    pub fn text(&self, language: Language) -> String {
        let Some((_, english, japanese)) = PHRASES.iter().find(|(key, ..)| *key == self.key) else {
            return self.key.to_owned();
        };
        let phrase = match language {
            Language::English => english,
            Language::Japanese => japanese,
        };
        let fill = |text: String, (name, value): &(&str, String)| text.replace(&format!("{{{name}}}"), value);
        self.values.iter().fold((*phrase).to_owned(), fill)
    }
}

/// Explains a decision.
pub fn why(decision: &Decision) -> Why {
    let decided = decision.outcome.gate();
    let gates = decision.gates().map(|seen| GateLine {
        gate: seen.sight.gate(),
        passed: seen.verdict == Verdict::Pass,
        decided: decided == Some(seen.sight.gate()),
        sentence: sentence(&seen),
    });
    let route = decision.route.as_ref().map(|route| Sentence {
        key: match route.why {
            crate::RouteWhy::Preference => "route.preference",
            crate::RouteWhy::Country => "route.country",
            crate::RouteWhy::Order => "route.order",
        },
        values: vec![("channel", route.channel.to_string()), ("address", route.address.to_string())],
    });
    let wording = decision.wording.as_ref().map(|wording| Sentence {
        key: match wording.why {
            crate::WordingWhy::Language => "wording.language",
            crate::WordingWhy::Relative => "wording.relative",
            crate::WordingWhy::Default => "wording.default",
        },
        values: vec![
            ("variant", wording.variant.to_string()),
            ("language", wording.language.clone().unwrap_or_default().to_string()),
        ],
    });
    Why { headline: headline(&decision.outcome), route, wording, gates: gates.collect() }
}

fn headline(outcome: &Outcome) -> Sentence {
    match outcome {
        Outcome::Send => Sentence::new("outcome.send", []),
        Outcome::Hold { until, gate } => {
            Sentence::new("outcome.hold", [("until", until.to_string()), ("gate", gate.to_string())])
        }
        Outcome::Suppress { gate, reason } => {
            Sentence::new("outcome.suppress", [("gate", gate.to_string()), ("reason", reason.to_string())])
        }
    }
}

fn sentence(seen: &Seen) -> Sentence {
    match &seen.sight {
        Sight::Eligible { member: true } => Sentence::new("eligible.yes", []),
        Sight::Eligible { member: false } => Sentence::new("eligible.no", []),
        Sight::Known { standing } => Sentence::new(known(*standing), []),
        Sight::Consent { needed, word } => match word {
            Some((true, at)) => Sentence::new("consent.given", [("at", at.to_string())]),
            Some((false, at)) => Sentence::new("consent.withdrawn", [("at", at.to_string())]),
            None if *needed => Sentence::new("consent.missing", []),
            None => Sentence::new("consent.not_needed", []),
        },
        Sight::Topic { word } => match word {
            Some((true, at)) => Sentence::new("topic.joined", [("at", at.to_string())]),
            Some((false, at)) => Sentence::new("topic.left", [("at", at.to_string())]),
            None => Sentence::new("topic.open", []),
        },
        Sight::Reachable { channels } => reachable(channels, seen.verdict),
        Sight::Holdout { global, campaign } => holdout([*global, *campaign], seen.verdict),
        Sight::Quiet { local } => quiet(local.as_ref(), seen.verdict),
        Sight::Content { rendered } => match rendered {
            Some(Ok(hash)) => Sentence::new("content.fine", [("hash", hash.to_string())]),
            Some(Err(breakage)) => Sentence::new(
                "content.broken",
                [("place", breakage.place.to_string()), ("problem", breakage.problem.to_string())],
            ),
            None => Sentence::new("content.not_asked", []),
        },
    }
}

fn known(standing: crate::Standing) -> &'static str {
    match standing {
        crate::Standing::Known => "known.known",
        crate::Standing::Erased => "known.erased",
        crate::Standing::Blocked => "known.blocked",
        crate::Standing::Excluded => "known.excluded",
    }
}

fn reachable(channels: &[(model::Channel, Reach)], verdict: Verdict) -> Sentence {
    let key = if verdict == Verdict::Pass { "reachable.yes" } else { "reachable.no" };
    let channels: Vec<String> =
        channels.iter().map(|(channel, reach)| format!("{channel} {reach}")).collect();
    Sentence::new(key, [("channels", channels.join(", "))])
}

fn holdout(draws: [Option<crate::Draw>; 2], verdict: Verdict) -> Sentence {
    let held_out = draws.into_iter().flatten().find(|draw| draw.held_out());
    let any = draws.into_iter().flatten().next();
    let Some(draw) = held_out.or(any) else { return Sentence::new("holdout.none", []) };
    let key = match verdict {
        Verdict::Pass | Verdict::Hold(_) => "holdout.treated",
        Verdict::Suppress(_) => "holdout.control",
    };
    let share = draw.share.basis_points();
    Sentence::new(key, [("drawn", draw.drawn.to_string()), ("share", share.to_string())])
}

fn quiet(local: Option<&crate::LocalTime>, verdict: Verdict) -> Sentence {
    let Some(local) = local else { return Sentence::new("quiet.none", []) };
    let key = if verdict == Verdict::Pass { "quiet.loud" } else { "quiet.quiet" };
    let values = [
        ("time", local.minute.to_string()),
        ("zone", local.zone.to_string()),
        ("source", local.source.to_string()),
    ];
    Sentence::new(key, values)
}
