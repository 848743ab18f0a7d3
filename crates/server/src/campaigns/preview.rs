//! The message as one customer would see it. Nothing is sent, nothing is written.

use std::sync::Arc;

use api::campaigns::{CampaignDraft, ContentError, Preview, Variant};
use content::{Content, Mail};
use delivery::channel::Mailbox;
use delivery::{RunId, VariantId};
use model::{CampaignId, CustomerId, Instant, Text};
use people::Profile;

use super::compile::{compile, content_error};
use super::launch::Refused;
use crate::engine::{Plan, Reader, last_events};
use crate::workspace::Workspace;

/// Renders the message for `customer` (somebody made up when there is none) in the asked language, or the customer's own.
///
/// # Errors
/// [`Refused`] when the engine does not answer; faults of the content are in the answer.
pub async fn preview(
    workspace: &Workspace,
    (id, draft): (CampaignId, &CampaignDraft),
    (customer, language, variant): (Option<CustomerId>, Option<&str>, Option<&Variant>),
) -> Result<Preview, Refused> {
    let variants = variant.map_or_else(|| draft.variants.clone(), |variant| vec![variant.clone()]);
    let draft = CampaignDraft { variants, ..draft.clone() };
    let profile = profile(workspace, customer).await?;
    let wanted = language.or_else(|| profile.locale()).unwrap_or_default();
    let index = choose(&draft.variants, wanted);
    let language = draft.variants.get(index).map(|variant| variant.language.clone()).unwrap_or_default();
    let sender = workspace.document().document.settings.sender.clone();
    let mut answer = Preview {
        customer: customer.map(Into::into),
        label: profile.name().map(ToString::to_string),
        language,
        from: format!("{} <{}>", sender.name, sender.email),
        subject: String::new(),
        preheader: draft.variants.get(index).map(|variant| variant.preheader.clone()).unwrap_or_default(),
        html: None,
        text: String::new(),
        errors: Vec::new(),
    };
    match render(workspace, (id, &draft), (index, &profile)) {
        Ok(mail) => {
            answer.subject = mail.subject;
            answer.html = (!mail.html.is_empty()).then_some(mail.html);
            answer.text = mail.text;
        }
        Err(errors) => answer.errors = errors,
    }
    Ok(answer)
}

/// The message of one variant, ready to be handed to a channel, addressed to `to`: a test send.
///
/// # Errors
/// What is wrong with the content, or with it for this customer.
pub async fn test_message(
    workspace: &Workspace,
    (id, draft): (CampaignId, &CampaignDraft),
    (customer, index, to): (Option<CustomerId>, usize, &str),
) -> Result<Result<delivery::channel::Message, Vec<ContentError>>, Refused> {
    let profile = profile(workspace, customer).await?;
    Ok(render(workspace, (id, draft), (index, &profile)).map(|mail| {
        let document = workspace.document();
        let message = RunId { campaign: id, occurrence: u32::MAX }.message(profile.customer);
        let sender = &document.document.settings.sender;
        crate::courier::message(
            (message, workspace.engine.now()),
            mail,
            (sender, Mailbox::new(to), &document.document.voice()),
        )
    }))
}

/// The variant for a language: exactly that, a relative of it, or the first.
fn choose(variants: &[Variant], language: &str) -> usize {
    let root = |text: &str| text.split(['-', '_']).next().unwrap_or(text).to_ascii_lowercase();
    let exact = variants.iter().position(|variant| variant.language.eq_ignore_ascii_case(language));
    let relative = || {
        variants.iter().position(|variant| !language.is_empty() && root(&variant.language) == root(language))
    };
    exact.or_else(relative).unwrap_or(0)
}

async fn profile(workspace: &Workspace, customer: Option<CustomerId>) -> Result<Arc<Profile>, Refused> {
    let known = match customer {
        Some(customer) => {
            workspace.engine.ask(move |world| world.people.profile(customer).ok().flatten()).await?
        }
        None => None,
    };
    Ok(known.unwrap_or_else(|| Arc::new(Profile::new(CustomerId::from_number(0), Instant::default()))))
}

fn render(
    workspace: &Workspace,
    (id, draft): (CampaignId, &CampaignDraft),
    (index, profile): (usize, &Profile),
) -> Result<Mail, Vec<ContentError>> {
    let compiled = compile(id, 0, draft)?;
    let document = workspace.document();
    let plan = Plan {
        campaign: id,
        version: 0,
        members: Arc::new(|_, _| Err("a preview has no audience".to_owned())),
        contents: compiled.contents,
        policy: document.document.policy(document.version),
        voice: document.document.voice(),
        sender: document.document.settings.sender.clone(),
    };
    let names: Vec<Text> = plan.contents.values().flat_map(Content::last_events).collect();
    let (snapshot, _) = workspace.engine.snapshot();
    let last_events = last_events(&snapshot, profile.customer, &names);
    let variant = VariantId(u16::try_from(index).unwrap_or(u16::MAX));
    let message = RunId { campaign: id, occurrence: u32::MAX }.message(profile.customer);
    let reader = Reader { message, variant, profile, last_events: &last_events };
    let language = compiled.languages.get(&variant).cloned().unwrap_or_default();
    plan.render(&reader, workspace.engine.now()).map_err(|breakage| vec![content_error(&language, &breakage)])
}
