//! Mail that comes back: bounces and complaints, taken from the mail system over LMTP, become receipts.
//!
//! The mail system hears "taken" only when the receipt is durable; otherwise it tries again later.

use std::sync::Arc;

use channels::dsn::{Action, Returned};
use channels::lmtp::{self, Inbound};
use delivery::News;
use model::MessageId;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::receipts;
use crate::workspace::Workspace;

/// How many mails may wait to be taken in.
const INBOX_MAX: usize = 64;

/// A message, and the workspace that sent it.
type Sent = (Arc<Workspace>, MessageId);

/// Takes mail that comes back to any of `workspaces`, for ever: the signed return path says whose it is.
pub async fn serve(workspaces: Vec<Arc<Workspace>>, listener: TcpListener) {
    let (inbox, mut mails) = mpsc::channel(INBOX_MAX);
    let door = tokio::spawn(lmtp::serve(
        listener,
        Arc::new(move |address: &str| whose(&workspaces, address)),
        inbox,
    ));
    while let Some(mail) = mails.recv().await {
        take(mail).await;
    }
    if let Ok(Err(error)) = door.await {
        tracing::error!(%error, "the door for returned mail has closed");
    }
}

/// The message that a return path names: each workspace signs its own, with the keys it has now.
fn whose(workspaces: &[Arc<Workspace>], address: &str) -> Option<Sent> {
    workspaces.iter().find_map(|workspace| {
        let message = workspace.document().document.keys().read_return_path(address).ok()?;
        Some((Arc::clone(workspace), message))
    })
}

async fn take(mail: Inbound<Sent>) {
    let news = news(&mail.returned);
    for (workspace, message) in &mail.messages {
        for news in &news {
            match receipts::take(workspace, *message, news.clone()).await {
                Ok(()) => {}
                Err(receipts::Fault::NoMessage(message)) => {
                    tracing::warn!(%message, "mail came back to a message that is not known");
                }
                // Dropping `done` unsaid asks the mail system to try again later.
                Err(fault) => return tracing::warn!(%fault, "returned mail is not taken in yet"),
            }
        }
    }
    // A mail system that hung up meanwhile will tell it again; the second time counts nothing.
    let _told = mail.done.send(());
}

fn news(returned: &Returned) -> Vec<News> {
    match returned {
        Returned::Status(recipients) => recipients
            .iter()
            .filter_map(|recipient| match recipient.action {
                Action::Failed => {
                    Some(News::Bounced { reason: recipient.reason(), permanent: recipient.is_permanent() })
                }
                Action::Delivered => Some(News::Delivered),
                Action::Delayed => None,
            })
            .collect(),
        Returned::Complaint { .. } => vec![News::Complained],
        Returned::Other => Vec::new(),
    }
}
