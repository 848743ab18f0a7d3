//! What a running campaign needs beyond the journal, and how the fold drives it:
//! the next page of decisions, the next messages to begin.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::settings::Sender;
use columnar::{CustomerSet, Snapshot, View};
use content::{Content, LinkMaker, Mail, Rendering};
use delivery::token::{Keys, Token, URL_BYTES_MAX};
use delivery::{
    Breakage, Candidate, Decision, Ending, Outgoing, Person, Policy, Record, RenderHash, RunId, Standing,
    VariantId, Zone, ZoneSource,
};
use model::{CampaignId, Channel, CustomerId, Instant, MessageId, Properties, Text, Value, stream};
use people::Profile;

use super::world::World;

/// How many messages may be with the courier at once.
pub(super) const COURIER_MAX: usize = 4_096;

/// Resolves an audience over a snapshot as of an instant; the error is for people.
pub type Resolve = Arc<dyn Fn(&Snapshot, Instant) -> Result<CustomerSet, String> + Send + Sync>;

/// What an active run needs beyond the journal. It can always be made again from the control plane.
pub struct Plan {
    /// Which campaign.
    pub campaign: CampaignId,
    /// Which edition of it.
    pub version: u32,
    /// Who is in its audience.
    pub members: Resolve,
    /// What it says, compiled, by variant.
    pub contents: BTreeMap<VariantId, Content>,
    /// The contact policy.
    pub policy: Policy,
    /// Where links lead.
    pub voice: Voice,
    /// Who speaks.
    pub sender: Sender,
}

/// Where the links of a workspace lead, and what its people get whose own zone and language are not known.
#[derive(Clone)]
pub struct Voice {
    /// The address under which this server is reached from outside, without a slash at the end.
    pub base_url: Text,
    /// Signs links.
    pub keys: Keys,
    /// Whether opens are counted.
    pub track_opens: bool,
    /// Whether clicks are counted.
    pub track_clicks: bool,
    /// Used for people whose own is not known.
    pub zone: Text,
    /// Used for people whose own is not known.
    pub locale: Text,
}

/// One message for the courier: everything to render it and to hand it over.
pub struct Job {
    /// What goes where.
    pub outgoing: Outgoing,
    /// To whom; `None` when the person was erased in the meantime.
    pub profile: Option<Arc<Profile>>,
    /// The latest events that the content reads.
    pub last_events: Vec<(Text, Properties)>,
    /// In whose words.
    pub plan: Arc<Plan>,
}

/// For whom a message is rendered, and in which words.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// Which message.
    pub message: MessageId,
    /// In which variant.
    pub variant: VariantId,
    /// Who reads it.
    pub profile: &'a Profile,
    /// The latest events that the content reads: [`last_events`].
    pub last_events: &'a [(Text, Properties)],
}

/// Somebody a message is decided about.
#[derive(Clone, Copy)]
pub struct Addressed<'a> {
    /// The message this would be.
    pub message: MessageId,
    /// Who; `None` when they were erased.
    pub profile: Option<&'a Profile>,
    /// Whether they meet the audience now.
    pub member: bool,
    /// The latest events that the content reads: [`last_events`].
    pub last_events: &'a [(Text, Properties)],
}

impl Plan {
    /// Asks every gate about one message.
    pub fn decide(&self, campaign: &delivery::Campaign, addressed: &Addressed<'_>, now: Instant) -> Decision {
        let Addressed { message, profile, member, last_events } = *addressed;
        let person = profile.map_or_else(|| nobody(message), |profile| person(profile, member));
        let content = |variant: VariantId, _: Channel| match profile {
            Some(profile) => {
                let reader = Reader { message, variant, profile, last_events };
                self.rendered(&reader, now, Content::fingerprint).map(RenderHash)
            }
            None => Err(Breakage { place: "customer".into(), problem: "the customer was erased".into() }),
        };
        let candidate = Candidate { message, now, campaign, person: &person, content: &content };
        delivery::decide(&candidate, &self.policy)
    }

