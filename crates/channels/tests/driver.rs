//! The shared driver under a provider that does what the script says. Time is the test's own.

#![allow(clippy::unwrap_used, reason = "a test falls where it fails")]

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use channels::sandbox::Sandbox;
use channels::{Attempt, Delivery, Doors, Driver, Line, Lost, Options, Transport};
use delivery::Ending;
use delivery::channel::{Channel, Dead, Mailbox, Message, Reply, SmtpStep, Verdict, Wire};
use host::{ManualClock, SeededEntropy};
use model::{Instant, MessageId};
use tokio::sync::mpsc;

const NOW: Instant = Instant::from_ms(1_700_000_000_000);

/// What the provider does with one delivery.
#[derive(Debug, Clone)]
enum Does {
    Says(u16),
    LosesBefore,
    LosesAfter,
    Hangs,
}

#[derive(Debug, Clone, Default)]
struct Script(Arc<Mutex<VecDeque<Does>>>);

impl Script {
    fn new(does: &[Does]) -> Self {
        Self(Arc::new(Mutex::new(does.iter().cloned().collect())))
    }
}

impl Transport for Script {
    fn line(&self) -> Box<dyn Line> {
        Box::new(self.clone())
    }
}

impl Line for Script {
    fn deliver<'a>(&'a mut self, _wire: &'a Wire) -> Delivery<'a> {
        let does = self.0.lock().unwrap().pop_front().unwrap_or(Does::Says(250));
        Box::pin(async move {
            match does {
                Does::Says(code) => Ok(Reply::Smtp { step: SmtpStep::Data, code, text: "said".into() }),
                Does::LosesBefore => Err(Lost::before("cut")),
                Does::LosesAfter => Err(Lost::after("cut")),
                Does::Hangs => std::future::pending().await,
            }
        })
    }
}

/// The sandbox's functions, with a provider that recognises what it is given twice.
struct Recognising;

impl Channel for Recognising {
    fn encode(&self, message: &Arc<Message>, now: Instant) -> Result<Wire, Dead> {
        Sandbox.encode(message, now)
    }

    fn classify(&self, reply: &Reply) -> Verdict {
        Sandbox.classify(reply)
    }

    fn knows_send_keys(&self) -> bool {
        true
    }
}

fn attempt(customer: u32, number: u16) -> Attempt {
    let message = Message {
        id: format!("m1-c{customer:x}-0").parse().unwrap(),
        at: NOW,
        to: Mailbox::new("a@example.com"),
        from: Mailbox::new("shop@example.com"),
        reply_to: None,
        return_path: None,
        subject: "hello".into(),
        text: "hello".into(),
        html: None,
        headers: Vec::new(),
    };
    Attempt { message: Arc::new(message), number }
}

fn start(
    channel: Arc<dyn Channel>,
    script: Script,
    options: &Options,
) -> (Driver, mpsc::Receiver<(MessageId, Ending)>) {
    let clock = Arc::new(ManualClock::at(NOW));
    let entropy = Arc::new(SeededEntropy::new(7));
    Driver::start(Doors { channel, transport: Arc::new(script), clock, entropy }, options)
}

/// How one attempt ends when the provider does all that.
async fn ending(channel: Arc<dyn Channel>, does: &[Does], number: u16) -> Ending {
    let script = Script::new(does);
    let (driver, mut ended) = start(channel, script.clone(), &Options::default());
    driver.send(attempt(1, number)).await.unwrap();
    let (_, ending) = ended.recv().await.unwrap();
    assert!(script.0.lock().unwrap().is_empty(), "the provider was asked less often than the script says");
    ending
}

/// The wait in seconds that a put-off attempt was given.
fn seconds(ending: &Ending) -> i64 {
    let Ending::Deferred { until, .. } = ending else { panic!("not put off: {ending:?}") };
    until.since_ms(NOW) / Instant::SECOND_MS
}

#[tokio::test(start_paused = true)]
async fn a_loss_before_the_provider_was_told_is_tried_again_at_once() {
    let does = [Does::LosesBefore, Does::LosesBefore, Does::Says(250)];
    assert_eq!(ending(Arc::new(Sandbox), &does, 1).await, Ending::Sent { provider_id: None });
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_stays_away_puts_off_longer_each_time_up_to_a_limit() {
    let away = [Does::LosesBefore, Does::LosesBefore, Does::LosesBefore];
    let mut waits = Vec::new();
    for number in [1, 2, 5, 12] {
        waits.push(seconds(&ending(Arc::new(Sandbox), &away, number).await));
    }
    let allowed = [10..=12, 20..=25, 160..=200, 14_400..=18_000];
    assert!(waits.iter().zip(&allowed).all(|(wait, allowed)| allowed.contains(wait)), "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn a_loss_after_the_provider_was_told_is_unknown_and_not_tried_again() {
    assert_eq!(ending(Arc::new(Sandbox), &[Does::LosesAfter], 1).await, Ending::Unknown);
    assert_eq!(ending(Arc::new(Sandbox), &[Does::Hangs], 1).await, Ending::Unknown);
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_recognises_send_keys_is_told_again_later() {
    let ending = ending(Arc::new(Recognising), &[Does::LosesAfter], 1).await;
    assert!((10..=12).contains(&seconds(&ending)), "{ending:?}");
}

#[tokio::test(start_paused = true)]
async fn what_the_provider_says_decides() {
    let busy = ending(Arc::new(Sandbox), &[Does::Says(451)], 1).await;
    assert!(matches!(busy, Ending::Deferred { .. }), "{busy:?}");
    let refused = ending(Arc::new(Sandbox), &[Does::Says(554)], 1).await;
    assert!(matches!(refused, Ending::Failed { .. }), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn every_message_ends_once_and_closing_waits_for_all() {
    let does = [Does::LosesBefore, Does::Says(451), Does::LosesAfter, Does::Hangs, Does::Says(554)];
    let (driver, mut ended) = start(Arc::new(Sandbox), Script::new(&does), &Options::default());
    for customer in 0..500 {
        driver.offer(attempt(customer, 1)).unwrap();
    }
    let closing = tokio::spawn(driver.close());
    let mut customers = Vec::new();
    while let Some((message, _)) = ended.recv().await {
        customers.push(message.customer.number());
    }
    closing.await.unwrap();
    customers.sort_unstable();
    assert_eq!(customers, (0..500).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_full_driver_gives_the_message_back() {
    let options = Options { connections: 1, queue_max: 2, ..Options::default() };
    let (driver, _ended) = start(Arc::new(Sandbox), Script::new(&[Does::Hangs]), &options);
    assert_eq!(driver.room(), 2);
    driver.offer(attempt(1, 1)).unwrap();
    driver.offer(attempt(2, 1)).unwrap();
    let refused = driver.offer(attempt(3, 1)).unwrap_err();
    assert_eq!(*refused.0, attempt(3, 1));
}

#[tokio::test(start_paused = true)]
async fn all_connections_together_keep_to_one_pace() {
    let options = Options { connections: 8, per_second: NonZeroU32::new(20), ..Options::default() };
    let (driver, mut ended) = start(Arc::new(Sandbox), Script::default(), &options);
    let before = tokio::time::Instant::now();
    for customer in 0..100 {
        driver.offer(attempt(customer, 1)).unwrap();
    }
    for _ in 0..100 {
        ended.recv().await.unwrap();
    }
    let took = before.elapsed();
    assert!((4_900..5_200).contains(&took.as_millis()), "{took:?}");
    assert_eq!(driver.counters().accepted.load(Ordering::Relaxed), 100);
}
