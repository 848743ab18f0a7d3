// The unmodified npm client @segment/analytics-node: node node.mjs URL WRITE_KEY
// Sends the same six events twice, with the same message ids, and says how many it sent.
import { Analytics } from "@segment/analytics-node";

const [host, writeKey] = process.argv.slice(2);
const who = { userId: "node-1" };

for (let round = 0; round < 2; round += 1) {
  const analytics = new Analytics({ writeKey, host, path: "/v1/batch", maxRetries: 3 });
  const failures = [];
  analytics.on("error", (error) => failures.push(error));
  analytics.identify({ ...who, traits: { email: "node-1@example.com", name: "山田 太郎" }, messageId: "node-identify" });
  analytics.track({
    ...who,
    event: "Order Completed",
    properties: { order_id: "A-1001", revenue: 1299.5, products: [{ sku: "SKU1", quantity: 1 }] },
    timestamp: new Date("2026-01-31T12:00:00Z"),
    messageId: "node-order",
  });
  analytics.page({ ...who, name: "Home", properties: { url: "https://shop.example/" }, messageId: "node-page" });
  analytics.screen({ ...who, name: "Main", messageId: "node-screen" });
  analytics.group({ ...who, groupId: "g1", traits: { name: "Acme" }, messageId: "node-group" });
  analytics.alias({ ...who, previousId: "node-anonymous-1", messageId: "node-alias" });
  await analytics.closeAndFlush({ timeout: 10_000 });
  if (failures.length > 0) {
    console.error(failures);
    process.exit(1);
  }
}
console.log(JSON.stringify({ events: 6, rounds: 2 }));