    /// One person's mail, or why there is none.
    ///
    /// # Errors
    /// [`Breakage`] names the place and what is missing.
    pub fn render(&self, reader: &Reader<'_>, now: Instant) -> Result<Mail, Breakage> {
        self.rendered(reader, now, Content::render)
    }

    /// What `write` makes of the content for one person.
    fn rendered<T>(
        &self,
        reader: &Reader<'_>,
        now: Instant,
        write: impl Fn(&Content, &Rendering<'_>) -> Result<T, content::Broken>,
    ) -> Result<T, Breakage> {
        let Reader { message, variant, profile, last_events } = *reader;
        let Some(content) = self.contents.get(&variant) else {
            return Err(Breakage { place: "variant".into(), problem: "the variant has no content".into() });
        };
        let links = Links { voice: &self.voice, message };
        let unsubscribe_url = self.voice.unsubscribe_url(message);
        let preferences_url = self.voice.preferences_url(message);
        let traits = Traits(profile);
        let rendering = Rendering {
            person: content::Person { traits: &traits, last_events },
            now,
            zone: profile.time_zone().unwrap_or(&self.voice.zone),
            locale: profile.locale().unwrap_or(&self.voice.locale),
            links: &links,
            unsubscribe_url: &unsubscribe_url,
            preferences_url: &preferences_url,
        };
        write(content, &rendering).map_err(|broken| breakage(&broken))
    }

    /// The events whose latest occurrence any variant reads.
    pub fn last_events(&self) -> Vec<Text> {
        let mut names: Vec<Text> = self.contents.values().flat_map(Content::last_events).collect();
        names.sort();
        names.dedup();
        names
    }
}

fn breakage(broken: &content::Broken) -> Breakage {
    let place = match broken {
        content::Broken::Missing { part, path, line } => format!("{}, line {line}: {path}", part.word()),
        content::Broken::Stopped { part, .. } => part.word().to_owned(),
        content::Broken::Aborted { .. } => "abort_message".to_owned(),
        content::Broken::NoSubject => "subject".to_owned(),
    };
    Breakage { place: place.into(), problem: broken.to_string().into() }
}

impl Voice {
    /// Where a reader leaves what this message belongs to.
    pub fn unsubscribe_url(&self, message: MessageId) -> String {
        format!("{}/u/{}", self.base_url, self.keys.link(&Token::Unsubscribe(message)))
    }

    /// Where a reader sees and changes what they want to hear.
    pub fn preferences_url(&self, message: MessageId) -> String {
        format!("{}/p/{}", self.base_url, self.keys.link(&Token::Preferences(message)))
    }
}

struct Links<'a> {
    voice: &'a Voice,
    message: MessageId,
}

impl LinkMaker for Links<'_> {
    fn click(&self, url: &str, out: &mut String) -> bool {
        if !self.voice.track_clicks
            || url.len() > URL_BYTES_MAX
            || url.starts_with(self.voice.base_url.as_str())
        {
            return false;
        }
        let token = Token::Click { message: self.message, index: 0, url: url.into() };
        out.push_str(&self.voice.base_url);
        out.push_str("/c/");
        self.voice.keys.write_link(&token, out);
        true
    }

    fn open(&self) -> Option<String> {
        let link =
            || format!("{}/o/{}", self.voice.base_url, self.voice.keys.link(&Token::Open(self.message)));
        self.voice.track_opens.then(link)
    }
}

struct Traits<'p>(&'p Profile);

impl content::Traits for Traits<'_> {
    fn get(&self, name: &str) -> Option<&Value> {
        self.0.value(name)
    }

    fn has_prefix(&self, prefix: &str) -> bool {
        let inside = |name: &str| name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.'));
        self.0.traits.iter().any(|each| each.value.is_some() && inside(&each.name))
    }
}

