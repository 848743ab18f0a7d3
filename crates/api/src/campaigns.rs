//! Campaigns: one message with variants to an audience, from draft to report.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::home::{MessageCounts, Reach};
use crate::route::{Access, Operation, Route};
use crate::why::MessageSummary;
use crate::{Channel, Customer, Page, PageQuery, Purpose, Time};

/// What this group serves.
pub const ROUTES: &[Route] = &[
    Route::get(Operation::CampaignList, "/api/v1/campaigns", Access::Role(model::Role::Viewer))
        .says("All campaigns, the latest first.")
        .queries::<PageQuery>()
        .answers::<Page<CampaignBrief>>(200),
    Route::post(Operation::CampaignCreate, "/api/v1/campaigns", Access::Role(model::Role::Marketer))
        .says("Makes a draft.")
        .takes::<CampaignDraft>()
        .answers::<Campaign>(201),
    Route::get(Operation::CampaignFetch, "/api/v1/campaigns/{id}", Access::Role(model::Role::Viewer))
        .says("One campaign; `id` is its number or its name.")
        .answers::<Campaign>(200),
    Route::put(Operation::CampaignReplace, "/api/v1/campaigns/{id}", Access::Role(model::Role::Marketer))
        .says("Replaces a draft; refused when somebody else did so in between, or once it is launched.")
        .takes::<CampaignReplace>()
        .answers::<Campaign>(200),
    Route::post(Operation::CampaignPreview, "/api/v1/campaigns/{id}/preview", Access::Role(model::Role::Viewer))
        .says("Shows the message as one customer would see it; sends nothing.")
        .takes::<PreviewQuestion>()
        .answers::<Preview>(200),
    Route::post(Operation::CampaignTest, "/api/v1/campaigns/{id}/test", Access::Role(model::Role::Marketer))
        .says("Sends the message, as one customer would see it, to an address of yours.")
        .takes::<TestSend>()
        .answers::<TestSent>(200),
    Route::post(Operation::CampaignCheck, "/api/v1/campaigns/{id}/check", Access::Role(model::Role::Viewer))
        .says("Before launch: is it relevant, is it the best way, is it the best time, and for whom would it break.")
        .answers::<LaunchCheck>(200),
    Route::get(Operation::CampaignBroken, "/api/v1/campaigns/{id}/broken", Access::Role(model::Role::Viewer))
        .says("Everybody in the audience for whom the content would break, and where.")
        .queries::<PageQuery>()
        .answers::<Page<BrokenFor>>(200),
    Route::post(Operation::CampaignLaunch, "/api/v1/campaigns/{id}/launch", Access::Role(model::Role::Marketer))
        .says("Sends, now or at the campaign's time.")
        .takes::<CampaignAct>()
        .answers::<Campaign>(202),
    Route::post(Operation::CampaignPause, "/api/v1/campaigns/{id}/pause", Access::Role(model::Role::Marketer))
        .says("Stops handing messages over, and remembers exactly where.")
        .takes::<CampaignAct>()
        .answers::<Campaign>(202),
    Route::post(Operation::CampaignResume, "/api/v1/campaigns/{id}/resume", Access::Role(model::Role::Marketer))
        .says("Goes on exactly where it was paused.")
        .takes::<CampaignAct>()
        .answers::<Campaign>(202),
    Route::post(Operation::CampaignStop, "/api/v1/campaigns/{id}/stop", Access::Role(model::Role::Marketer))
        .says("Ends it for good; what was not handed over is not sent.")
        .takes::<CampaignAct>()
        .answers::<Campaign>(202),
    Route::get(Operation::CampaignReport, "/api/v1/campaigns/{id}/report", Access::Role(model::Role::Viewer))
        .says("What became of it: messages by outcome, why some were left out, and what was bought, against the holdout.")
        .answers::<CampaignReport>(200),
    Route::get(Operation::CampaignMessages, "/api/v1/campaigns/{id}/messages", Access::Role(model::Role::Viewer))
        .says("The campaign's messages, by outcome or reason.")
        .queries::<CampaignMessagesQuery>()
        .answers::<Page<MessageSummary>>(200),
];

