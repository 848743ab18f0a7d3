//! Campaigns: drafts in the records, what becomes of them in the engine.

use std::sync::Arc;

use api::campaigns::{
    BrokenFor, Campaign, CampaignAct, CampaignBrief, CampaignDraft, CampaignMessagesQuery, CampaignReplace,
    CampaignReport, CampaignState, LaunchCheck, Preview, PreviewQuestion, Progress, Retrying, TestSend,
    TestSent,
};
use api::home::MessageCounts;
use api::why::MessageSummary;
use api::{Operation, Page, PageQuery, Problem, Word};
use axum::Json as Reply;
use axum::extract::{Path, State};
use delivery::{Reason, RunId, RunState, Story};
use model::{CampaignId, CustomerId, ErrorKind, Instant, MessageId};
use store::CampaignText;

use super::app::App;
use super::body::{Json, Query};
use super::caller::Caller;
use super::draft;
use super::failure::{Answer, Failure};
use super::{blocking, check, people as shown, trial};
use crate::campaigns::{self, Command, Launched};
use crate::conditions::Conditions;
use crate::engine::World;

/// All campaigns, the latest first.
pub(super) async fn campaign_list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> Answer<Page<CampaignBrief>> {
    let before = check::cursor(page.after.as_deref())?.map(CampaignId);
    let records = app.house.store.campaign_list(caller.workspace.id, before, page.limit()).await?;
    let next = check::next(&records, page.limit(), |record| record.id.to_string());
    Ok(Reply(Page { items: briefs(&caller, &records).await?, next }))
}

/// Campaigns as lists show them.
pub(super) async fn briefs(
    caller: &Caller,
    records: &[store::Campaign],
) -> Result<Vec<CampaignBrief>, Failure> {
    let ids: Vec<CampaignId> = records.iter().map(|record| record.id).collect();
    let now = caller.engine().now();
    let standings = caller.engine().ask(move |world| {
        ids.into_iter().map(|id| Standing::of(world, id, now)).collect::<Result<Vec<_>, _>>()
    });
    let standings = standings.await??;
    records
        .iter()
        .zip(standings)
        .map(|(record, standing)| Ok(brief(record, &draft::stored(record)?, standing)))
        .collect()
}

/// Where a campaign stands, as the engine sees it.
#[derive(Debug, Clone)]
struct Standing {
    state: CampaignState,
    run: Option<RunId>,
    messages: MessageCounts,
    progress: Option<Progress>,
    retrying: Option<Retrying>,
    launched_at: Option<Instant>,
    finished_at: Option<Instant>,
}

impl Standing {
    fn of(world: &World, campaign: CampaignId, now: Instant) -> Result<Self, people::Error> {
        let Some((id, run)) = world.runs.last_run(campaign) else {
            return Ok(Self {
                state: CampaignState::Draft,
                run: None,
                messages: MessageCounts::default(),
                progress: None,
                retrying: None,
                launched_at: None,
                finished_at: None,
            });
        };
        let state = match run.state {
            RunState::Running if now < run.starts_at() => CampaignState::Scheduled,
            RunState::Running => CampaignState::Running,
            RunState::Paused => CampaignState::Paused,
            RunState::Stopped => CampaignState::Stopped,
            RunState::Done => CampaignState::Finished,
        };
        let counts = world.stories.counts(id)?;
        let over = matches!(state, CampaignState::Finished | CampaignState::Stopped);
        // Until everybody was decided on, nobody knows how many there will be: the page asks the audience.
        let progress = run.resolved.then_some(Progress { decided: run.tally.decided, of: run.tally.decided });
        Ok(Self {
            state,
            run: Some(id),
            messages: campaigns::message_counts(&counts),
            progress,
            retrying: retrying(world, id),
            launched_at: Some(run.launched_at),
            finished_at: counts.last_outcome.filter(|_| over),
        })
    }
}

/// What the provider of a run puts off.
fn retrying(world: &World, run: RunId) -> Option<Retrying> {
    let put_off = world.runs.outbox().put_off(run)?;
    let (since, reply) = world.runs.get(run)?.trouble.clone().unzip();
    Some(Retrying {
        messages: put_off.messages as u64,
        since: since.map(Word),
        next_attempt: Word(put_off.next_attempt),
        reply: reply.map(|reply| reply.to_string()),
    })
}

async fn standing(caller: &Caller, id: CampaignId) -> Result<Standing, Failure> {
    let now = caller.engine().now();
    Ok(caller.engine().ask(move |world| Standing::of(world, id, now)).await??)
}

