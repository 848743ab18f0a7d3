//! Messages on their way: providers that are away or say "not now", and campaigns that are slowed, paused and stopped.

use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use e2e::{House, MailServer, Receiver, Request};
use serde_json::json;

/// What webhooks are signed with.
const SECRET: &str = "a secret of 24 letters..";

#[test]
fn a_mail_server_that_is_down_gets_every_letter_when_it_is_back() -> Result<()> {
    const READERS: usize = 5;
    let Some(server) = MailServer::start()? else { return Ok(()) };
    let mut house = House::found()?;
    house.people(READERS)?;
    house.change_settings(|settings| {
        settings["sender"]["email"] = json!("news@shop.test");
        settings["providers"] = json!([server.provider()]);
    })?;
    server.stop()?;
    let campaign = house.launch_to_all("email", None)?;
    let waiting = house.campaign_until(campaign, |it| it["retrying"]["messages"] == READERS)?;
    let retrying = &waiting["retrying"];
    ensure!(waiting["state"] == "running" && waiting["messages"]["failed"] == 0, "{waiting}");
    ensure!(retrying["reply"].as_str().is_some_and(|reply| reply.contains("refused")), "{waiting}");
    let (since, next) = (retrying["since"].as_str(), retrying["next_attempt"].as_str());
    ensure!(since.is_some() && since < next, "since when, and when next: {waiting}");

    house.kill_and_restart()?;
    let kept = house.campaign(campaign)?;
    ensure!(kept["retrying"]["since"] == retrying["since"], "a restart forgets nothing: {kept}");
    server.start_again()?;
    let sent = house.campaign_until(campaign, |it| it["state"] == "finished")?;
    ensure!(sent["messages"]["sent"] == READERS && sent["retrying"].is_null(), "{sent}");
    ensure!(server.wait_for(READERS)?.len() == READERS, "each letter arrives");
    Ok(())
}

#[test]
fn a_webhook_is_signed_and_tried_again_until_it_is_taken() -> Result<()> {
    const PEOPLE: usize = 3;
    let house = House::found()?;
    house.people(PEOPLE)?;
    let receiver = Receiver::start()?;
    receiver.answer_with(503);
    house.use_webhook(&receiver.url, SECRET)?;
    let campaign = house.launch_to_all("webhook", None)?;
    let waiting = house.campaign_until(campaign, |it| it["retrying"]["messages"] == PEOPLE)?;
    ensure!(waiting["retrying"]["reply"] == "503 ok", "{waiting}");
    receiver.answer_with(200);
    house.campaign_until(campaign, |it| it["state"] == "finished")?;
    ensure!(receiver.by_message().values().all(|times| *times == 1) && receiver.taken() == PEOPLE);
    let requests = receiver.requests();
    ensure!(requests.len() == 2 * PEOPLE, "each is tried twice: {requests:?}");
    for request in &requests {
        ensure!(request.headers["webhook-id"] == request.message(), "{request:?}");
        ensure!(request.headers["webhook-signature"] == format!("v1,{}", signature(request)?), "{request:?}");
    }
    Ok(())
}

/// The signature of a webhook as Standard Webhooks says, made by another program.
fn signature(request: &Request) -> Result<String> {
    let header = |name: &str| request.headers.get(name).with_context(|| format!("no {name}"));
    let signed = format!("{}.{}.{}", header("webhook-id")?, header("webhook-timestamp")?, request.body);
    let mut openssl = Command::new("openssl")
        .args(["dgst", "-sha256", "-binary", "-hmac", SECRET])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    openssl.stdin.take().context("it reads")?.write_all(signed.as_bytes())?;
    Ok(base64::engine::general_purpose::STANDARD.encode(openssl.wait_with_output()?.stdout))
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a black box is timed from outside")]
fn a_campaign_keeps_its_pace_pauses_goes_on_where_it_was_and_stops_for_good() -> Result<()> {
    const PEOPLE: usize = 200;
    const A_MINUTE: u32 = 600;
    let mut house = House::found()?;
    house.people(PEOPLE)?;
    let receiver = Receiver::start()?;
    house.use_webhook(&receiver.url, SECRET)?;
    let begun = std::time::Instant::now();
    let campaign = house.launch_to_all("webhook", Some(A_MINUTE))?;
    house.campaign_until(campaign, |_| receiver.taken() >= 30)?;
    // A minute's worth may not come faster than within a minute, but for the one second that may be caught up.
    let most = 10.0 * (begun.elapsed().as_secs_f64() + 2.0);
    #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
    let taken = receiver.taken() as f64;
    ensure!(taken <= most, "{taken} messages, at most {most}");

    house.act(campaign, "pause")?;
    let paused = settled(&house, &receiver, campaign)?;
    ensure!(paused < PEOPLE, "some are still to be sent");
    // A restart does not start it again.
    house.kill_and_restart()?;
    ensure!(house.campaign(campaign)?["state"] == "paused");
    ensure!(settled(&house, &receiver, campaign)? == paused, "nobody gets anything while it is paused");

    house.act(campaign, "resume")?;
    house.campaign_until(campaign, |_| receiver.taken() >= paused + 10)?;
    house.act(campaign, "stop")?;
    let stopped = settled(&house, &receiver, campaign)?;
    let end = house.campaign_until(campaign, |it| it["messages"]["failed"] == PEOPLE - stopped)?;
    ensure!(
        end["state"] == "stopped" && end["messages"]["sent"] == stopped,
        "everybody is accounted for: {end}"
    );
    ensure!(receiver.by_message().values().all(|times| *times == 1), "nobody got it twice");
    let again =
        house.post(&format!("/api/v1/campaigns/{campaign}/resume"), &json!({ "version": end["version"] }))?;
    ensure!(again.status == 409, "what is stopped stays stopped: {again:?}");
    Ok(())
}

/// How many messages were taken, when no more come: every one that was begun has its outcome.
fn settled(house: &House, receiver: &Receiver, campaign: u64) -> Result<usize> {
    loop {
        let before = receiver.taken();
        (0..10).for_each(|_| e2e::pause());
        house.campaign_until(campaign, |it| it["messages"]["sent"] == receiver.taken())?;
        if receiver.taken() == before {
            return Ok(before);
        }
    }
}

#[test]
fn a_provider_that_can_never_work_is_refused_by_the_settings() -> Result<()> {
    let house = House::found()?;
    let refused = house.use_webhook("http://127.0.0.1:1/hook", "short").expect_err("it is refused");
    let said = refused.to_string();
    ensure!(said.contains("settings.providers[0]") && said.contains("at least 16 letters"), "{said}");
    Ok(())
}
