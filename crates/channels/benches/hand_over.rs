//! How many messages a second go from decision to sandbox, and what each part of the way costs.
//!
//! `cargo bench -p channels` prints one line for each part. Rendering is not
//! here: `content` has its own bench.

#![allow(clippy::print_stdout, reason = "a benchmark prints what it measured")]
#![allow(clippy::unwrap_used, reason = "a benchmark falls where it fails")]

use std::sync::Arc;

use channels::{Attempt, Doors, Driver, KindDoors, dkim, mime, open};
use delivery::channel::{Channel, Mailbox, Message};
use delivery::{
    Address, Campaign, Candidate, Consent, Ending, Outgoing, Person, Policy, Record, RenderHash, RunId, Runs,
    Share, Variant, VariantId, decide, withdrawn,
};
use host::{Clock, SeededEntropy, SystemClock};
use model::{AddressState, CampaignId, CustomerId, Instant, Purpose, Row};

const PEOPLE: u32 = 200_000;

fn campaign() -> Campaign {
    Campaign {
        id: CampaignId(1),
        name: "winter".into(),
        version: 1,
        purpose: Purpose::Marketing,
        topic: Some("offers".into()),
        channels: vec![model::Channel::Email],
        variants: vec![Variant { id: VariantId(0), language: None }],
        holdout: Share::NONE,
        throttle_per_minute: None,
        starts_at: None,
    }
}

fn person(number: u32) -> Person {
    let at = Instant::from_ms(0);
    let mut person = Person::new(CustomerId::from_number(number));
    person.consents.push(Consent { purpose: Purpose::Marketing, channel: None, given: true, at });
    let address = format!("p{number}@example.com").into();
    person.addresses.push(Address { channel: model::Channel::Email, address, state: AddressState::Live });
    person
}

fn message(outgoing: &Outgoing) -> Message {
    Message {
        id: outgoing.message,
        at: Instant::from_ms(1_700_000_000_000),
        to: Mailbox::new(outgoing.route.address.clone()),
        from: Mailbox { name: Some("A shop".into()), address: "shop@example.com".into() },
        reply_to: None,
        return_path: None,
        subject: "冬のコートのご案内".into(),
        text: "花子様\n冬のコートが届きました。\n".repeat(20),
        html: Some("<p>花子様</p><p>冬のコートが届きました。</p>\n".repeat(40)),
        headers: vec![("List-Unsubscribe".into(), "<https://example.com/u/abc>".into())],
    }
}

/// By the wall clock, and by the time that processors spent on it: the second is fair on a busy machine, too.
fn line(clock: &SystemClock, what: &str, count: u32, work: impl FnOnce()) {
    let (before, spent_before) = (clock.elapsed_us(), processor_us());
    work();
    let rate = |took_us: u64| u64::from(count) * 1_000_000 / took_us.max(1);
    let (wall, spent) = (rate(clock.elapsed_us() - before), rate(processor_us() - spent_before));
    println!("{what:<56} {wall:>9} a second {spent:>9} a processor second");
}

/// What all threads of this process used so far, in steps of 10 ms.
fn processor_us() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ').skip(11).take(2);
    fields.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10_000
}

/// A run that waits to be decided.
fn launched() -> (Runs, RunId) {
    let mut runs = Runs::default();
    let record = runs.launch(campaign(), Instant::from_ms(1)).unwrap();
    runs.apply(&record, &mut Vec::new());
    (runs, RunId { campaign: CampaignId(1), occurrence: 0 })
}

/// Journals a record as bytes and follows what is read back, as the server does.
fn follow(runs: &mut Runs, record: &Record, rows: &mut Vec<Row>) -> Vec<model::MessageId> {
    let bytes = record.to_bytes();
    runs.apply(&Record::from_bytes(&bytes).unwrap(), rows)
}