/// Where a campaign stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CampaignState {
    /// It is being written.
    Draft,
    /// It waits for its time.
    Scheduled,
    /// It is being sent.
    Running,
    /// Somebody paused it.
    Paused,
    /// Somebody stopped it.
    Stopped,
    /// Everybody got a decision, and every attempt its outcome.
    Finished,
}

/// What a marketer decides about a campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignDraft {
    /// Its name: 1 to 100 characters, unique in the workspace.
    #[schema(example = "autumn shoes")]
    pub name: String,
    /// The name of the audience; missing while undecided.
    #[schema(example = "regulars")]
    pub audience: Option<String>,
    /// Why we contact them.
    pub purpose: Purpose,
    /// What it is about; who left the topic does not get it.
    #[schema(example = "new_arrivals")]
    pub topic: Option<String>,
    /// On which channel.
    pub channel: Channel,
    /// The message in each language. The first one counts when a customer's language has none.
    pub variants: Vec<Variant>,
    /// When. Missing: as soon as it is launched.
    pub send_at: Option<Time>,
    /// How many in a hundred of the audience get nothing, to measure the difference.
    #[schema(example = 5.0, minimum = 0.0, maximum = 50.0)]
    #[serde(default)]
    pub holdout_percent: f64,
    /// At most this many messages are handed over in a minute. Missing: as many as the provider takes.
    #[schema(example = 6000, minimum = 1)]
    pub messages_per_minute_max: Option<u32>,
    /// How many hours after the message a purchase counts for it; 168 when missing.
    #[schema(example = 168, minimum = 1, maximum = 2160)]
    pub attribution_hours: Option<u32>,
}

/// The message in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Its language (BCP 47).
    #[schema(example = "ja")]
    pub language: String,
    /// The subject line; Liquid.
    #[schema(example = "{{ customer.name | default: \"お客様\" }}へ、秋の靴")]
    pub subject: String,
    /// What inboxes show after the subject; Liquid.
    #[schema(example = "3日間だけ")]
    #[serde(default)]
    pub preheader: String,
    /// What `body` is written in.
    pub format: BodyFormat,
    /// The body; Liquid over `format`.
    #[schema(example = "<mjml><mj-body>…</mj-body></mjml>")]
    pub body: String,
    /// The text part; Liquid. Missing: made from the body.
    #[schema(example = "こんにちは…")]
    pub text: Option<String>,
}

/// What a body is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BodyFormat {
    /// MJML.
    Mjml,
    /// HTML.
    Html,
    /// Plain text.
    Text,
}

/// Replaces a draft.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignReplace {
    /// The version that was read; refused when it is no longer the latest.
    #[schema(example = 3)]
    pub version: u32,
    /// What it says now.
    pub draft: CampaignDraft,
}

/// Launches, pauses, resumes or stops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignAct {
    /// The version that was looked at; refused when it is no longer the latest.
    #[schema(example = 3)]
    pub version: u32,
}

/// A campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Campaign {
    /// Its number.
    #[schema(example = 7)]
    pub id: u32,
    /// Where it stands.
    pub state: CampaignState,
    /// Counts its changes, from 1.
    #[schema(example = 3)]
    pub version: u32,
    /// What it says.
    pub draft: CampaignDraft,
    /// What became of its messages so far.
    pub messages: MessageCounts,
    /// How far it is: customers with a decision, out of the audience; missing before launch.
    pub progress: Option<Progress>,
    /// What its provider puts off; missing when nothing.
    pub retrying: Option<Retrying>,
    /// Who made it.
    #[schema(example = "Hanako Yamada")]
    pub created_by: String,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed last.
    pub changed_at: Time,
    /// When it was launched; missing before.
    pub launched_at: Option<Time>,
    /// When the last message had its outcome; missing before.
    pub finished_at: Option<Time>,
}