/// A profile as the gates see it.
pub fn person(profile: &Profile, member: bool) -> Person {
    let zone = profile.time_zone().map(|name| Zone { name: name.into(), source: ZoneSource::Profile });
    let text = |name: &str| profile.value(name).and_then(Value::text);
    Person {
        member,
        standing: if profile.blocked() { Standing::Blocked } else { Standing::Known },
        consents: profile
            .consents
            .iter()
            .map(|consent| delivery::Consent {
                purpose: consent.purpose,
                channel: consent.channel,
                given: consent.given,
                at: consent.at,
            })
            .collect(),
        topics: profile
            .topics
            .iter()
            .map(|topic| delivery::Topic {
                topic: topic.name.clone(),
                subscribed: topic.subscribed,
                at: topic.at,
            })
            .collect(),
        addresses: addresses(profile),
        preferred_channel: text("preferred_channel").and_then(|word| word.parse().ok()),
        country: text("country").map(Text::from),
        languages: profile.locale().map(Text::from).into_iter().collect(),
        zone,
        ..Person::new(profile.customer)
    }
}

/// Where channels reach somebody. A webhook reaches everybody: its receiver knows people by the name we know them by.
fn addresses(profile: &Profile) -> Vec<delivery::Address> {
    let known = profile.addresses.iter().map(|address| delivery::Address {
        channel: address.channel,
        address: address.address.clone(),
        state: address.state,
    });
    let name = profile.name().map_or_else(|| profile.customer.to_string(), ToString::to_string);
    let webhook = delivery::Address {
        channel: Channel::Webhook,
        address: name.into(),
        state: model::AddressState::Live,
    };
    known.chain([webhook]).collect()
}

/// Somebody who was erased, as the gates see them.
fn nobody(message: MessageId) -> Person {
    Person { standing: Standing::Erased, ..Person::new(message.customer) }
}

impl World {
    /// What delivery wants to write next; empty when there is nothing to do at `now`.
    ///
    /// `room` is how many messages the courier can take.
    pub(super) fn propose(&mut self, now: Instant, room: usize) -> Result<Vec<Record>, super::world::Fault> {
        let mut records = self.runs.finished(now);
        records.extend(self.runs.cancel(now, COURIER_MAX));
        records.extend(self.propose_beginnings(now, room)?);
        let wanting: Vec<RunId> = self.runs.wanting(now).collect();
        for run in wanting {
            records.extend(self.propose_page(run, now)?);
        }
        Ok(records)
    }

    fn plan_of(&self, run: RunId) -> Option<Arc<Plan>> {
        let version = self.runs.get(run)?.campaign.version;
        self.plans.get(&(run.campaign, version)).map(Arc::clone)
    }

    fn propose_page(&mut self, run: RunId, now: Instant) -> Result<Option<Record>, super::world::Fault> {
        let Some(plan) = self.plan_of(run) else { return Ok(None) };
        self.refresh_members(run, &plan, now);
        let Some(members) = self.members.get(&run) else { return Ok(None) };
        let cursor = self.runs.get(run).and_then(|run| run.cursor);
        let ahead = members.at_launch.page(cursor, delivery::PAGE_MAX + 1);
        let Some(page) = self.runs.next_page(run, ahead.into_iter(), now, delivery::PAGE_MAX) else {
            return Ok(None);
        };
        let Some(campaign) = self.runs.get(run).map(|run| &run.campaign) else { return Ok(None) };
        let names = plan.last_events();
        let mut people = Vec::with_capacity(page.customers.len());
        for customer in &page.customers {
            let profile = self.people.recall(*customer)?;
            people.push((run.message(*customer), profile, members.now.1.contains(*customer)));
        }
        let snapshot = (!names.is_empty()).then(|| self.columns.snapshot());
        let decide = |(message, profile, member): &(MessageId, Option<Arc<Profile>>, bool)| {
            let last_events = snapshot
                .as_ref()
                .map_or_else(Vec::new, |snapshot| last_events(snapshot, message.customer, &names));
            let addressed = Addressed {
                message: *message,
                profile: profile.as_deref(),
                member: *member,
                last_events: &last_events,
            };
            plan.decide(campaign, &addressed, now)
        };
        let decisions = in_parallel(&people, decide);
        Ok(Some(page.record(now, decisions)))
    }

