//! The one driver that all channels share: queue, workers, pace, retries, time limits, counters.
//!
//! It takes messages that were durably begun and says of each how it ended,
//! exactly once. A loss before the provider was told is tried again here a few
//! times and then put off; a loss after that is [`Ending::Unknown`], because
//! only the message's purpose says what that means.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use delivery::Ending;
use delivery::channel::{Channel, Dead, Fault, Message, Reply, Verdict};
use host::{Clock, Entropy};
use model::{Instant, MessageId};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

use crate::transport::{Line, Lost, Transport};

/// How often a worker tries by itself to reach a provider before a message is put off.
pub const QUICK_TRIES_MAX: u32 = 3;
/// How long the first wait between those tries is; each further one doubles.
const QUICK_WAIT_MS: u64 = 250;
/// How long a message is put off after its first attempt; each further attempt doubles it.
const DEFER_MS: i64 = 10 * Instant::SECOND_MS;
/// The longest that a message is put off.
pub const DEFER_MS_MAX: i64 = 4 * Instant::HOUR_MS;

/// How a driver works.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many connections to the provider at once.
    pub connections: usize,
    /// How many messages may wait for a connection.
    pub queue_max: usize,
    /// The most messages in a second over all connections; none: as fast as the provider takes them.
    pub per_second: Option<NonZeroU32>,
    /// How long one delivery may take.
    pub timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { connections: 4, queue_max: 1_000, per_second: None, timeout: Duration::from_secs(60) }
    }
}

/// One attempt to hand over one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// What.
    pub message: Arc<Message>,
    /// The how-manieth attempt, from 1.
    pub number: u16,
}

/// The doors out that a driver needs.
#[derive(Clone)]
pub struct Doors {
    /// The provider's two functions.
    pub channel: Arc<dyn Channel>,
    /// What carries bytes there.
    pub transport: Arc<dyn Transport>,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// Spreads retries, so that not all come at once.
    pub entropy: Arc<dyn Entropy>,
}

/// The queue is full or the driver is closed: the attempt comes back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the channel takes no more messages now: try again when it has room")]
pub struct Full(pub Box<Attempt>);

/// A running driver. Dropping it lets the workers finish what waits; [`Self::close`] does not.
#[derive(Debug)]
pub struct Driver {
    queue: mpsc::Sender<Attempt>,
    counters: Arc<Counters>,
    workers: Vec<JoinHandle<()>>,
}

/// What a driver did since it started.
#[derive(Debug, Default)]
pub struct Counters {
    /// Messages taken by the provider.
    pub accepted: AtomicU64,
    /// Messages put off.
    pub deferred: AtomicU64,
    /// Messages refused for good.
    pub dead: AtomicU64,
    /// Messages of which nobody knows.
    pub unknown: AtomicU64,
    /// Further tries within one attempt.
    pub quick_tries: AtomicU64,
}

impl Driver {
    /// Starts the workers on the current runtime. Each ending comes out of the receiver once.
    pub fn start(doors: Doors, options: &Options) -> (Self, mpsc::Receiver<(MessageId, Ending)>) {
        let (queue, waiting) = mpsc::channel(options.queue_max.max(1));
        let (endings, ended) = mpsc::channel(options.queue_max.max(1));
        let waiting = Arc::new(Mutex::new(waiting));
        let counters = Arc::new(Counters::default());
        let pacer = Arc::new(Pacer::new(options.per_second));
        let workers = (0..options.connections.max(1)).map(|_| {
            let worker = Worker {
                doors: doors.clone(),
                line: doors.transport.line(),
                timeout: options.timeout,
                counters: Arc::clone(&counters),
                pacer: Arc::clone(&pacer),
            };
            tokio::spawn(worker.run(Arc::clone(&waiting), endings.clone()))
        });
        let workers = workers.collect();
        (Self { queue, counters, workers }, ended)
    }

    /// Hands a message over without waiting.
    pub fn offer(&self, attempt: Attempt) -> Result<(), Full> {
        self.queue.try_send(attempt).map_err(|refused| Full(Box::new(refused.into_inner())))
    }

    /// Hands a message over; waits for room.
    pub async fn send(&self, attempt: Attempt) -> Result<(), Full> {
        self.queue.send(attempt).await.map_err(|refused| Full(Box::new(refused.0)))
    }

    /// How many more messages [`Self::offer`] takes now: never begin more than these.
    pub fn room(&self) -> usize {
        self.queue.capacity()
    }

    /// What it did so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Takes nothing more and waits until everything that waits has ended. The receiver must be read meanwhile.
    pub async fn close(self) {
        drop(self.queue);
        for worker in self.workers {
            let _ended = worker.await;
        }
    }
}