fn brief(record: &store::Campaign, draft: &CampaignDraft, standing: Standing) -> CampaignBrief {
    CampaignBrief {
        id: record.id.0,
        name: record.text.name.to_string(),
        state: standing.state,
        version: record.edited.version,
        audience: record.text.audience.as_ref().map(ToString::to_string),
        channel: draft.channel,
        send_at: draft.send_at.or(standing.launched_at.map(Word)),
        messages: standing.messages,
        progress: standing.progress,
        retrying: standing.retrying,
        changed_at: Word(record.edited.changed_at),
    }
}

/// The campaign that a path names: by number, else by name.
pub(super) async fn find(app: &App, caller: &Caller, id: &str) -> Result<store::Campaign, Failure> {
    if let Ok(number) = id.parse() {
        match app.house.store.campaign_fetch(caller.workspace.id, CampaignId(number)).await {
            Err(store::Error::NotFound { .. }) => {}
            found => return Ok(found?),
        }
    }
    Ok(app.house.store.campaign_find(caller.workspace.id, id).await?)
}

async fn full(app: &App, caller: &Caller, record: store::Campaign) -> Answer<Campaign> {
    let mut standing = standing(caller, record.id).await?;
    let draft = draft::stored(&record)?;
    if let (Some(run), None) = (standing.run, standing.progress) {
        standing.progress = progress(app, caller, (&draft, run)).await?;
    }
    Ok(Reply(Campaign {
        id: record.id.0,
        state: standing.state,
        version: record.edited.version,
        finished_at: standing.finished_at.map(Word),
        messages: standing.messages,
        progress: standing.progress,
        retrying: standing.retrying,
        launched_at: standing.launched_at.map(Word),
        draft,
        created_by: record.edited.created_by.to_string(),
        created_at: Word(record.edited.created_at),
        changed_at: Word(record.edited.changed_at),
    }))
}

/// How far a run is whose audience is still being walked.
async fn progress(
    app: &App,
    caller: &Caller,
    (draft, run): (&CampaignDraft, RunId),
) -> Result<Option<Progress>, Failure> {
    let Some(audience) = &draft.audience else { return Ok(None) };
    let conditions = Conditions::load(&app.house.store, &caller.workspace).await?;
    let Ok(condition) = conditions.named(audience) else { return Ok(None) };
    let found =
        caller.engine().ask(move |world| world.runs.get(run).map(|run| (run.tally.decided, run.launched_at)));
    let Some((decided, launched_at)) = found.await? else { return Ok(None) };
    let (snapshot, _) = caller.engine().snapshot();
    let of = blocking(move || conditions.evaluate(&condition, &snapshot, launched_at)).await??.len() as u64;
    Ok(Some(Progress { decided, of: of.max(decided) }))
}

/// Makes a draft.
pub(super) async fn campaign_create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(new): Json<CampaignDraft>,
) -> Answer<Campaign> {
    let text = text(&app, &caller, ("", &new)).await?;
    let record = app.house.store.campaign_create(caller.workspace.id, &text, &caller.act(&app)).await?;
    app.audit(&caller, Operation::CampaignCreate, &text.name).await?;
    full(&app, &caller, record).await
}

