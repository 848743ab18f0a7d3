//! The workspace's settings, and who did what when.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::route::{Access, Operation, Route};
use crate::{Channel, Page, PageQuery, Time};

/// What this group serves.
pub const ROUTES: &[Route] = &[
    Route::get(Operation::SettingsFetch, "/api/v1/settings", Access::Role(model::Role::Viewer))
        .says("The workspace's settings; secrets are never shown.")
        .answers::<SettingsAnswer>(200),
    Route::put(Operation::SettingsReplace, "/api/v1/settings", Access::Role(model::Role::Admin))
        .says("Replaces the settings; refused when somebody else did so in between.")
        .takes::<SettingsReplace>()
        .answers::<SettingsAnswer>(200),
    Route::get(Operation::SettingsRetention, "/api/v1/settings/retention", Access::Role(model::Role::Admin))
        .says("What would be removed if events were kept for so many months.")
        .queries::<KeepingQuery>()
        .answers::<KeepingAnswer>(200),
    Route::get(Operation::AuditList, "/api/v1/settings/audit", Access::Role(model::Role::Admin))
        .says("Who did what when, the latest first.")
        .queries::<PageQuery>()
        .answers::<Page<AuditEntry>>(200),
];

/// What a workspace decides once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The time zone of calendars and charts, and of customers whose own is not known (IANA).
    #[schema(example = "Asia/Tokyo")]
    pub time_zone: String,
    /// The language of content when a customer's own is not known (BCP 47).
    #[schema(example = "ja")]
    pub language: String,
    /// The currency of amounts (ISO 4217).
    #[schema(example = "JPY")]
    pub currency: String,
    /// The event that is a purchase.
    #[schema(example = "purchase")]
    pub purchase_event: String,
    /// The property of it that holds the amount.
    #[schema(example = "amount")]
    pub amount_property: String,
    /// Where customers reach this server: links in messages begin with it.
    #[schema(example = "https://news.shop.example")]
    pub public_url: String,
    /// Whether messages carry a pixel that tells when they are seen.
    #[schema(example = true)]
    pub track_opens: bool,
    /// Whether links in messages lead through this server.
    #[schema(example = true)]
    pub track_clicks: bool,
    /// When nobody is to be disturbed, in the customer's own time zone; missing: never.
    pub quiet_hours: Option<QuietHours>,
    /// How many in a hundred customers never get marketing, to measure all of it.
    #[schema(example = 0.0, minimum = 0.0, maximum = 50.0)]
    pub holdout_percent: f64,
    /// For how many months events are kept: the current calendar month (UTC) and so many before it. Missing: for ever.
    /// Profiles, consents, audiences and messages stay.
    #[schema(example = 13, minimum = 1, maximum = 1200)]
    pub keep_events_months: Option<u32>,
    /// Who speaks.
    pub sender: Sender,
    /// Who carries messages: the first one of a channel counts.
    pub providers: Vec<Provider>,
}

/// The least number of months for which events are kept.
pub const KEEP_EVENTS_MONTHS_MIN: u32 = 1;
/// The greatest number of months for which events are kept; for longer: for ever.
pub const KEEP_EVENTS_MONTHS_MAX: u32 = 1_200;

/// When nobody is to be disturbed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// From this local time on.
    #[schema(example = "21:00")]
    pub from: String,
    /// Until this local time, the next day when it is earlier.
    #[schema(example = "08:00")]
    pub until: String,
}

/// Who speaks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// The name in the inbox.
    #[schema(example = "Shop")]
    pub name: String,
    /// The address messages come from.
    #[schema(example = "news@shop.example")]
    pub email: String,
    /// Where answers go; missing: to `email`.
    #[schema(example = "hello@shop.example")]
    pub reply_to: Option<String>,
    /// Where undeliverable mail comes back to; missing: to `email`.
    #[schema(example = "bounces@shop.example")]
    pub return_path: Option<String>,
    /// The postal address that the law wants below marketing.
    #[schema(example = "1-1 Chiyoda, Tokyo")]
    pub postal_address: String,
}

/// Who carries messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Provider {
    /// Keeps messages in a mailbox that the console shows.
    Sandbox(Sandbox),
    /// Hands e-mail to a mail server.
    Smtp(Smtp),
    /// Posts messages to a URL, signed.
    Webhook(Webhook),
}