    fn propose_beginnings(&mut self, now: Instant, room: usize) -> Result<Vec<Record>, super::world::Fault> {
        let (mut begun, mut withdrawn) = (Vec::new(), Vec::new());
        for message in self.runs.begin(now, room) {
            let run = RunId::of(message);
            let (Some(plan), Some(outgoing)) = (self.plan_of(run), self.runs.outbox().get(message)) else {
                continue;
            };
            let Some(campaign) = self.runs.get(run).map(|run| &run.campaign) else { continue };
            let profile = self.people.profile(message.customer)?;
            let person = profile.as_deref().map_or_else(|| nobody(message), |profile| person(profile, true));
            let content = |_, _| Ok(RenderHash(0));
            let candidate = Candidate { message, now, campaign, person: &person, content: &content };
            match delivery::withdrawn(&candidate, &plan.policy, &outgoing.route) {
                Some((gate, reason)) => withdrawn.push((message, Ending::Withdrawn { gate, reason })),
                None => begun.push(message),
            }
        }
        let mut records = Vec::new();
        if !withdrawn.is_empty() {
            // An attempt that is withdrawn begins and ends at once: the ledger shows both.
            let messages = withdrawn.iter().map(|(message, _)| *message).collect();
            records.push(Record::Begun { at: now, messages });
            records.push(Record::Ended { at: now, endings: withdrawn });
        }
        if !begun.is_empty() {
            records.push(Record::Begun { at: now, messages: begun });
        }
        Ok(records)
    }

    /// The jobs for messages that have just begun.
    pub(super) fn jobs(&mut self, began: &[MessageId]) -> Result<Vec<Job>, super::world::Fault> {
        let (mut jobs, mut snapshot) = (Vec::with_capacity(began.len()), None);
        for message in began {
            let Some(plan) = self.plan_of(RunId::of(*message)) else { continue };
            // What was begun and ended in one group (withdrawn) is not handed over.
            let Some(outgoing) = self.runs.outbox().get(*message).cloned() else { continue };
            let names = plan.last_events();
            let last_events = match names.is_empty() {
                true => Vec::new(),
                false => {
                    let snapshot = snapshot.get_or_insert_with(|| self.columns.snapshot());
                    last_events(snapshot, message.customer, &names)
                }
            };
            jobs.push(Job { outgoing, profile: self.people.profile(message.customer)?, last_events, plan });
        }
        Ok(jobs)
    }
}

/// The properties of the latest event of each name in a customer's story.
pub fn last_events(snapshot: &Snapshot, customer: CustomerId, names: &[Text]) -> Vec<(Text, Properties)> {
    let latest = |name: &Text| {
        let stream = snapshot.stream(&stream::event(name))?;
        let last = |view| View::find(view, customer).flatten().last().map(|row| (view, row));
        let lasts = stream.views().iter().filter_map(last);
        let (view, row) = lasts.max_by_key(|(view, row)| (view.times()[*row], view.arrival(*row)))?;
        Some((name.clone(), view.properties(row)))
    };
    names.iter().filter_map(latest).collect()
}

/// Maps a slice on two threads when it is worth it, in order. The work is pure, so threads change nothing but time.
fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    const WORTH_IT: usize = 64;
    if items.len() < WORTH_IT {
        return items.iter().map(work).collect();
    }
    let (left, right) = items.split_at(items.len() / 2);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| right.iter().map(&work).collect::<Vec<_>>());
        let mut done: Vec<R> = left.iter().map(&work).collect();
        done.extend(other.join().expect("pure work does not panic"));
        done
    })
}
