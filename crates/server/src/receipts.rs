//! What comes back: opens, clicks, one-click departures, preferences, bounces. Receipts are facts like any other.

use delivery::token::{BadToken, Token};
use delivery::{About, News, Receipt, RunId};
use model::{
    Channel, ErrorKind, Fact, FactId, Identifier, IdentifierKind, MessageId, Purpose, SourceId, Text, What,
};
use people::Consented;

use crate::campaigns;
use crate::engine::{self, World};
use crate::workspace::Workspace;

/// Why a receipt was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The link is not ours.
    #[error(transparent)]
    Token(#[from] BadToken),
    /// The message is of a preview or test, or of a workspace that was set up anew.
    #[error("this link belongs to a test or to a message that is no longer known. message=`{0}`")]
    NoMessage(MessageId),
    /// The engine did not take it.
    #[error(transparent)]
    Engine(#[from] engine::Error),
}

impl Fault {
    /// What the caller should do.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Token(bad) => bad.kind(),
            Self::NoMessage(_) => ErrorKind::NotFound,
            Self::Engine(error) => error.kind(),
        }
    }
}

/// Reads the token of a link.
///
/// # Errors
/// [`Fault::Token`] when it was not signed here.
pub fn read(workspace: &Workspace, token: &str) -> Result<Token, Fault> {
    Ok(workspace.document().document.keys().read_link(token)?)
}

/// Takes one piece of news about a message; returns when it is applied: whoever opted out gets nothing more from then on.
///
/// # Errors
/// [`Fault`]; then nothing was taken.
pub async fn take(workspace: &Workspace, message: MessageId, news: News) -> Result<(), Fault> {
    let closes = matches!(news, News::Bounced { permanent: true, .. } | News::Complained);
    let about = workspace.engine.ask(move |world| about(world, message, closes)).await?;
    let about = about.ok_or(Fault::NoMessage(message))?;
    let now = workspace.engine.now();
    let fact = Receipt { message, at: now, news }.fact(about, now);
    let accepted = workspace.engine.accept(vec![fact]).await?;
    workspace.engine.folded(accepted.position).await?;
    Ok(())
}

/// What is known of a message; `None` when no launch of ours sent it. When the news closes an address, it is the one
/// the message went to, whatever its reader uses by now.
fn about(world: &mut World, message: MessageId, closes: bool) -> Option<About> {
    let campaign = &world.runs.get(RunId::of(message))?.campaign;
    let channel = campaign.channels.first().copied().unwrap_or(Channel::Email);
    let customer = world.columns.owner(message.customer);
    let address =
        if closes { campaigns::address(&world.columns.snapshot(), (message, customer)) } else { None };
    Some(About {
        campaign: campaign.name.clone(),
        purpose: campaign.purpose,
        channel,
        address,
        who: vec![identifier(message)],
    })
}

/// The house's own name for who got a message.
pub(crate) fn identifier(message: MessageId) -> Identifier {
    let kind = IdentifierKind::Custom(people::CUSTOMER_KIND.into());
    Identifier::new(kind, message.customer.to_string())
}

/// What the preference page shows and changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preferences {
    /// The language of the page, from the profile.
    pub locale: Option<Text>,
    /// The purpose of the message they came from, and whether they consent to it.
    pub purpose: (Purpose, bool),
    /// The topics they ever joined or left, and whether they are subscribed.
    pub topics: Vec<(Text, bool)>,
}

/// What somebody who came from a message may see and change.
///
/// # Errors
/// [`Fault::NoMessage`] and [`Fault::Engine`].
pub async fn preferences(workspace: &Workspace, message: MessageId) -> Result<Preferences, Fault> {
    let found = workspace
        .engine
        .ask(move |world| {
            let campaign = &world.runs.get(RunId::of(message))?.campaign;
            let (purpose, topic) = (campaign.purpose, campaign.topic.clone());
            let channel = campaign.channels.first().copied().unwrap_or(Channel::Email);
            let profile = world.people.profile(message.customer).ok().flatten()?;
            let mut topics: Vec<(Text, bool)> =
                profile.topics.iter().map(|topic| (topic.name.clone(), topic.subscribed)).collect();
            if let Some(topic) = topic.filter(|topic| topics.iter().all(|(name, _)| name != topic)) {
                topics.push((topic, true));
            }
            let given = matches!(profile.consented(purpose, channel), Consented::Given);
            Some(Preferences { locale: profile.locale().map(Text::from), purpose: (purpose, given), topics })
        })
        .await?;
    found.ok_or(Fault::NoMessage(message))
}

/// Takes what somebody chose on the preference page; returns when it is applied.
///
/// # Errors
/// [`Fault`]; then nothing was taken.
pub async fn prefer(workspace: &Workspace, message: MessageId, chosen: Preferences) -> Result<(), Fault> {
    let now = workspace.engine.now();
    let (purpose, given) = chosen.purpose;
    let consent = What::Consent { purpose, channel: None, given, proof: "preference_page".into() };
    let topics = chosen.topics.into_iter().map(|(topic, subscribed)| What::Topic { topic, subscribed });
    let fact = Fact {
        id: FactId::of(SourceId::HOUSE, &format!("{message}/preferences/{}", now.ms())),
        at: now,
        received_at: now,
        source: SourceId::HOUSE,
        who: vec![identifier(message)],
        what: std::iter::once(consent).chain(topics).collect(),
    };
    let accepted = workspace.engine.accept(vec![fact]).await?;
    workspace.engine.folded(accepted.position).await?;
    Ok(())
}
