// The unmodified npm client @segment/analytics-next in a real browser: node browser.mjs URL WRITE_KEY
// Two visits of one page send the same four events, with the same message ids. The first visit changes nothing but the
// host; the second names the destination itself. CHROMIUM names another browser.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { chromium } from "playwright-core";

const [host, writeKey] = process.argv.slice(2);
const { host: apiHost, protocol } = new URL(host);
const library = dirname(createRequire(import.meta.url).resolve("@segment/analytics-next/package.json"));
const script = join(library, "dist/umd/index.js");
const shop = "http://shop.example";

/** What a shop's page does; runs in the browser. */
async function visit(settings) {
  const { writeKey, host, destination } = settings;
  const integrations = { "Segment.io": destination };
  const [analytics] = destination
    ? await window.AnalyticsNext.AnalyticsBrowser.load(
        { writeKey, cdnSettings: { integrations } },
        { integrations, user: { persist: false } },
      )
    : await window.AnalyticsNext.AnalyticsBrowser.load({ writeKey, cdnURL: host }, { user: { persist: false } });
  const sent = [
    await analytics.page("Docs", "Home", {}, { messageId: "browser-page" }),
    await analytics.identify("browser-1", { email: "browser-1@example.com" }, { messageId: "browser-identify" }),
    await analytics.track("Product Viewed", { sku: "SKU1" }, { messageId: "browser-track" }),
    await analytics.group("g1", { name: "Acme" }, { messageId: "browser-group" }),
  ];
  return sent.map((context) => context.event.messageId);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  // A shop on the internet may not call this very machine; here the server is this machine.
  args: ["--no-sandbox", "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests"],
});
const destination = { apiKey: writeKey, apiHost: `${apiHost}/v1`, protocol: protocol.replace(":", "") };
const [answers, complaints] = [[], []];
for (let round = 0; round < 2; round += 1) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const html = "<!doctype html><meta charset=utf-8><title>Shop</title><script src=/analytics.js></script>";
  await page.route(`${shop}/`, (route) => route.fulfill({ contentType: "text/html", body: html }));
  await page.route(`${shop}/*.js`, (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    const file = name === "analytics.js" ? script : join(dirname(script), name);
    return route.fulfill({ contentType: "text/javascript", body: readFileSync(file) });
  });
  page.on("response", (response) => {
    if (response.url().startsWith(host) && response.request().method() === "POST") answers.push(response.status());
  });
  page.on("console", (message) => {
    const about = `${message.location().url} ${message.text()}`;
    if (message.type() === "error" && about.includes(apiHost)) complaints.push(message.text());
  });
  await page.goto(`${shop}/`);
  await page.evaluate(visit, { writeKey, host, destination: round === 0 ? null : destination });
  // What the client tells about itself from time to time.
  await page.evaluate((url) => fetch(url, { method: "POST", headers: { "Content-Type": "text/plain" }, body: '{"series":[]}' }), `${host}/v1/m`);
  // The page's requests outlive it; wait until each of the five has its answer.
  for (let looks = 0; looks < 200 && answers.length < 5 * (round + 1); looks += 1) await page.waitForTimeout(50);
  await context.close();
}
await browser.close();
const refused = answers.filter((status) => status >= 400);
if (refused.length > 0 || answers.length < 10 || complaints.length > 0) {
  console.error("answers of the server:", answers, "complaints of the browser:", complaints);
  process.exit(1);
}
console.log(JSON.stringify({ events: 4, rounds: 2 }));