/// Keeps messages in a mailbox that the console shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Sandbox {
    /// For which channel.
    pub channel: Channel,
}

/// Hands e-mail to a mail server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Smtp {
    /// The server's name or address.
    #[schema(example = "mail.shop.example")]
    pub host: String,
    /// Its port.
    #[schema(example = 587)]
    pub port: u16,
    /// How the connection is protected.
    pub security: SmtpSecurity,
    /// The user name; missing: nobody signs in.
    #[schema(example = "news")]
    pub username: Option<String>,
    /// The password. Never shown; missing when replacing: as it was.
    #[schema(example = "secret", format = Password, write_only)]
    pub password: Option<String>,
    /// How many connections at once.
    #[schema(example = 4, minimum = 1, maximum = 64)]
    pub connections_max: u16,
}

/// How a connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SmtpSecurity {
    /// Plain at first, then encrypted; refused when the server cannot.
    StartTls,
    /// Encrypted from the first byte.
    Tls,
    /// Not at all: for a server on the same machine.
    None,
}

/// Posts messages to a URL, signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Webhook {
    /// Where to.
    #[schema(example = "https://hooks.shop.example/omotenashi")]
    pub url: String,
    /// What signatures are made with. Never shown; missing when replacing: as it was.
    #[schema(example = "secret", format = Password, write_only)]
    pub secret: Option<String>,
}

/// The settings as they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SettingsAnswer {
    /// The workspace's name.
    #[schema(example = "shop")]
    pub workspace: String,
    /// Counts the changes, from 1.
    #[schema(example = 3)]
    pub version: u32,
    /// The settings; secrets are missing.
    pub settings: Settings,
    /// What to publish so that mail is believed to be yours; missing until there is a sender address.
    pub dkim: Option<Dkim>,
    /// Who changed them last.
    #[schema(example = "Hanako Yamada")]
    pub changed_by: String,
    /// When they were changed last.
    pub changed_at: Time,
}

/// The DNS record that proves mail to be yours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Dkim {
    /// The domain that signs.
    #[schema(example = "shop.example")]
    pub domain: String,
    /// The selector.
    #[schema(example = "om1")]
    pub selector: String,
    /// The name of the TXT record.
    #[schema(example = "om1._domainkey.shop.example")]
    pub record_name: String,
    /// What it says.
    #[schema(example = "v=DKIM1; k=ed25519; p=…")]
    pub record_value: String,
}

/// Replaces the settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsReplace {
    /// The version that was read; refused when it is no longer the latest.
    #[schema(example = 3)]
    pub version: u32,
    /// What they say now.
    pub settings: Settings,
    /// Events that are kept no longer are removed for good, and that is meant. Without it settings by which there are such
    /// are refused.
    #[serde(default)]
    #[schema(example = false)]
    pub remove_events: bool,
}

/// For how many months events would be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct KeepingQuery {
    /// As `keep_events_months` of the settings; missing: for ever.
    #[param(example = 13, minimum = 1, maximum = 1200)]
    pub months: Option<u32>,
}

/// What would be removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeepingAnswer {
    /// From when on events would be kept; missing: for ever.
    pub kept_from: Option<Time>,
    /// How many events would be removed. Those of customers who were erased may be among them.
    #[schema(example = 1_204_311)]
    pub events: u64,
    /// The same by calendar month (UTC), the earliest first; months without events are left out.
    pub by_month: Vec<KeepingMonth>,
    /// Events from before this were removed already; missing: none were.
    pub removed_before: Option<Time>,
}

/// The events of a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeepingMonth {
    /// The month.
    #[schema(example = "2024-01")]
    pub month: String,
    /// How many.
    #[schema(example = 88_120)]
    pub events: u64,
}

/// Who did what when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// When.
    pub at: Time,
    /// Who.
    #[schema(example = "Hanako Yamada")]
    pub who: String,
    /// What: the operation.
    #[schema(example = "campaign_launch")]
    pub what: String,
    /// To what.
    #[schema(example = "autumn shoes")]
    pub subject: String,
    /// More about it.
    #[schema(example = "version 3")]
    pub detail: String,
}