/// How far a campaign is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// Customers with a decision.
    #[schema(example = 400)]
    pub decided: u64,
    /// Customers in the audience when it was resolved.
    #[schema(example = 1000)]
    pub of: u64,
}

/// Messages that their provider puts off: it is away, slow, or says "not now". Each is tried again, ever more seldom, for
/// about five days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Retrying {
    /// How many messages wait for another attempt.
    #[schema(example = 120)]
    pub messages: u64,
    /// Since when the provider has taken nothing of this campaign; missing when it took another message since.
    pub since: Option<Time>,
    /// When the first of them is tried again.
    pub next_attempt: Time,
    /// What the provider said last, or what happened instead.
    #[schema(example = "451 4.3.0 try again later")]
    pub reply: Option<String>,
}

/// A campaign in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CampaignBrief {
    /// Its number.
    #[schema(example = 7)]
    pub id: u32,
    /// Its name.
    #[schema(example = "autumn shoes")]
    pub name: String,
    /// Where it stands.
    pub state: CampaignState,
    /// Counts its changes, from 1.
    #[schema(example = 3)]
    pub version: u32,
    /// The name of the audience; missing while undecided.
    #[schema(example = "regulars")]
    pub audience: Option<String>,
    /// On which channel.
    pub channel: Channel,
    /// When it goes or went out; missing while undecided.
    pub send_at: Option<Time>,
    /// What became of its messages so far.
    pub messages: MessageCounts,
    /// How far it is; missing before launch.
    pub progress: Option<Progress>,
    /// What its provider puts off; missing when nothing.
    pub retrying: Option<Retrying>,
    /// When it was changed last.
    pub changed_at: Time,
}

/// As whom to look at a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewQuestion {
    /// A customer id or an identifier like `user_id:42`. Missing: the first one of the audience.
    #[schema(example = "c2a1")]
    pub customer: Option<String>,
    /// Which variant. Missing: the one this customer would get.
    #[schema(example = "ja")]
    pub language: Option<String>,
    /// Look at this instead of what is saved.
    pub variant: Option<Variant>,
}

/// A message as one customer would see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Preview {
    /// The customer; missing when there is none to look as.
    pub customer: Option<Customer>,
    /// What to call the customer on screen.
    #[schema(example = "Hanako Yamada")]
    pub label: Option<String>,
    /// The variant that was chosen.
    #[schema(example = "ja")]
    pub language: String,
    /// The sender.
    #[schema(example = "Shop <news@shop.example>")]
    pub from: String,
    /// The subject line.
    #[schema(example = "山田様へ、秋の靴")]
    pub subject: String,
    /// What inboxes show after the subject.
    #[schema(example = "3日間だけ")]
    pub preheader: String,
    /// The HTML part.
    #[schema(example = "<html>…</html>")]
    pub html: Option<String>,
    /// The text part.
    #[schema(example = "山田様…")]
    pub text: String,
    /// What breaks. Empty: it can be sent.
    pub errors: Vec<ContentError>,
}

/// What breaks in a message, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContentError {
    /// In which language.
    #[schema(example = "ja")]
    pub language: String,
    /// In which part: `subject`, `preheader`, `body`, `text`.
    #[schema(example = "subject")]
    pub part: String,
    /// The line, from 1; missing when no place is at fault.
    #[schema(example = 1)]
    pub line: Option<u32>,
    /// The column in characters, from 1; missing when no place is at fault.
    #[schema(example = 4)]
    pub column: Option<u32>,
    /// What is wrong.
    #[schema(example = "`customer.name` is missing and has no fallback")]
    pub message: String,
    /// What to do about it.
    #[schema(example = "add `| default: \"…\"`")]
    pub fix: Option<String>,
}

/// Sends a message to an address of yours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestSend {
    /// Where to.
    #[schema(example = "me@shop.example")]
    pub to: String,
    /// As whom: a customer id or an identifier. Missing: the first one of the audience.
    #[schema(example = "c2a1")]
    pub customer: Option<String>,
    /// Which variants. Empty: all.
    #[schema(example = json!(["ja", "en"]))]
    #[serde(default)]
    pub languages: Vec<String>,
}