struct Worker {
    doors: Doors,
    line: Box<dyn Line>,
    timeout: Duration,
    counters: Arc<Counters>,
    pacer: Arc<Pacer>,
}

impl Worker {
    async fn run(
        mut self,
        waiting: Arc<Mutex<mpsc::Receiver<Attempt>>>,
        endings: mpsc::Sender<(MessageId, Ending)>,
    ) {
        loop {
            let next = waiting.lock().await.recv().await;
            let Some(attempt) = next else { return };
            self.pacer.turn().await;
            let ending = self.hand_over(&attempt).await;
            if endings.send((attempt.message.id, ending)).await.is_err() {
                return;
            }
        }
    }

    /// One attempt: at most [`QUICK_TRIES_MAX`] tries, as long as the provider cannot have taken it.
    async fn hand_over(&mut self, attempt: &Attempt) -> Ending {
        for tried in 1.. {
            match self.deliver(&attempt.message).await {
                Ok(verdict) => return self.settle(verdict, attempt.number),
                Err(Lost::Before { reason }) if tried >= QUICK_TRIES_MAX => {
                    return self
                        .settle(Verdict::Retry { after_ms: None, reason: reason.into() }, attempt.number);
                }
                Err(Lost::After { reason }) if self.doors.channel.knows_send_keys() => {
                    return self
                        .settle(Verdict::Retry { after_ms: None, reason: reason.into() }, attempt.number);
                }
                Err(Lost::Before { .. }) => {
                    count(&self.counters.quick_tries);
                    let wait = QUICK_WAIT_MS << (tried - 1);
                    let jitter = self.doors.entropy.below(wait);
                    tokio::time::sleep(Duration::from_millis(wait + jitter)).await;
                }
                Err(Lost::After { .. }) => {
                    count(&self.counters.unknown);
                    return Ending::Unknown;
                }
            }
        }
        Ending::Unknown
    }

    async fn deliver(&mut self, message: &Arc<Message>) -> Result<Verdict, Lost> {
        let channel = &self.doors.channel;
        let wire = match channel.encode(message, self.doors.clock.now()) {
            Ok(wire) => wire,
            Err(dead) => return Ok(Verdict::Dead(dead)),
        };
        let reply: Result<Reply, Lost> =
            match tokio::time::timeout(self.timeout, self.line.deliver(&wire)).await {
                Ok(reply) => reply,
                Err(_elapsed) => {
                    self.line = self.doors.transport.line();
                    Err(Lost::after(format!("no answer in time. timeout_ms=`{}`", self.timeout.as_millis())))
                }
            };
        reply.map(|reply| channel.classify(&reply))
    }

    fn settle(&self, verdict: Verdict, number: u16) -> Ending {
        match verdict {
            Verdict::Accepted { provider_id } => {
                count(&self.counters.accepted);
                Ending::Sent { provider_id }
            }
            Verdict::Retry { after_ms, reason } => {
                count(&self.counters.deferred);
                let wait_ms = after_ms
                    .unwrap_or_else(|| defer_ms(number, self.doors.entropy.as_ref()))
                    .clamp(0, DEFER_MS_MAX);
                Ending::Deferred { until: self.doors.clock.now().plus_ms(wait_ms), reason }
            }
            Verdict::Dead(Dead { fault, reason }) => {
                count(&self.counters.dead);
                match fault {
                    Fault::Address => Ending::Bounced { reason },
                    Fault::Message => Ending::Failed { reason },
                }
            }
        }
    }
}

/// How long to put a message off after its attempt of this number, from 1: [`DEFER_MS`] after the first, then twice as
/// long each time, plus up to a quarter by chance.
pub fn defer_ms(number: u16, entropy: &dyn Entropy) -> i64 {
    let doublings = u32::from(number.saturating_sub(1)).min(16);
    let wait_ms = (DEFER_MS << doublings).min(DEFER_MS_MAX);
    let quarter = u64::try_from(wait_ms / 4).expect("a wait is not negative");
    wait_ms + i64::try_from(entropy.below(quarter)).expect("a quarter of a wait is small")
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Gives out turns so that all workers together keep to one pace.
struct Pacer {
    interval: Option<Mutex<tokio::time::Interval>>,
}

impl Pacer {
    fn new(per_second: Option<NonZeroU32>) -> Self {
        let interval = per_second.map(|per_second| {
            let mut interval = tokio::time::interval(Duration::from_secs(1) / per_second.get());
            interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            Mutex::new(interval)
        });
        Self { interval }
    }

    async fn turn(&self) {
        if let Some(interval) = &self.interval {
            interval.lock().await.tick().await;
        }
    }
}
