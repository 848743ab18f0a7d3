//! The mailbox of the sandbox provider: messages that were "sent" without leaving the house.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::route::{Access, Operation, Route};
use crate::{Channel, Customer, Message, Page, PageQuery, Time};

/// What this group serves.
pub const ROUTES: &[Route] = &[
    Route::get(Operation::SandboxList, "/api/v1/sandbox/messages", Access::Role(model::Role::Viewer))
        .says("What the sandbox provider took, the latest first.")
        .queries::<PageQuery>()
        .answers::<Page<SandboxSummary>>(200),
    Route::get(Operation::SandboxFetch, "/api/v1/sandbox/messages/{id}", Access::Role(model::Role::Viewer))
        .says("One message with its headers and parts.")
        .answers::<SandboxMessage>(200),
];

/// A message in the sandbox mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SandboxSummary {
    /// Its place in the mailbox.
    #[schema(example = "18")]
    pub id: String,
    /// When it was taken.
    pub at: Time,
    /// By which channel.
    pub channel: Channel,
    /// The sender.
    #[schema(example = "Shop <news@shop.example>")]
    pub from: String,
    /// The address.
    #[schema(example = "hanako@example.com")]
    pub to: String,
    /// The subject line.
    #[schema(example = "山田様へ、秋の靴")]
    pub subject: String,
    /// The message; missing for a test.
    pub message: Option<Message>,
    /// The customer; missing for a test.
    pub customer: Option<Customer>,
    /// The campaign's name; missing for a test.
    #[schema(example = "autumn shoes")]
    pub campaign: Option<String>,
    /// Its size in bytes.
    #[schema(example = 18_204)]
    pub bytes: u64,
}

/// One message in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SandboxMessage {
    /// The message in brief.
    pub summary: SandboxSummary,
    /// Its headers, in order.
    pub headers: Vec<Header>,
    /// The HTML part.
    #[schema(example = "<html>…</html>")]
    pub html: Option<String>,
    /// The text part.
    #[schema(example = "山田様…")]
    pub text: Option<String>,
    /// The whole message as it would have gone over the wire.
    #[schema(example = "From: Shop <news@shop.example>\r\n…")]
    pub raw: String,
}

/// One header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Header {
    /// Its name.
    #[schema(example = "List-Unsubscribe")]
    pub name: String,
    /// What it says.
    #[schema(example = "<https://shop.example/u/AZx1>")]
    pub value: String,
}
