//! A campaign to everybody: from the launch to the last message in the sandbox, rendering and journal included.

use std::time::Instant;

use anyhow::{Result, ensure};
use e2e::House;
use serde_json::{Value, json};

use crate::client::{Connection, post};
use crate::events::basic;
use crate::{line, process, setting};

/// How many people a request tells of.
const BATCH_PEOPLE: u64 = 400;

/// A mail as shops send them: 5 KB of MJML that become 20 KB of HTML.
const BODY: &str = include_str!("autumn.mjml");

/// Writes to everybody, twice: by what is known of people, and by what they did last.
pub(crate) fn to_everybody() -> Result<()> {
    let people = setting("HOUSE_PEOPLE", 200_000)?;
    let house = House::found()?;
    meet(&house, people)?;
    let mut settings = house.get("/api/v1/settings")?.body;
    settings["settings"]["sender"]["email"] = json!("news@shop.example");
    let body = json!({ "version": settings["version"], "settings": settings["settings"] });
    ensure!(house.put("/api/v1/settings", &body)?.status == 200, "the sender is taken");
    let audience = json!({ "name": "all", "condition": { "text": "did \"signed_up\"" } });
    ensure!(house.post("/api/v1/audiences", &audience)?.status == 201, "the audience is taken");
    write_to(&house, people, ("traits", BODY))?;
    let last = BODY.replace("{{ customer.favourite", "{{ last.signed_up.category");
    write_to(&house, people, ("traits and the last event", &last))
}

/// Launches a campaign and prints how many messages a second it hands over.
fn write_to(house: &House, people: u64, (what, body): (&str, &str)) -> Result<()> {
    let draft = json!({
        "name": what, "audience": "all", "purpose": "marketing", "channel": "email",
        "variants": [{
            "language": "en", "subject": "{{ customer.first_name | default: 'Hello' }}, autumn is here",
            "preheader": "Three days only", "format": "mjml", "body": body,
        }],
    });
    let answer = house.post("/api/v1/campaigns", &draft)?;
    ensure!(answer.status == 201, "{answer:?}");
    let (id, version) = (&answer.body["id"], &answer.body["version"]);
    let begun_cores = process::cores(house.process())?;
    let begun = Instant::now();
    let answer = house.post(&format!("/api/v1/campaigns/{id}/launch"), &json!({ "version": version }))?;
    ensure!(answer.status == 202, "{answer:?}");
    house.wait(&format!("/api/v1/campaigns/{id}"), |it| it["state"] == "finished")?;
    let took = begun.elapsed().as_secs_f64();
    let used = (process::cores(house.process())? - begun_cores).as_secs_f64();
    let sent = |report: &Value| report["messages"]["sent"] == people;
    house.wait(&format!("/api/v1/campaigns/{id}/report"), sent)?;
    line(
        &format!("campaign to {people} people, reads {what}"),
        &format!("{:.0}/s", people as f64 / took),
        &format!("{:.1} µs a message; {took:.2} s in all", used * 1e6 / people as f64),
    );
    Ok(())
}

/// Tells of people who may be written to.
fn meet(house: &House, people: u64) -> Result<()> {
    const FAVOURITES: [&str; 3] = ["shoes", "bags", "coats"];
    let mut connection = Connection::open(&house.url)?;
    let authorization = basic(&house.write_key);
    for from in (0..people).step_by(usize::try_from(BATCH_PEOPLE)?) {
        let said = (from..(from + BATCH_PEOPLE).min(people)).flat_map(|number| {
            let (user, favourite) = (format!("p{number}"), FAVOURITES[number as usize % 3]);
            let traits = json!({
                "email": format!("p{number}@example.com"), "first_name": format!("Aiko {number}"),
                "favourite": favourite, "points": number % 1000, "city": "Kyoto",
            });
            let context = json!({ "consent": { "categoryPreferences": { "marketing": true } } });
            [
                json!({ "type": "identify", "userId": user, "traits": traits, "context": context }),
                json!({ "type": "track", "userId": user, "event": "signed_up", "properties": { "category": favourite } }),
            ]
        });
        let body = json!({ "batch": said.collect::<Vec<_>>() }).to_string();
        let request = post("/v1/batch", &authorization, &body);
        while connection.send(&request)? != 200 {
            std::thread::yield_now();
        }
    }
    let question = json!({ "condition": { "text": "consented to marketing" } });
    house.ask_until("/api/v1/ask/count", &question, |answer| answer["customers"] == people).map(drop)
}
