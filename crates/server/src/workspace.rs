//! One workspace while the server runs: its engine and what it decided once.

use std::sync::{Arc, RwLock};

use api::settings::{Provider, Sandbox, Sender, Settings};
use base64::Engine as _;
use delivery::token::Keys;
use delivery::{Minute, Policy, QuietHours, QuietRule, Share};
use host::Entropy;
use model::Text;
use serde::{Deserialize, Serialize};
use store::WorkspaceId;

use crate::engine::{Handle, Voice};

/// One workspace while the server runs.
pub struct Workspace {
    /// Its number in the control plane.
    pub id: WorkspaceId,
    /// Its name.
    pub name: Text,
    /// Its engine.
    pub engine: Handle,
    /// What it decided once. A lock, not a channel: every request reads the latest; it is held to copy a pointer.
    document: RwLock<Arc<Versioned>>,
}

/// The settings document as it is kept, with its version.
#[derive(Debug, Clone, PartialEq)]
pub struct Versioned {
    /// Counts the changes, from 1.
    pub version: u32,
    /// What it says.
    pub document: Document,
}

/// What the control plane keeps for a workspace: what people decide, and the secrets that were made for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// What people decide.
    pub settings: Settings,
    /// Signs links; 64 hexadecimal digits.
    pub link_key: String,
    /// Signed links before; still accepted.
    pub link_key_before: Option<String>,
    /// Draws the holdout; changing it draws everybody anew.
    pub holdout_salt: String,
    /// The seed of the ed25519 key that signs mail; 64 hexadecimal digits.
    pub dkim_key: String,
    /// The name of that key in the DNS.
    pub dkim_selector: String,
}

impl Document {
    /// What a new workspace begins with: a sandbox for e-mail, and fresh keys.
    pub fn fresh(public_url: &str, entropy: &dyn Entropy) -> Self {
        let key = || {
            let mut bytes = [0; 32];
            entropy.fill(&mut bytes);
            hex::encode(bytes)
        };
        Self {
            settings: Settings {
                time_zone: "UTC".into(),
                language: "en".into(),
                currency: "JPY".into(),
                purchase_event: "purchase".into(),
                amount_property: "amount".into(),
                public_url: public_url.to_owned(),
                track_opens: true,
                track_clicks: true,
                quiet_hours: None,
                holdout_percent: 0.0,
                keep_events_months: None,
                sender: Sender::default(),
                providers: vec![Provider::Sandbox(Sandbox { channel: model::Channel::Email.into() })],
            },
            link_key: key(),
            link_key_before: None,
            holdout_salt: key(),
            dkim_key: key(),
            dkim_selector: "om1".into(),
        }
    }

    /// Who speaks, and where links lead.
    pub fn voice(&self) -> Voice {
        Voice {
            base_url: self.settings.public_url.trim_end_matches('/').into(),
            keys: self.keys(),
            track_opens: self.settings.track_opens,
            track_clicks: self.settings.track_clicks,
            zone: self.settings.time_zone.as_str().into(),
            locale: self.settings.language.as_str().into(),
        }
    }

    /// What signs links.
    pub fn keys(&self) -> Keys {
        Keys::new(key_bytes(&self.link_key), self.link_key_before.as_deref().map(key_bytes))
    }

    /// The keys that sign mail, as `channels` reads them; none until there is a sender address.
    pub fn dkim_settings(&self) -> Vec<serde_json::Value> {
        let Some((_, domain)) = self.settings.sender.email.split_once('@') else { return Vec::new() };
        // PKCS#8 (RFC 8410): a fixed head, then the 32 bytes of the seed.
        const HEAD: &str = "302e020100300506032b657004220420";
        let der =
            hex::decode(format!("{HEAD}{}", self.dkim_key)).expect("keys are made by `Document::fresh`");
        let base64 = base64::engine::general_purpose::STANDARD.encode(der);
        let private_key = format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n");
        vec![
            serde_json::json!({ "domain": domain, "selector": self.dkim_selector, "private_key": private_key }),
        ]
    }

    /// The contact policy.
    pub fn policy(&self, version: u32) -> Policy {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 50 percent, checked when it was set"
        )]
        let basis_points = (self.settings.holdout_percent.clamp(0.0, 100.0) * 100.0).round() as u16;
        Policy {
            version,
            holdout: Share::from_basis_points(basis_points).unwrap_or(Share::NONE),
            salt: self.holdout_salt.as_str().into(),
            quiet: self.settings.quiet_hours.as_ref().and_then(quiet_hours),
            zone: self.settings.time_zone.as_str().into(),
        }
    }
}

fn quiet_hours(hours: &api::settings::QuietHours) -> Option<QuietHours> {
    Some(QuietHours {
        from: Minute::parse(&hours.from)?,
        until: Minute::parse(&hours.until)?,
        rule: QuietRule::Hold,
    })
}

fn key_bytes(hexadecimal: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    hex::decode_to_slice(hexadecimal, &mut bytes).expect("keys are made by `Document::fresh`");
    bytes
}

impl Workspace {
    /// A workspace around a running engine.
    pub fn new((id, name): (WorkspaceId, Text), engine: Handle, document: Versioned) -> Self {
        engine.keep_events(document.document.settings.keep_events_months);
        Self { id, name, engine, document: RwLock::new(Arc::new(document)) }
    }

    /// What the workspace decided, as of now.
    pub fn document(&self) -> Arc<Versioned> {
        Arc::clone(&self.document.read().expect("no holder of this lock panics"))
    }

    /// Replaces it; what runs keeps what it was launched with.
    pub fn set_document(&self, document: Versioned) {
        self.engine.keep_events(document.document.settings.keep_events_months);
        *self.document.write().expect("no holder of this lock panics") = Arc::new(document);
    }
}