/// What became of a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TestSent {
    /// How many messages the provider took.
    #[schema(example = 2)]
    pub sent: u32,
    /// What went wrong with the others.
    pub errors: Vec<ContentError>,
}

/// The questions before launch, answered with numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LaunchCheck {
    /// Up to which instant this is true.
    pub as_of: Time,
    /// The version that was looked at; launch with it.
    #[schema(example = 3)]
    pub version: u32,
    /// Whether it can be launched.
    #[schema(example = true)]
    pub ready: bool,
    /// What will happen to how many people and when, in one English sentence.
    #[schema(example = "1,000 people are in the audience; 800 get an e-mail now, 200 are left out.")]
    pub sentence: String,
    /// What must be mended first.
    pub obstacles: Vec<Obstacle>,
    /// Is it relevant: who is in, who is not and why.
    pub relevant: Relevant,
    /// Is it the best way: how the audience can be reached.
    pub best_way: BestWay,
    /// Is it the best time: what hour it will be where they are.
    pub best_time: BestTime,
    /// Those for whom the content would break.
    pub broken: Broken,
    /// How long the answer took, in milliseconds.
    #[schema(example = 412.0)]
    pub took_ms: f64,
}

/// The things that stand in the way of a launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObstacleCode {
    /// No audience is chosen.
    NoAudience,
    /// The audience cannot be resolved.
    BadAudience,
    /// The workspace has no sender address.
    NoSender,
    /// There is no message yet.
    NothingSaid,
    /// The message cannot be read.
    BadContent,
}

/// What stands in the way of a launch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Obstacle {
    /// Which one, for those who say it in their own words.
    pub code: ObstacleCode,
    /// Which field of the draft or the settings.
    #[schema(example = "draft.audience")]
    pub field: String,
    /// What is missing or wrong.
    #[schema(example = "no audience is chosen")]
    pub message: String,
    /// What to do about it.
    #[schema(example = "choose one of the audiences")]
    pub fix: String,
}

/// Who is in, who is not and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Relevant {
    /// How many are in the audience.
    #[schema(example = 1000)]
    pub audience: u64,
    /// How many would get the message.
    #[schema(example = 800)]
    pub send: u64,
    /// How many would be held back for now.
    #[schema(example = 0)]
    pub hold: u64,
    /// How many would be left out, by gate and reason, the most first.
    pub left_out: Vec<LeftOut>,
    /// Some of those who would get it.
    pub examples: Vec<Customer>,
}

/// Those left out for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeftOut {
    /// The gate that decided.
    #[schema(example = "consent")]
    pub gate: String,
    /// Its reason.
    #[schema(example = "no_consent")]
    pub reason: String,
    /// How many.
    #[schema(example = 150)]
    pub customers: u64,
    /// Some of them.
    pub examples: Vec<Customer>,
}

/// How the audience can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BestWay {
    /// How many of the audience each channel reaches.
    pub reach: Vec<Reach>,
    /// How many lack the consent this purpose needs.
    #[schema(example = 150)]
    pub consent_missing: u64,
    /// How many no allowed channel reaches.
    #[schema(example = 30)]
    pub unreachable: u64,
}

/// What hour it will be where they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BestTime {
    /// When it would go out.
    pub at: Time,
    /// How many of those who get it have each local hour then, 24 numbers from midnight.
    #[schema(example = json!([0, 0, 0, 0, 0, 0, 0, 0, 0, 12, 780, 8]))]
    pub local_hours: Vec<u64>,
    /// How many would get it in their quiet hours.
    #[schema(example = 12)]
    pub in_quiet_hours: u64,
    /// How many have no time zone of their own, so that the workspace's counts.
    #[schema(example = 640)]
    pub zone_unknown: u64,
}

