//! What most tests of messages need first: settings, people who said yes, a campaign to all of them.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::House;

impl House {
    /// Changes the settings.
    ///
    /// # Errors
    /// When they are not accepted.
    pub fn change_settings(&self, change: impl FnOnce(&mut Value)) -> Result<()> {
        let mut settings = self.get("/api/v1/settings")?.body;
        change(&mut settings["settings"]);
        let body = json!({ "version": settings["version"], "settings": settings["settings"] });
        let answer = self.put("/api/v1/settings", &body)?;
        ensure!(answer.status == 200, "{answer:?}");
        Ok(())
    }

    /// Sends webhooks there, signed with `secret`.
    ///
    /// # Errors
    /// When the settings are not accepted.
    pub fn use_webhook(&self, url: &str, secret: &str) -> Result<()> {
        self.change_settings(|settings| {
            settings["sender"]["email"] = json!("news@shop.example");
            settings["providers"] = json!([{ "kind": "webhook", "url": url, "secret": secret }]);
        })
    }

    /// People who signed up and said yes to marketing, `p0@example.test` and so on.
    ///
    /// # Errors
    /// When they are not all there within a minute.
    pub fn people(&self, count: usize) -> Result<()> {
        let person = |n: usize| {
            let user = format!("p{n}");
            [
                json!({
                    "type": "identify", "userId": user,
                    "traits": { "email": format!("{user}@example.test"), "first_name": "Aiko" },
                    "context": { "consent": { "categoryPreferences": { "marketing": true } } },
                }),
                json!({ "type": "track", "userId": user, "event": "signed_up" }),
            ]
        };
        let batch: Vec<Value> = (0..count).flat_map(person).collect();
        for chunk in batch.chunks(500) {
            ensure!(self.track("/v1/batch", &json!({ "batch": chunk }))?.status == 200);
        }
        let signed_up = json!({ "condition": { "text": "did \"signed_up\" and consented to marketing" } });
        self.ask_until("/api/v1/ask/count", &signed_up, |answer| answer["customers"] == count)?;
        Ok(())
    }

    /// Launches a campaign on this channel to everybody who signed up; at most so many messages a minute.
    ///
    /// # Errors
    /// When it is not accepted.
    pub fn launch_to_all(&self, channel: &str, per_minute_max: Option<u32>) -> Result<u64> {
        let audience = json!({ "name": "all", "condition": { "text": "did \"signed_up\"" } });
        let answer = self.post("/api/v1/audiences", &audience)?;
        ensure!(answer.status == 201, "{answer:?}");
        let draft = json!({
            "name": "hello", "audience": "all", "purpose": "marketing", "channel": channel,
            "variants": [{
                "language": "en", "subject": "Hello {{ customer.first_name }}", "format": "text",
                "body": "Hi {{ customer.first_name }}",
            }],
            "messages_per_minute_max": per_minute_max,
        });
        let answer = self.post("/api/v1/campaigns", &draft)?;
        ensure!(answer.status == 201, "{answer:?}");
        let campaign = answer.body["id"].as_u64().context("a campaign has a number")?;
        self.act(campaign, "launch")?;
        Ok(campaign)
    }

    /// Launches, pauses, resumes or stops a campaign.
    ///
    /// # Errors
    /// When it is not accepted.
    pub fn act(&self, campaign: u64, act: &str) -> Result<()> {
        let version = self.campaign(campaign)?["version"].clone();
        let answer =
            self.post(&format!("/api/v1/campaigns/{campaign}/{act}"), &json!({ "version": version }))?;
        ensure!((200..300).contains(&answer.status), "{act}: {answer:?}");
        Ok(())
    }

    /// A campaign as the API shows it.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn campaign(&self, campaign: u64) -> Result<Value> {
        Ok(self.get(&format!("/api/v1/campaigns/{campaign}"))?.body)
    }

    /// The campaign as soon as it is as wanted.
    ///
    /// # Errors
    /// When it is not within a minute.
    pub fn campaign_until(&self, campaign: u64, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        self.wait(&format!("/api/v1/campaigns/{campaign}"), wanted)
    }
}
