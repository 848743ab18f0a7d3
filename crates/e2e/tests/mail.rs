//! A campaign to the customers at risk of the real purchase log, through a real mail server into real mailboxes:
//! signed, with a one-click way out; refused at once or bounced later, an address that does not exist is closed; a
//! second launch leaves out those who left.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use e2e::{House, MailServer};
use serde_json::{Value, json};

/// How many of the customers at risk get an address; a mailbox for each.
const READERS: usize = 40;
/// So many of the addresses are refused at once.
const GONE: usize = 2;
/// And so many are taken by the mail server, which sends them back later.
const RETURNED: usize = 2;
/// The addresses that do not exist.
const SHUT: usize = GONE + RETURNED;

#[test]
fn a_campaign_reaches_real_mailboxes_and_those_who_left_are_left_alone() -> Result<()> {
    let Some(file) = dataset("online-retail/online_retail.csv.zst") else { return Ok(()) };
    let Some(server) = MailServer::start()? else { return Ok(()) };
    // The door for returned mail is one for all workspaces: the return path says whose it is.
    let house = House::found_beside_another(&["--bounces", &format!("127.0.0.1:{}", server.bounce_port)])?;
    import(&house, &file)?;
    let at_risk = at_risk(&house)?;
    readers(&house, &at_risk)?;
    settings(&house, &server)?;

    let campaign = campaign(&house)?;
    house.act(campaign, "launch")?;
    let path = format!("/api/v1/campaigns/{campaign}/report");
    let report = house.wait(&path, |report| report["messages"]["bounced"] == SHUT)?;
    ensure!(report["messages"]["planned"] == READERS, "{report}");
    returned(&house, campaign)?;
    let letters = READERS - SHUT;
    let unsubscribed = server.wait_for(letters)?;
    ensure!(unsubscribed.len() == letters, "{} letters", unsubscribed.len());
    server.verify(&house, &unsubscribed[0])?;

    let link = one_click(&unsubscribed[0])?;
    let answer = house.one_click(&link)?;
    ensure!(answer.status == 200, "{answer:?}");
    house.wait(&format!("/api/v1/campaigns/{campaign}"), |it| it["state"] == "finished")?;
    house.act(campaign, "launch")?;
    let report = house.wait(&path, |report| {
        report["campaign"]["state"] == "finished" && report["messages"]["sent"] == letters - 1
    })?;
    let reasons: Vec<(&str, u64)> = report["left_out"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|left| (left["reason"].as_str().unwrap_or_default(), left["customers"].as_u64().unwrap_or(0)))
        .collect();
    ensure!(reasons.contains(&("consent_withdrawn", 1)), "who left is left alone: {reasons:?}");
    let closed = u64::try_from(SHUT)?;
    ensure!(reasons.contains(&("unreachable", closed)), "who cannot be reached is left alone: {reasons:?}");
    Ok(())
}

/// A mail that was taken and came back: its life tells both, with what the mail system said, and the address is closed.
fn returned(house: &House, campaign: u64) -> Result<()> {
    let bounced = house.get(&format!("/api/v1/campaigns/{campaign}/messages?outcome=bounced"))?.body;
    let bounced = bounced["items"].as_array().context("a list")?;
    ensure!(bounced.len() == SHUT, "{bounced:?}");
    let mut came_back = 0;
    for message in bounced {
        let id = message["id"].as_str().context("a message has an id")?;
        // Reports count what was folded; the ledger is read as questions see it, a moment later.
        let why = house.wait(&format!("/api/v1/messages/{id}/why"), |why| {
            why["life"].as_array().and_then(|life| life.last()).is_some_and(|last| last["what"] == "bounced")
        })?;
        let life = why["life"].as_array().context("a life")?;
        let what: Vec<&str> = life.iter().filter_map(|moment| moment["what"].as_str()).collect();
        let said = life.last().and_then(|moment| moment["detail"].as_str()).unwrap_or_default();
        ensure!(said.contains("5.1.1"), "{why}");
        came_back += usize::from(what.contains(&"sent"));
        let customer = message["customer"].as_str().context("a message has a customer")?;
        let addresses = house.get(&format!("/api/v1/customers/{customer}"))?.body["addresses"].clone();
        ensure!(addresses[0]["state"] == "bounced", "{addresses}");
    }
    ensure!(came_back == RETURNED, "{came_back} were taken first");
    Ok(())
}

