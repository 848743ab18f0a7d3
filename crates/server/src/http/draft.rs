//! Drafts of campaigns: checked on their way in, read on their way out.

use std::collections::BTreeSet;

use api::Problem;
use api::campaigns::{CampaignDraft, Variant};
use model::{Channel, ErrorKind};

use super::check;
use super::failure::Failure;

/// The longest subject or preheader, in bytes of its template.
const LINE_BYTES_MAX: usize = 2_000;
/// The largest body, in bytes of its template.
const BODY_BYTES_MAX: usize = 500_000;

/// The draft of a record.
pub(super) fn stored(record: &store::Campaign) -> Result<CampaignDraft, Failure> {
    serde_json::from_value(record.text.draft.clone()).map_err(|error| {
        let problem = Problem::new(ErrorKind::Corrupt, format!("the draft cannot be read: {error}"));
        Failure::of(problem.value(&record.text.name).fix("run `omotenashi doctor`"))
    })
}

/// A draft whose every field can be what it says; its content may still be unfinished.
pub(super) fn checked(prefix: &str, draft: &CampaignDraft) -> Result<CampaignDraft, Failure> {
    let wrong =
        |field: &str, detail: &str, fix: &str| Problem::invalid(format!("{prefix}{field}"), detail).fix(fix);
    let name = check::name(&format!("{prefix}name"), &draft.name)?;
    if !matches!(draft.channel.0, Channel::Email | Channel::Webhook) {
        let problem = wrong("channel", "campaigns speak by e-mail or webhook", "choose `email` or `webhook`");
        return Err(Failure::of(problem.value(draft.channel)));
    }
    if !(0.0..=50.0).contains(&draft.holdout_percent) {
        let problem = wrong("holdout_percent", "a holdout is 0 to 50 percent", "choose a number between");
        return Err(Failure::of(problem.value(draft.holdout_percent)));
    }
    if draft.messages_per_minute_max == Some(0) {
        let problem = wrong(
            "messages_per_minute_max",
            "nothing would ever be sent",
            "send a larger number, or nothing",
        );
        return Err(Failure::of(problem.value(0)));
    }
    if let Some(hours) = draft.attribution_hours.filter(|hours| !(1..=2_160).contains(hours)) {
        let problem =
            wrong("attribution_hours", "purchases count for 1 to 2160 hours", "choose a number between");
        return Err(Failure::of(problem.value(hours)));
    }
    if draft.variants.len() > delivery::VARIANTS_MAX {
        let problem = wrong("variants", "a campaign has at most 64 variants", "take some away");
        return Err(Failure::of(problem.value(draft.variants.len())));
    }
    let mut languages = BTreeSet::new();
    for (index, variant) in draft.variants.iter().enumerate() {
        let field = format!("{prefix}variants[{index}]");
        checked_variant(&field, variant)?;
        if !languages.insert(variant.language.to_lowercase()) {
            let problem = Problem::invalid(format!("{field}.language"), "two variants have one language");
            return Err(Failure::of(
                problem.value(&variant.language).fix("give each variant a language of its own"),
            ));
        }
    }
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    Ok(CampaignDraft {
        name: name.to_string(),
        topic: filled(&draft.topic),
        audience: filled(&draft.audience),
        ..draft.clone()
    })
}

fn checked_variant(field: &str, variant: &Variant) -> Result<(), Failure> {
    check::language(&format!("{field}.language"), &variant.language)?;
    let text = variant.text.as_deref().unwrap_or_default();
    let sizes = [
        ("subject", variant.subject.len(), LINE_BYTES_MAX),
        ("preheader", variant.preheader.len(), LINE_BYTES_MAX),
        ("body", variant.body.len(), BODY_BYTES_MAX),
        ("text", text.len(), BODY_BYTES_MAX),
    ];
    for (part, bytes, limit) in sizes {
        if bytes > limit {
            let detail = format!("the template is too long. bytes=`{bytes}`, limit=`{limit}`");
            return Err(Failure::of(Problem::invalid(format!("{field}.{part}"), detail).fix("shorten it")));
        }
    }
    Ok(())
}