/// The whole way but rendering and the disk: gates, records written and read, outbox, driver, sandbox, ledger rows.
async fn whole_way(people: &[Person]) {
    let policy = Policy::default();
    let opened = open("sandbox", serde_json::json!({}), &KindDoors { mailbox: Arc::default() }).unwrap();
    let doors = Doors {
        channel: opened.channel,
        transport: opened.transport,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SeededEntropy::new(1)),
    };
    let (driver, mut ended) = Driver::start(doors, &opened.options);
    let (mut runs, run) = launched();
    let content = |_, _| Ok(RenderHash(7));
    let now = Instant::from_ms(1_700_000_000_000);
    let campaign = campaign();
    let candidate = |number: u32| {
        let person = &people[number as usize];
        Candidate {
            message: run.message(person.customer),
            now,
            campaign: &campaign,
            person,
            content: &content,
        }
    };
    let mut sent = 0;
    let mut endings: Vec<(model::MessageId, Ending)> = Vec::new();
    while sent < people.len() {
        let mut rows = Vec::new();
        let cursor = runs.get(run).unwrap().cursor.map_or(0, |cursor| cursor.number() as usize + 1);
        let page = if runs.outbox().len() < 4_000 {
            let members = people[cursor..].iter().map(|person| person.customer);
            runs.next_page(run, members, now, 2_000).map(|page| {
                let decided = page.customers.iter().map(|it| decide(&candidate(it.number()), &policy));
                let decisions = decided.collect();
                page.record(now, decisions)
            })
        } else {
            None
        };
        if let Some(page) = page {
            follow(&mut runs, &page, &mut rows);
        }
        let messages = runs.begin(now, driver.room());
        if !messages.is_empty() {
            for began in follow(&mut runs, &Record::Begun { at: now, messages }, &mut rows) {
                let outgoing = runs.outbox().get(began).unwrap();
                assert_eq!(withdrawn(&candidate(began.customer.number()), &policy, &outgoing.route), None);
                let attempt = Attempt { message: Arc::new(message(outgoing)), number: outgoing.attempts };
                driver.offer(attempt).unwrap();
            }
        }
        ended.recv_many(&mut endings, 4_000).await;
        sent += endings.len();
        let endings = std::mem::take(&mut endings);
        follow(&mut runs, &Record::Ended { at: now, endings }, &mut rows);
    }
    assert!(runs.outbox().is_empty());
}

/// Reads a key that `openssl genpkey` makes; nothing when there is no openssl.
fn signer(algorithm: &[&str]) -> Option<dkim::Signer> {
    let made = std::process::Command::new("openssl")
        .args(["genpkey", "-algorithm"])
        .args(algorithm)
        .output()
        .ok()?;
    let private_key = String::from_utf8(made.stdout).ok()?;
    dkim::Signer::new(&dkim::Settings { domain: "example.com".into(), selector: "s".into(), private_key })
        .ok()
}

fn main() {
    let clock = SystemClock;
    let people: Vec<Person> = (0..PEOPLE).map(person).collect();
    let (policy, campaign) = (Policy::default(), campaign());
    let run = RunId { campaign: CampaignId(1), occurrence: 0 };
    let content = |_, _| Ok(RenderHash(7));
    line(&clock, "decide (all gates)", PEOPLE, || {
        for person in &people {
            let message = run.message(person.customer);
            let now = Instant::from_ms(1_700_000_000_000);
            let candidate = Candidate { message, now, campaign: &campaign, person, content: &content };
            std::hint::black_box(decide(&candidate, &policy));
        }
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    line(&clock, "decide, record, hand over to the sandbox, ledger rows", PEOPLE, || {
        runtime.block_on(whole_way(&people));
    });
    mails(&clock);
}

fn mails(clock: &SystemClock) {
    const MAILS: u32 = 20_000;
    let mut letter = letter();
    line(clock, "mail from message (8 KB, Japanese, two parts)", MAILS, || {
        for number in 0..MAILS {
            letter.id.customer = CustomerId::from_number(number);
            std::hint::black_box(mime::encode(&letter).unwrap());
        }
    });
    let mail = mime::encode(&letter).unwrap();
    let kinds: [(&str, &[&str]); 2] =
        [("DKIM ed25519", &["ED25519"]), ("DKIM rsa 2048", &["RSA", "-pkeyopt", "rsa_keygen_bits:2048"])];
    for (what, algorithm) in kinds {
        let Some(signer) = signer(algorithm) else { continue };
        line(clock, what, MAILS / 10, || {
            for _ in 0..MAILS / 10 {
                std::hint::black_box(signer.header(&mail));
            }
        });
    }
    let (smtp, letter) = (channels::smtp::Smtp::new(&[]).unwrap(), Arc::new(letter));
    line(clock, "mail on the wire, unsigned", MAILS, || {
        for _ in 0..MAILS {
            std::hint::black_box(smtp.encode(&letter, Instant::from_ms(0)).unwrap());
        }
    });
}

fn letter() -> Message {
    let outgoing = Outgoing {
        message: "m1-c1-0".parse().unwrap(),
        purpose: Purpose::Marketing,
        route: delivery::Route {
            channel: model::Channel::Email,
            address: "p1@example.com".into(),
            why: delivery::RouteWhy::Order,
        },
        variant: VariantId(0),
        render_hash: None,
        attempts: 1,
        stage: delivery::Stage::Waiting { not_before: Instant::from_ms(0) },
    };
    message(&outgoing)
}
