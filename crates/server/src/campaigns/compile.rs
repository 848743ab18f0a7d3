//! From a draft to what the engine needs: contents by variant, and what decisions must know.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use api::campaigns::{BodyFormat, CampaignDraft, ContentError};
use content::{Body, Content, Source};
use delivery::{Share, VariantId};
use model::{CampaignId, Text};

/// A draft, compiled.
#[derive(Debug)]
pub struct Compiled {
    /// What decisions need.
    pub campaign: delivery::Campaign,
    /// What rendering needs.
    pub contents: BTreeMap<VariantId, Content>,
    /// The language of each variant, for people.
    pub languages: BTreeMap<VariantId, String>,
}

impl Compiled {
    /// Nothing, for answers about drafts that do not compile.
    pub(super) fn empty() -> Self {
        let campaign = delivery::Campaign {
            id: CampaignId(0),
            name: Text::default(),
            version: 0,
            purpose: model::Purpose::Marketing,
            topic: None,
            channels: Vec::new(),
            variants: Vec::new(),
            holdout: Share::NONE,
            throttle_per_minute: None,
            starts_at: None,
        };
        Self { campaign, contents: BTreeMap::new(), languages: BTreeMap::new() }
    }
}

/// Compiles the draft of a campaign.
///
/// # Errors
/// Everything that is wrong with its contents, each with its language, part and place.
pub fn compile(id: CampaignId, version: u32, draft: &CampaignDraft) -> Result<Compiled, Vec<ContentError>> {
    let (mut contents, mut languages, mut variants, mut errors) =
        (BTreeMap::new(), BTreeMap::new(), Vec::new(), Vec::new());
    for (index, variant) in draft.variants.iter().enumerate() {
        let id = VariantId(u16::try_from(index).unwrap_or(u16::MAX));
        let language = variant.language.trim();
        languages.insert(id, language.to_owned());
        variants
            .push(delivery::Variant { id, language: (!language.is_empty()).then(|| Text::from(language)) });
        match Content::compile(&source(variant)) {
            Ok(content) => {
                contents.insert(id, content);
            }
            Err(faults) => errors.extend(faults.0.iter().map(|fault| ContentError {
                language: language.to_owned(),
                part: fault.part.word().to_owned(),
                line: Some(fault.line),
                column: Some(fault.column),
                message: fault.message.clone(),
                fix: (!fault.picture.is_empty()).then(|| fault.picture.clone()),
            })),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let campaign = delivery::Campaign {
        id,
        name: draft.name.as_str().into(),
        version,
        purpose: draft.purpose.0,
        topic: draft.topic.as_deref().filter(|topic| !topic.is_empty()).map(Text::from),
        channels: vec![draft.channel.0],
        variants,
        holdout: share(draft.holdout_percent),
        throttle_per_minute: draft.messages_per_minute_max.and_then(NonZeroU32::new),
        starts_at: draft.send_at.map(|at| at.0),
    };
    Ok(Compiled { campaign, contents, languages })
}

/// The content crate's source of a variant.
pub(super) fn source(variant: &api::campaigns::Variant) -> Source {
    let body = variant.body.clone();
    Source {
        subject: variant.subject.clone(),
        preheader: variant.preheader.clone(),
        body: match variant.format {
            BodyFormat::Mjml => Body::Mjml(body),
            BodyFormat::Html => Body::Html(body),
            BodyFormat::Text => Body::Text(body),
        },
        text: variant.text.clone().filter(|text| !text.is_empty()),
    }
}

fn share(percent: f64) -> Share {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0 to 10,000")]
    let basis_points = (percent.clamp(0.0, 100.0) * 100.0).round() as u16;
    Share::from_basis_points(basis_points).unwrap_or(Share::NONE)
}

/// Why a message does not render for one person, as the API says it.
pub fn content_error(language: &str, breakage: &delivery::Breakage) -> ContentError {
    let language = language.to_owned();
    match hole(&breakage.place) {
        Some((part, line, path)) => ContentError {
            language,
            part: part.to_owned(),
            line: Some(line),
            column: None,
            message: format!("`{path}` is missing and has no fallback"),
            fix: Some(format!("give it a fallback, as in `{{{{ {path} | default: \"…\" }}}}`")),
        },
        None => ContentError {
            language,
            part: breakage.place.to_string(),
            line: None,
            column: None,
            message: breakage.problem.to_string(),
            fix: None,
        },
    }
}

/// The part, the line and the value of `subject, line 1: customer.first_name`.
fn hole(place: &str) -> Option<(&str, u32, &str)> {
    let (part, rest) = place.split_once(", line ")?;
    let (line, path) = rest.split_once(": ")?;
    Some((part, line.parse().ok()?, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_is_told_with_its_place_and_a_fix_that_can_be_copied() {
        let told = |place: &str| {
            let breakage = delivery::Breakage { place: place.into(), problem: "no value".into() };
            let ContentError { part, line, message, fix, .. } = content_error("ja", &breakage);
            (part, line, message, fix)
        };
        assert_eq!(
            told("subject, line 2: customer.name"),
            (
                "subject".to_owned(),
                Some(2),
                "`customer.name` is missing and has no fallback".to_owned(),
                Some("give it a fallback, as in `{{ customer.name | default: \"…\" }}`".to_owned()),
            )
        );
        assert_eq!(told("body"), ("body".to_owned(), None, "no value".to_owned(), None));
    }
}
