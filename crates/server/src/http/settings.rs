//! The workspace's settings, and the audit log.

use std::sync::Arc;

use api::settings::{AuditEntry, Dkim, Provider, Settings, SettingsAnswer, SettingsReplace};
use api::{Operation, Page, PageQuery, Problem, Word};
use axum::Json as Reply;
use axum::extract::State;
use channels::KindDoors;
use delivery::Minute;

use super::app::App;
use super::body::{Json, Query};
use super::caller::Caller;
use super::check;
use super::failure::{Answer, Failure};
use super::keeping;
use crate::courier::provider_settings;
use crate::workspace::{Document, Versioned};

/// The settings, without their secrets.
pub(super) async fn settings_fetch(State(app): State<Arc<App>>, caller: Caller) -> Answer<SettingsAnswer> {
    let Some(kept) = app.house.store.settings_fetch(caller.workspace.id).await? else {
        return Err(Failure::of(
            Problem::not_found("the workspace has no settings").fix("run `omotenashi doctor`"),
        ));
    };
    Ok(Reply(shown(&caller, &kept)))
}

/// Replaces the settings; secrets that are missing stay as they were.
pub(super) async fn settings_replace(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(replace): Json<SettingsReplace>,
) -> Answer<SettingsAnswer> {
    let before = caller.workspace.document();
    let mut settings = replace.settings;
    keep_secrets(&mut settings, &before.document.settings);
    checked(&settings)?;
    keeping::meant(&app, &caller, (&before.document.settings, &settings), replace.remove_events).await?;
    let document = Document { settings, ..before.document.clone() };
    checked_providers(&app, &document)?;
    let json = serde_json::to_value(&document).expect("settings have a JSON form");
    let at = (caller.workspace.id, replace.version);
    let kept = app.house.store.settings_replace(at, &json, &caller.act(&app)).await?;
    caller.workspace.set_document(Versioned { version: kept.version, document });
    app.audit(&caller, Operation::SettingsReplace, &format!("version {}", kept.version)).await?;
    app.follow(&caller).await;
    Ok(Reply(shown(&caller, &kept)))
}

/// Who did what when.
pub(super) async fn audit_list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> Answer<Page<AuditEntry>> {
    let before = check::cursor(page.after.as_deref())?;
    let limit = page.limit();
    let entries = app.house.store.audit_list(caller.workspace.id, before, limit).await?;
    let next = check::next(&entries, limit, |entry| entry.id.to_string());
    let items = entries.into_iter().map(|entry| AuditEntry {
        at: Word(entry.at),
        who: entry.who.to_string(),
        what: entry.what.to_string(),
        subject: entry.subject.to_string(),
        detail: entry.detail.to_string(),
    });
    Ok(Reply(Page { items: items.collect(), next }))
}

fn shown(caller: &Caller, kept: &store::Settings) -> SettingsAnswer {
    let latest = caller.workspace.document();
    let mut settings = latest.document.settings.clone();
    for provider in &mut settings.providers {
        match provider {
            Provider::Sandbox(_) => {}
            Provider::Smtp(smtp) => smtp.password = None,
            Provider::Webhook(webhook) => webhook.secret = None,
        }
    }
    SettingsAnswer {
        workspace: caller.workspace.name.to_string(),
        version: latest.version,
        settings,
        dkim: dkim(&latest.document),
        changed_by: kept.changed_by.to_string(),
        changed_at: Word(kept.changed_at),
    }
}

/// A provider at the same place keeps its secret when none is sent.
fn keep_secrets(settings: &mut Settings, before: &Settings) {
    for (provider, before) in settings.providers.iter_mut().zip(&before.providers) {
        match (provider, before) {
            (Provider::Smtp(now), Provider::Smtp(before)) if now.password.is_none() => {
                now.password.clone_from(&before.password);
            }
            (Provider::Webhook(now), Provider::Webhook(before)) if now.secret.is_none() => {
                now.secret.clone_from(&before.secret);
            }
            (Provider::Sandbox(_) | Provider::Smtp(_) | Provider::Webhook(_), _) => {}
        }
    }
}

