//! The wire form of one event of the Segment API.
//!
//! Names are accepted in the camel case of the specification and in the snake
//! case that its older pages show.

use std::fmt;

use model::{Text, Value};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use crate::flat::{Flat, skip_map};
use crate::wire::{Field, object, simpler};

/// How a value of an event takes what it lacks from the batch around it.
pub(crate) trait FillFrom {
    fn fill_from(&mut self, outer: &Self);
}

impl FillFrom for Field<'_> {
    fn fill_from(&mut self, outer: &Self) {
        if self.is_missing() {
            self.clone_from(outer);
        }
    }
}

impl FillFrom for Flat {
    fn fill_from(&mut self, outer: &Self) {
        for (name, value) in outer.values.iter() {
            if self.values.get(name).is_none() {
                self.values.insert(name.clone(), value.clone());
            }
        }
    }
}

/// Fills an object field by field.
macro_rules! fills {
    ($name:ident: $($field:ident),+) => {
        impl FillFrom for $name<'_> {
            fn fill_from(&mut self, outer: &Self) {
                $(self.$field.fill_from(&outer.$field);)+
            }
        }
    };
}

fills!(Context: traits, external_ids, locale, timezone, group_id, device, page, campaign, app, os, consent);
fills!(Device: token, kind, model);
fills!(Page: url, path, title, referrer);
fills!(Campaign: name, source, medium, term, content);
fills!(Product: name, version);

object! {
    /// One event of any call.
    Event {
        kind: Field<'a> = "type" | "action",
        user_id: Field<'a> = "userId" | "user_id",
        anonymous_id: Field<'a> = "anonymousId" | "anonymous_id",
        previous_id: Field<'a> = "previousId" | "previous_id",
        group_id: Field<'a> = "groupId" | "group_id",
        name: Field<'a> = "name",
        category: Field<'a> = "category",
        event: Field<'a> = "event",
        properties: Flat = "properties",
        traits: Flat = "traits",
        context: Context<'a> = "context",
        message_id: Field<'a> = "messageId" | "message_id",
        timestamp: Field<'a> = "timestamp",
        original_timestamp: Field<'a> = "originalTimestamp" | "original_timestamp",
        sent_at: Field<'a> = "sentAt" | "sent_at",
    }
}

object! {
    /// What is kept of `context`.
    Context {
        traits: Flat = "traits",
        external_ids: ExternalIds<'a> = "externalIds",
        locale: Field<'a> = "locale",
        timezone: Field<'a> = "timezone",
        group_id: Field<'a> = "groupId",
        device: Device<'a> = "device",
        page: Page<'a> = "page",
        campaign: Campaign<'a> = "campaign",
        app: Product<'a> = "app",
        os: Product<'a> = "os",
        consent: Flat = "consent",
    }
}

object! {
    /// `context.device`.
    Device {
        token: Field<'a> = "token",
        kind: Field<'a> = "type",
        model: Field<'a> = "model",
    }
}

object! {
    /// `context.page`.
    Page {
        url: Field<'a> = "url",
        path: Field<'a> = "path",
        title: Field<'a> = "title",
        referrer: Field<'a> = "referrer",
    }
}

object! {
    /// `context.campaign`.
    Campaign {
        name: Field<'a> = "name",
        source: Field<'a> = "source",
        medium: Field<'a> = "medium",
        term: Field<'a> = "term",
        content: Field<'a> = "content",
    }
}

object! {
    /// `context.app` and `context.os`.
    Product {
        name: Field<'a> = "name",
        version: Field<'a> = "version",
    }
}

object! {
    /// One entry of `context.externalIds`.
    ExternalId {
        id: Field<'a> = "id",
        kind: Field<'a> = "type",
        collection: Field<'a> = "collection",
    }
}

/// `context.externalIds`.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct ExternalIds<'a>(pub(crate) Vec<ExternalId<'a>>);

impl FillFrom for ExternalIds<'_> {
    fn fill_from(&mut self, outer: &Self) {
        if self.0.is_empty() {
            self.0.clone_from(&outer.0);
        }
    }
}

impl<'de> Deserialize<'de> for ExternalIds<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor;
        impl<'de> Visitor<'de> for ListVisitor {
            type Value = ExternalIds<'de>;
            simpler!(ExternalIds<'de>, |_| ExternalIds::default());
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<ExternalIds<'de>, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = seq.next_element()? {
                    list.push(item);
                }
                Ok(ExternalIds(list))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ExternalIds<'de>, A::Error> {
                skip_map(map)?;
                Ok(ExternalIds::default())
            }
        }
        deserializer.deserialize_any(ListVisitor)
    }
}

impl Context<'_> {
    /// The context that is kept as properties of the event. `docs/ingest.md` lists it.
    pub(crate) fn properties(&self) -> impl Iterator<Item = (Text, Value)> {
        [
            ("context.locale", &self.locale),
            ("context.timezone", &self.timezone),
            ("context.group_id", &self.group_id),
            ("context.device.type", &self.device.kind),
            ("context.device.model", &self.device.model),
            ("context.page.url", &self.page.url),
            ("context.page.path", &self.page.path),
            ("context.page.title", &self.page.title),
            ("context.page.referrer", &self.page.referrer),
            ("context.campaign.name", &self.campaign.name),
            ("context.campaign.source", &self.campaign.source),
            ("context.campaign.medium", &self.campaign.medium),
            ("context.campaign.term", &self.campaign.term),
            ("context.campaign.content", &self.campaign.content),
            ("context.app.name", &self.app.name),
            ("context.app.version", &self.app.version),
            ("context.os.name", &self.os.name),
            ("context.os.version", &self.os.version),
        ]
        .into_iter()
        .filter_map(|(name, field)| Some((Text::new_static(name), field.value()?)))
    }
}

object! {
    /// Any body, as far as it names its sender.
    Keyed {
        write_key: Field<'a> = "writeKey" | "write_key",
    }
}
