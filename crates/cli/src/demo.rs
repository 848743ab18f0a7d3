//! `omotenashi demo`: a living shop in one command.
//!
//! Makes the workspace when there is none, serves it, tells the past of its
//! people, launches a campaign that they answer, and lets them live until the
//! process ends. A second start finds everything where it was.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};
use host::{Clock as _, SystemClock};
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use server::Settings;
use sim::{Client, Life, Options};

use crate::init::{self, InitArgs};

/// Starts a living shop.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct DemoArgs {
    /// The data folder; made when it is missing.
    #[arg(long, default_value = "demo-data")]
    pub(crate) data: PathBuf,
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:7700")]
    pub(crate) listen: SocketAddr,
    /// How many people shop there.
    #[arg(long, default_value_t = 20_000)]
    pub(crate) people: u32,
    /// How many seconds of the shop pass in one second.
    #[arg(long, default_value_t = 120)]
    pub(crate) speed: u32,
}

/// What a second start needs to know of the first.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    write_key: String,
    api_token: String,
    setup_link: String,
    told: bool,
}

/// Serves the shop until SIGINT or SIGTERM.
pub(crate) fn run(args: &DemoArgs) -> Result<()> {
    crate::serve::log(false);
    let kept = found(args)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let ended = Arc::new(AtomicBool::new(false));
    let (ready, is_ready) = std::sync::mpsc::channel();
    let shop = {
        let (args, ended) = (args.clone(), Arc::clone(&ended));
        std::thread::Builder::new().name("shop".to_owned()).spawn(move || {
            // The server ended before it was ready: it says why itself.
            let Ok(address) = is_ready.recv() else { return Ok(()) };
            live(&args, kept, address, &ended)
        })?
    };
    let served = runtime.block_on(async {
        let stop = crate::serve::stop()?;
        tokio::spawn(crate::memory::give_back());
        let settings = Settings::new(args.data.clone(), args.listen);
        let tell = move |address| ready.send(address).unwrap_or_default();
        server::serve(settings, tell, stop).await.map_err(anyhow::Error::from)
    });
    ended.store(true, Ordering::SeqCst);
    let lived = shop.join().map_err(|_| anyhow::anyhow!("the shop panicked"))?;
    served.and(lived)
}

fn found(args: &DemoArgs) -> Result<Kept> {
    let path = path(&args.data);
    if let Ok(text) = std::fs::read_to_string(&path) {
        return serde_json::from_str(&text)
            .with_context(|| format!("{} is damaged; remove the data folder", path.display()));
    }
    let made = init::make(&InitArgs {
        data: args.data.clone(),
        workspace: "shop".to_owned(),
        owner: "owner@shop.example".to_owned(),
        public_url: None,
        listen: args.listen,
        json: false,
    })?;
    let kept = Kept {
        write_key: made.write_key,
        api_token: made.api_token,
        setup_link: made.setup_link,
        told: false,
    };
    keep(&args.data, &kept)?;
    Ok(kept)
}

fn path(data: &Path) -> PathBuf {
    data.join("demo.json")
}

fn keep(data: &Path, kept: &Kept) -> Result<()> {
    Ok(std::fs::write(path(data), serde_json::to_string_pretty(kept)?)?)
}

#[expect(clippy::print_stdout, reason = "whoever started it waits for the address")]
fn live(args: &DemoArgs, mut kept: Kept, address: SocketAddr, ended: &AtomicBool) -> Result<()> {
    let client = Client::new(&format!("http://{address}"), &kept.write_key, &kept.api_token);
    let options = Options { people: args.people, speed: args.speed, ..Options::default() };
    if !kept.told {
        furnish(&client)?;
        tell(&client, &options)?;
        launch_second(&client)?;
        kept.told = true;
        keep(&args.data, &kept)?;
    }
    println!("\n  the shop is open     http://{address}");
    println!("  set up your account  {}  (works once)", kept.setup_link);
    println!("  write key            {}", kept.write_key);
    println!("  API token            {}\n", kept.api_token);
    let mut life = Life::new(client, &options, sim::people(&options));
    let clock = SystemClock;
    life.live(&|| clock.now(), &|| ended.load(Ordering::SeqCst));
    Ok(())
}