/// Those for whom the content would break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Broken {
    /// How many customers.
    #[schema(example = 3)]
    pub customers: u64,
    /// How many were tried.
    #[schema(example = 800)]
    pub tried: u64,
    /// Some of them; `/broken` has them all.
    pub examples: Vec<BrokenFor>,
}

/// One customer for whom the content would break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BrokenFor {
    /// Who.
    pub customer: Customer,
    /// What breaks.
    pub error: ContentError,
}

/// What became of a campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CampaignReport {
    /// Up to which instant this is true.
    pub as_of: Time,
    /// The campaign.
    pub campaign: CampaignBrief,
    /// Its messages by what became of them.
    pub messages: MessageCounts,
    /// Those left out, by gate and reason, the most first.
    pub left_out: Vec<LeftOut>,
    /// Those held back, by gate.
    pub held: Vec<LeftOut>,
    /// What the links were worth.
    pub links: Vec<LinkClicks>,
    /// What those bought who got it.
    pub reached: Outcome,
    /// What the message changed, against those deliberately left alone; missing without a holdout.
    pub comparison: Option<Comparison>,
    /// How many hours after the message a purchase counts.
    #[schema(example = 168)]
    pub attribution_hours: u32,
    /// When the last customer's hours are over: until then what was bought still grows; missing before anybody was decided on.
    pub closes_at: Option<Time>,
}

/// How often a link was followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LinkClicks {
    /// Where it leads.
    #[schema(example = "https://shop.example/shoes")]
    pub url: String,
    /// By how many customers.
    #[schema(example = 54)]
    pub customers: u64,
    /// How often.
    #[schema(example = 71)]
    pub clicks: u64,
}

/// What a group of customers bought within the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Outcome {
    /// How many customers are in the group.
    #[schema(example = 800)]
    pub customers: u64,
    /// How many of them bought.
    #[schema(example = 61)]
    pub buyers: u64,
    /// How many purchases.
    #[schema(example = 70)]
    pub purchases: u64,
    /// What they paid, in the workspace's currency.
    #[schema(example = 348_600.0)]
    pub revenue: f64,
}

/// Those who might get the message against those deliberately left alone.
///
/// Everybody counts who passed the policy up to the holdout, whether or not the message arrived: the holdout is made of
/// exactly such people, and so chance alone decided between the two groups.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Comparison {
    /// What those bought who might get it.
    pub contacted: Outcome,
    /// What those bought who were left alone.
    pub holdout: Outcome,
    /// The share of buyers among those contacted, less that of the holdout (Newcombe's hybrid score interval).
    pub buyers: Difference,
    /// What a customer paid on average, less that of the holdout (Welch's interval); missing below 30 customers in either group.
    pub revenue_per_customer: Option<Difference>,
}

/// A difference and its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Difference {
    /// The difference that was seen.
    #[schema(example = 0.011)]
    pub value: f64,
    /// The lower end of the interval.
    #[schema(example = 0.003)]
    pub low: f64,
    /// Its upper end.
    #[schema(example = 0.019)]
    pub high: f64,
    /// What that lets one say.
    pub reading: Reading,
}

/// What an interval around a difference lets one say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// More; chance alone is an unlikely explanation.
    More,
    /// Less; chance alone is an unlikely explanation.
    Less,
    /// Too few to say.
    Open,
}

/// Which messages of a campaign.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct CampaignMessagesQuery {
    /// Only with this outcome or state: `send`, `hold`, `suppress`, `sent`, `delivered`, `opened`, `clicked`,
    /// `bounced`, `failed`, `complained`, `unsubscribed`.
    #[param(example = "suppress")]
    pub outcome: Option<String>,
    /// Only with this reason.
    #[param(example = "no_consent")]
    pub reason: Option<String>,
    /// Start after this: the `next` of the page before.
    #[param(example = "c2a1")]
    pub after: Option<String>,
    /// At most this many items: 1 to 1000, 50 when missing.
    #[param(example = 50, minimum = 1, maximum = 1000)]
    pub limit: Option<usize>,
}