fn import(house: &House, file: &Path) -> Result<()> {
    let map = Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"))
        .join("../../docs/examples/online-retail.toml");
    let rejects = house.data().join("rejects.ndjson");
    let text = |path: &Path| path.to_str().map(str::to_owned).context("the path is UTF-8");
    let (file, map, rejects) = (text(file)?, text(&map)?, text(&rejects)?);
    let output =
        house.command(&["import", "events", &file, "--map", &map, "--rejects", &rejects, "--json"])?;
    ensure!(output.status.success(), "import: {}", String::from_utf8_lossy(&output.stderr));
    house.wait("/api/v1/data/events/purchase", |answer| answer["event"]["events"] == 406_829)?;
    Ok(())
}

/// The customers of the group `at_risk` over all of the log, saved as an audience from the answer's own condition.
fn at_risk(house: &House) -> Result<Vec<String>> {
    let question =
        json!({ "event": "purchase", "from": "2010-12-01T00:00:00Z", "to": "2011-12-10T00:00:00Z" });
    let answer = house.ask_until("/api/v1/ask/rfm", &question, |answer| answer["customers"] == 4_372)?;
    let group = answer["groups"].as_array().into_iter().flatten().find(|group| group["group"] == "at_risk");
    let condition =
        group.and_then(|group| group["condition"].as_str()).context("the group has no condition")?;
    let audience = json!({ "name": "at risk", "condition": { "text": condition } });
    let made = house.post("/api/v1/audiences", &audience)?;
    ensure!(made.status == 201, "{made:?}");
    let members = house.get("/api/v1/audiences/at%20risk/members?limit=1000")?.body;
    let ids =
        members["items"].as_array().into_iter().flatten().filter_map(|member| member["identifier"].as_str());
    let ids: Vec<String> =
        ids.filter_map(|label| label.strip_prefix("user_id:")).map(str::to_owned).collect();
    ensure!(ids.len() > READERS, "{} customers at risk", ids.len());
    Ok(ids)
}

/// Gives some of them an address and a yes to marketing; some of the addresses do not exist.
fn readers(house: &House, at_risk: &[String]) -> Result<()> {
    let batch: Vec<Value> = at_risk
        .iter()
        .take(READERS)
        .enumerate()
        .map(|(index, user)| {
            let name = match index {
                0..GONE => "gone",
                GONE..SHUT => "nobody",
                _ => "c",
            };
            let email = format!("{name}{user}@example.test");
            json!({
                "type": "identify", "userId": user, "traits": { "email": email, "first_name": "葵" },
                "context": { "consent": { "categoryPreferences": { "marketing": true } } },
            })
        })
        .collect();
    ensure!(house.track("/v1/batch", &json!({ "batch": batch }))?.status == 200);
    let reachable = json!({ "condition": { "text": "reachable on email" } });
    house.ask_until("/api/v1/ask/count", &reachable, |answer| answer["customers"] == READERS)?;
    Ok(())
}

fn settings(house: &House, server: &MailServer) -> Result<()> {
    house.change_settings(|settings| {
        settings["sender"] = json!({
            "name": "おもてなし商店", "email": "news@shop.test", "reply_to": null, "return_path": "bounces@bounces.test",
            "postal_address": "1-1 Chiyoda, Tokyo",
        });
        settings["providers"] = json!([server.provider()]);
    })
}

fn campaign(house: &House) -> Result<u64> {
    let draft = json!({
        "name": "come back", "audience": "at risk", "purpose": "marketing", "channel": "email",
        "variants": [{
            "language": "ja", "subject": "{{ customer.first_name | default: 'お客' }}様、ご無沙汰しております", "format": "html",
            "body": "<p>{{ customer.first_name | default: 'お客' }}様</p><p><a href=\"https://shop.test/new\">新作を見る</a></p><p><a href=\"{{ unsubscribe_url }}\">配信停止</a></p>",
        }],
    });
    let answer = house.post("/api/v1/campaigns", &draft)?;
    ensure!(answer.status == 201, "{answer:?}");
    answer.body["id"].as_u64().context("a campaign has a number")
}

/// The address in `List-Unsubscribe`, unfolded.
fn one_click(letter: &Path) -> Result<String> {
    let text =
        std::fs::read_to_string(letter)?.replace("\r\n", "\n").replace("\n ", " ").replace("\n\t", " ");
    ensure!(text.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{text}");
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("List-Unsubscribe:"))
        .context("no List-Unsubscribe")?;
    Ok(line.trim().trim_matches(['<', '>']).to_owned())
}

/// Where the real data is, when it is there.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn dataset(path: &str) -> Option<PathBuf> {
    let beside = Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"))
        .join("../../../shared/datasets");
    let file = std::env::var_os("OMOTENASHI_DATASETS").map_or(beside, PathBuf::from).join(path);
    if !file.exists() {
        eprintln!("skipped: there is no {}", file.display());
        return None;
    }
    Some(file)
}