/// What a shop has on its first day: a sender, audiences, a first campaign to look at.
fn furnish(client: &Client) -> Result<()> {
    let mut settings: Value = client.get("/api/v1/settings")?;
    let wanted = &mut settings["settings"];
    wanted["time_zone"] = json!("Asia/Tokyo");
    wanted["language"] = json!("ja");
    wanted["sender"]["name"] = json!("おもてなし商店");
    wanted["sender"]["email"] = json!("news@shop.example");
    client.put(
        "/api/v1/settings",
        &json!({ "version": settings["version"], "settings": settings["settings"] }),
    )?;
    for (name, description, condition) in AUDIENCES {
        let audience =
            json!({ "name": name, "description": description, "condition": { "text": condition } });
        client.post("/api/v1/audiences", &audience)?;
    }
    client.post("/api/v1/campaigns", &first_campaign())?;
    Ok(())
}

/// A campaign that goes out while the shop is looked at: slowly, so that its report can be seen growing.
fn launch_second(client: &Client) -> Result<()> {
    let made = client.post("/api/v1/campaigns", &second_campaign())?;
    let launch = format!("/api/v1/campaigns/{}/launch", made["id"]);
    client.post(&launch, &json!({ "version": made["version"] }))?;
    Ok(())
}

const AUDIENCES: &[(&str, &str, &str)] = &[
    (
        "Shoe lovers",
        "Bought shoes at least once in 90 days",
        r#"did "purchase" where category = "shoes" in last 90 days"#,
    ),
    (
        "Silent regulars",
        "Bought twice, and nothing for 30 days",
        r#"did "purchase" at least 2 times in last 90 days and not did "purchase" in last 30 days"#,
    ),
    (
        "Looked, did not buy",
        "Looked at products this week without buying",
        r#"did "product_viewed" in last 7 days and not did "purchase" in last 7 days"#,
    ),
    ("In Japan", "Live in Japan, as far as the shop knows", r#"trait country = "JP""#),
    (
        "Disappointed",
        "A late parcel, a return or a failed checkout in the last two weeks",
        r#"did "delivery_late" in last 14 days or did "purchase_returned" in last 14 days or did "checkout_failed" in last 14 days"#,
    ),
];

fn second_campaign() -> Value {
    const ENGLISH: &str = r##"<mjml><mj-body background-color="#f6f7f9"><mj-section background-color="#ffffff" padding="32px"><mj-column>
<mj-text font-size="22px" line-height="1.4">Good evening{% if customer.first_name %}, {{ customer.first_name }}{% endif %}</mj-text>
<mj-text font-size="16px" line-height="1.6">Sencha from this spring, and bowls to drink it from: a small selection for the first cold evenings.</mj-text>
<mj-button background-color="#0b6e5f" href="https://shop.example/tea">See the selection</mj-button>
<mj-text font-size="12px" color="#6b7280"><a href="{{ unsubscribe_url }}">Unsubscribe</a> · <a href="{{ preferences_url }}">Preferences</a></mj-text>
</mj-column></mj-section></mj-body></mjml>"##;
    const JAPANESE: &str = r##"<mjml><mj-body background-color="#f6f7f9"><mj-section background-color="#ffffff" padding="32px"><mj-column>
<mj-text font-size="22px" line-height="1.4">{{ customer.last_name | default: "お客" }}様</mj-text>
<mj-text font-size="16px" line-height="1.8">朝晩が冷え込む季節になりました。今年の煎茶と、手になじむ有田焼の器をご用意しております。</mj-text>
<mj-button background-color="#0b6e5f" href="https://shop.example/ja/tea">特集を見る</mj-button>
<mj-text font-size="12px" color="#6b7280"><a href="{{ unsubscribe_url }}">配信を停止する</a>　<a href="{{ preferences_url }}">受信設定</a></mj-text>
</mj-column></mj-section></mj-body></mjml>"##;
    json!({
        "name": "Tea for cold evenings", "audience": "In Japan", "purpose": "marketing", "channel": "email", "holdout_percent": 10.0,
        "messages_per_minute_max": 600,
        "variants": [
            { "language": "en", "subject": "Tea for cold evenings", "preheader": "A small selection.", "format": "mjml", "body": ENGLISH },
            { "language": "ja", "subject": "冷える夜に、温かいお茶を", "preheader": "今年の煎茶がそろいました。", "format": "mjml", "body": JAPANESE },
        ],
    })
}

fn first_campaign() -> Value {
    const ENGLISH: &str = r##"<mjml><mj-body background-color="#f6f7f9"><mj-section background-color="#ffffff" padding="32px"><mj-column>
<mj-text font-size="22px" line-height="1.4">Hello {{ customer.first_name | default: "there" }},</mj-text>
<mj-text font-size="16px" line-height="1.6">it has been a while.{% if last.purchase.product %} We hope you enjoy your {{ last.purchase.product | split: " / " | first }}.{% endif %} The new season has arrived, and we put a few things aside that we think you will like.</mj-text>
<mj-button background-color="#0b6e5f" href="https://shop.example/new">See what is new</mj-button>
<mj-text font-size="12px" color="#6b7280"><a href="{{ unsubscribe_url }}">Unsubscribe</a> · <a href="{{ preferences_url }}">Preferences</a></mj-text>
</mj-column></mj-section></mj-body></mjml>"##;
    const JAPANESE: &str = r##"<mjml><mj-body background-color="#f6f7f9"><mj-section background-color="#ffffff" padding="32px"><mj-column>
<mj-text font-size="22px" line-height="1.4">{{ customer.last_name | default: "お客" }}様</mj-text>
<mj-text font-size="16px" line-height="1.8">ご無沙汰しております。{% if last.purchase.product %}先日お求めいただいた「{{ last.purchase.product | split: " / " | last }}」はいかがでしょうか。{% endif %}新しい季節の品がそろいました。お好みに合いそうなものを、いくつか取り置いております。</mj-text>
<mj-button background-color="#0b6e5f" href="https://shop.example/ja/new">新作を見る</mj-button>
<mj-text font-size="12px" color="#6b7280"><a href="{{ unsubscribe_url }}">配信を停止する</a>　<a href="{{ preferences_url }}">受信設定</a></mj-text>
</mj-column></mj-section></mj-body></mjml>"##;
    json!({
        "name": "It has been a while", "audience": "Silent regulars", "purpose": "marketing", "channel": "email", "holdout_percent": 10.0,
        "variants": [
            { "language": "en", "subject": "Something put aside for you, {{ customer.first_name | default: \"friend\" }}", "preheader": "The new season has arrived.", "format": "mjml", "body": ENGLISH },
            { "language": "ja", "subject": "{{ customer.last_name | default: \"お客\" }}様へ、新しい季節のお知らせ", "preheader": "新作がそろいました。", "format": "mjml", "body": JAPANESE },
        ],
    })
}

fn tell(client: &Client, options: &Options) -> Result<()> {
    let bar = ProgressBar::new(u64::from(options.people));
    bar.set_style(ProgressStyle::with_template(
        "  the past of the shop {bar:30} {pos}/{len} people, {eta} left",
    )?);
    let told = sim::tell_past(client, options, SystemClock.now(), &|more| bar.inc(more as u64))?;
    bar.finish_and_clear();
    tracing::info!(people = told.people, events = told.events, "the past is told");
    Ok(())
}