fn checked(settings: &Settings) -> Result<(), Failure> {
    let wrong = |field: &str, value: &str, detail: &str, fix: &str| {
        Err(Failure::of(Problem::invalid(format!("settings.{field}"), detail).value(value).fix(fix)))
    };
    check::time_zone("settings.time_zone", &settings.time_zone)?;
    check::language("settings.language", &settings.language)?;
    if settings.currency.len() != 3 || !settings.currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return wrong(
            "currency",
            &settings.currency,
            "not a currency",
            "use three capitals of ISO 4217, like `JPY`",
        );
    }
    check::name("settings.purchase_event", &settings.purchase_event)?;
    check::name("settings.amount_property", &settings.amount_property)?;
    let url = &settings.public_url;
    if !(url.starts_with("https://") || url.starts_with("http://")) || url.contains(char::is_whitespace) {
        return wrong("public_url", url, "not a web address", "use one like `https://news.shop.example`");
    }
    if !(0.0..=50.0).contains(&settings.holdout_percent) {
        let value = settings.holdout_percent.to_string();
        return wrong("holdout_percent", &value, "a holdout is 0 to 50 percent", "choose a smaller one");
    }
    keeping::checked("settings.keep_events_months", settings.keep_events_months)?;
    if let Some(quiet) = &settings.quiet_hours {
        for (field, value) in [("quiet_hours.from", &quiet.from), ("quiet_hours.until", &quiet.until)] {
            if Minute::parse(value).is_none() {
                return wrong(field, value, "not a time of day", "use 24 hours, like `21:00`");
            }
        }
    }
    checked_sender(settings)
}

fn checked_sender(settings: &Settings) -> Result<(), Failure> {
    let sender = &settings.sender;
    if !sender.email.is_empty() {
        check::email("settings.sender.email", &sender.email)?;
    }
    for (field, value) in [("reply_to", &sender.reply_to), ("return_path", &sender.return_path)] {
        if let Some(value) = value {
            check::email(&format!("settings.sender.{field}"), value)?;
        }
    }
    for (index, provider) in settings.providers.iter().enumerate() {
        let field = |name: &str| format!("settings.providers[{index}].{name}");
        match provider {
            Provider::Sandbox(_) => {}
            Provider::Smtp(smtp) => {
                check::name(&field("host"), &smtp.host)?;
                if !(1..=64).contains(&smtp.connections_max) {
                    let problem = Problem::invalid(field("connections_max"), "1 to 64 connections at once");
                    return Err(Failure::of(
                        problem.value(smtp.connections_max).fix("choose a number between"),
                    ));
                }
            }
            Provider::Webhook(webhook)
                if webhook.url.starts_with("https://") || webhook.url.starts_with("http://") => {}
            Provider::Webhook(webhook) => {
                let problem = Problem::invalid(field("url"), "not a web address").value(&webhook.url);
                return Err(Failure::of(problem.fix("use one like `https://hooks.shop.example/omotenashi`")));
            }
        }
    }
    Ok(())
}

/// Every provider can be opened: a campaign does not wait for one that never can.
fn checked_providers(app: &App, document: &Document) -> Result<(), Failure> {
    let doors = KindDoors { mailbox: Arc::clone(&app.house.mailbox) };
    for (index, provider) in document.settings.providers.iter().enumerate() {
        let (word, _, settings) = provider_settings(provider, document);
        if let Err(bad) = channels::open(word, settings, &doors) {
            let problem = Problem::invalid(format!("settings.providers[{index}]"), bad.problem);
            return Err(Failure::of(problem.value(word).fix("correct what it names")));
        }
    }
    Ok(())
}

/// What to publish; there is a key to publish only once there is a domain to publish it under.
fn dkim(document: &Document) -> Option<Dkim> {
    let settings = document.dkim_settings().into_iter().next()?;
    let settings: channels::dkim::Settings = serde_json::from_value(settings).ok()?;
    let record_value = channels::dkim::Signer::new(&settings).ok()?.record()?;
    Some(Dkim {
        record_name: format!("{}._domainkey.{}", settings.selector, settings.domain),
        domain: settings.domain,
        selector: settings.selector,
        record_value,
    })
}