/// One campaign.
pub(super) async fn campaign_fetch(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Campaign> {
    let record = find(&app, &caller, &id).await?;
    full(&app, &caller, record).await
}

/// Replaces a draft.
pub(super) async fn campaign_replace(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(new): Json<CampaignReplace>,
) -> Answer<Campaign> {
    let record = find(&app, &caller, &id).await?;
    let text = text(&app, &caller, ("draft.", &new.draft)).await?;
    let (edition, act) = ((record.id, new.version), caller.act(&app));
    let record = app.house.store.campaign_replace(caller.workspace.id, edition, &text, &act).await?;
    app.audit(&caller, Operation::CampaignReplace, &text.name).await?;
    full(&app, &caller, record).await
}

/// What is kept of a draft once it was checked and its audience was found.
async fn text(
    app: &App,
    caller: &Caller,
    (prefix, new): (&str, &CampaignDraft),
) -> Result<CampaignText, Failure> {
    let draft = draft::checked(prefix, new)?;
    if let Some(audience) = &draft.audience {
        app.house.store.audience_fetch(caller.workspace.id, audience).await.map_err(|error| {
            Failure::of(
                Failure::from(error)
                    .problem()
                    .field(format!("{prefix}audience"))
                    .fix("choose one of the audiences there are"),
            )
        })?;
    }
    Ok(CampaignText {
        name: draft.name.as_str().into(),
        audience: draft.audience.as_deref().map(Into::into),
        draft: serde_json::to_value(&draft).expect("a draft has a JSON form"),
    })
}

/// Shows the message as one customer would see it; sends nothing.
pub(super) async fn campaign_preview(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(question): Json<PreviewQuestion>,
) -> Answer<Preview> {
    let record = find(&app, &caller, &id).await?;
    let draft = draft::stored(&record)?;
    let customer = reader(&app, &caller, (&draft, question.customer.as_deref())).await?;
    let seen = (customer, question.language.as_deref(), question.variant.as_ref());
    let preview = campaigns::preview(&caller.workspace, (record.id, &draft), seen).await?;
    let label = match customer {
        Some(customer) => Some(shown::label(&*shown::find(&caller, &customer.to_string()).await?)),
        None => None,
    };
    Ok(Reply(Preview { label, ..preview }))
}

/// As whom to look: the customer who was named, else the first one of the audience.
async fn reader(
    app: &App,
    caller: &Caller,
    (draft, named): (&CampaignDraft, Option<&str>),
) -> Result<Option<CustomerId>, Failure> {
    if let Some(named) = named {
        return Ok(Some(shown::find(caller, named).await?.customer));
    }
    let Some(audience) = &draft.audience else { return Ok(None) };
    let conditions = Conditions::load(&app.house.store, &caller.workspace).await?;
    let condition = conditions.named(audience)?;
    let (snapshot, as_of) = caller.engine().snapshot();
    let members = blocking(move || conditions.evaluate(&condition, &snapshot, as_of)).await??;
    Ok(members.page(None, 1).first().copied())
}

/// Sends the message to an address of the caller's own.
pub(super) async fn campaign_test(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(test): Json<TestSend>,
) -> Answer<TestSent> {
    let to = check::email("to", &test.to)?;
    let record = find(&app, &caller, &id).await?;
    let draft = draft::stored(&record)?;
    let customer = reader(&app, &caller, (&draft, test.customer.as_deref())).await?;
    let wanted = |language: &String| test.languages.is_empty() || test.languages.contains(language);
    let indices = draft.variants.iter().enumerate().filter(|(_, variant)| wanted(&variant.language));
    let (mut messages, mut errors) = (Vec::new(), Vec::new());
    for (index, _) in indices {
        let reader = (customer, index, to.as_str());
        match campaigns::test_message(&caller.workspace, (record.id, &draft), reader).await? {
            Ok(message) => messages.push(message),
            Err(broken) => errors.extend(broken),
        }
    }
    let (sent, refused) = trial::send(&app, &caller.workspace, (draft.channel.0, messages)).await?;
    errors.extend(refused);
    app.audit(&caller, Operation::CampaignTest, &format!("{} to {to}", record.text.name)).await?;
    Ok(Reply(TestSent { sent, errors }))
}

/// The questions before launch, answered with numbers.
pub(super) async fn campaign_check(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<LaunchCheck> {
    let record = find(&app, &caller, &id).await?;
    let draft = draft::stored(&record)?;
    let edition = (record.id, record.edited.version, &draft);
    Ok(Reply(campaigns::check(&app.house.store, &caller.workspace, edition).await?))
}

/// Everybody for whom the content would break.
pub(super) async fn campaign_broken(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Query(page): Query<PageQuery>,
) -> Answer<Page<BrokenFor>> {
    let record = find(&app, &caller, &id).await?;
    let draft = draft::stored(&record)?;
    let edition = (record.id, record.edited.version, &draft);
    let from = (check::cursor(page.after.as_deref())?, page.limit());
    let (items, next) = campaigns::broken(&app.house.store, &caller.workspace, edition, from).await?;
    Ok(Reply(Page { items, next: next.map(|next| next.to_string()) }))
}

/// Sends, now or at the campaign's time.
///
/// The record is marked first, so that no second launch can begin; when the engine refuses, the mark is taken back.
pub(super) async fn campaign_launch(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(act): Json<CampaignAct>,
) -> Answer<Campaign> {
    let record = find(&app, &caller, &id).await?;
    let (workspace, edition) = (caller.workspace.id, (record.id, act.version));
    // A campaign that was launched before is launched once more as it was; the engine refuses while it still runs.
    let first = record.launched_at.is_none();
    let record = if first {
        app.house.store.campaign_launch(workspace, edition, &caller.act(&app)).await?
    } else if record.edited.version == act.version {
        record
    } else {
        return Err(
            store::Error::Stale { what: "campaign", name: record.text.name, version: act.version }.into()
        );
    };
    let draft = draft::stored(&record)?;
    let launch = (record.id, record.edited.version, &draft);
    if let Err(refused) = campaigns::launch(&app.house.store, &caller.workspace, launch).await {
        if first {
            app.house.store.campaign_launch_undo(workspace, record.id).await?;
        }
        return Err(refused.into());
    }
    app.audit(&caller, Operation::CampaignLaunch, &record.text.name).await?;
    full(&app, &caller, record).await
}

/// Stops handing messages over.
pub(super) async fn campaign_pause(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(act): Json<CampaignAct>,
) -> Answer<Campaign> {
    steer(&app, &caller, (&id, act), (Command::Pause, Operation::CampaignPause)).await
}

/// Goes on exactly where it was paused.
pub(super) async fn campaign_resume(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(act): Json<CampaignAct>,
) -> Answer<Campaign> {
    steer(&app, &caller, (&id, act), (Command::Resume, Operation::CampaignResume)).await
}

/// Ends it for good.
pub(super) async fn campaign_stop(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(act): Json<CampaignAct>,
) -> Answer<Campaign> {
    steer(&app, &caller, (&id, act), (Command::Stop, Operation::CampaignStop)).await
}

async fn steer(
    app: &App,
    caller: &Caller,
    (id, act): (&str, CampaignAct),
    (command, operation): (Command, Operation),
) -> Answer<Campaign> {
    let record = find(app, caller, id).await?;
    if act.version != record.edited.version {
        let detail = format!("the campaign was changed in between. version=`{}`", record.edited.version);
        let problem = Problem::new(ErrorKind::Conflict, detail).field("version").value(act.version);
        return Err(Failure::of(problem.fix("read it again, then decide")));
    }
    campaigns::command(&caller.workspace, record.id, command).await?;
    app.audit(caller, operation, &record.text.name).await?;
    full(app, caller, record).await
}

/// What became of it.
pub(super) async fn campaign_report(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<CampaignReport> {
    let record = find(&app, &caller, &id).await?;
    let draft = draft::stored(&record)?;
    let standing = standing(&caller, record.id).await?;
    let Some(run) = standing.run else {
        let problem = Problem::new(ErrorKind::Conflict, "the campaign was never launched");
        return Err(Failure::of(problem.value(&record.text.name).fix("launch it first")));
    };
    let brief = brief(&record, &draft, standing);
    let launched = launched(&caller, run).await?;
    let document = caller.workspace.document();
    let (snapshot, as_of) = caller.engine().snapshot();
    let report = blocking(move || {
        let settings = &document.document.settings;
        let purchase = (settings.purchase_event.as_str(), settings.amount_property.as_str());
        campaigns::report(&snapshot, brief, (run, &launched), (purchase, draft.attribution_hours, as_of))
    });
    Ok(Reply(report.await?))
}

/// Everything that is known of a launch, a moment of the fold's time at once.
async fn launched(caller: &Caller, run: RunId) -> Result<Launched, Failure> {
    let counts = caller.engine().ask(move |world| Ok::<_, people::Error>(world.stories.counts(run)?));
    let counts = counts.await??;
    let (mut stories, mut after) = (Vec::new(), None);
    loop {
        let next = caller.engine().ask(move |world| {
            let scanned = world.stories.scan(run, (after, usize::MAX), |_| true)?;
            let owned =
                |(message, story): &(MessageId, Story)| (world.columns.owner(message.customer), *story);
            Ok::<_, people::Error>((scanned.stories.iter().map(owned).collect::<Vec<_>>(), scanned.next))
        });
        let (some, next) = next.await??;
        stories.extend(some);
        after = next;
        if after.is_none() {
            return Ok(Launched { counts, stories });
        }
    }
}

/// The messages of the campaign's last launch, by outcome or reason.
pub(super) async fn campaign_messages(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<CampaignMessagesQuery>,
) -> Answer<Page<MessageSummary>> {
    let record = find(&app, &caller, &id).await?;
    let limit = api::page::limit(query.limit);
    let mut after: Option<CustomerId> = check::cursor(query.after.as_deref())?;
    let Some(run) = standing(&caller, record.id).await?.run else {
        return Ok(Reply(Page { items: Vec::new(), next: None }));
    };
    let query = Arc::new(query);
    let mut page = Vec::new();
    loop {
        let (query, room) = (Arc::clone(&query), limit - page.len());
        let next = caller.engine().ask(move |world| {
            let scanned = world.stories.scan(run, (after, room), |story| wanted(&query, story))?;
            let whose = scanned.stories.iter().map(|(message, _)| shown::whose(world, *message));
            Ok::<_, people::Error>((whose.collect::<Result<Vec<_>, _>>()?, scanned.next))
        });
        let (some, next) = next.await??;
        page.extend(some.into_iter().flatten());
        after = next;
        if after.is_none() || page.len() >= limit {
            break;
        }
    }
    let (snapshot, _) = caller.engine().snapshot();
    let items = blocking(move || campaigns::summaries(&snapshot, &page)).await?;
    Ok(Reply(Page { items, next: after.map(|after| after.to_string()) }))
}

fn wanted(query: &CampaignMessagesQuery, story: &Story) -> bool {
    let reason = || story.last.and_then(|last| last.reason).map(Reason::word);
    query.outcome.as_deref().is_none_or(|word| story.is(word))
        && (query.reason.is_none() || query.reason.as_deref() == reason())
}
