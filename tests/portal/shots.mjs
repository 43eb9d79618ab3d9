// SPDX-License-Identifier: Apache-2.0
// shots.mjs MODULES LINK ROOT FOLDER: pictures of the portal with a week of events into FOLDER, for docs/PORTAL.md. `make portal-shots`.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { behaviour } from "./behaviour.mjs";
import { check, run } from "./browser.mjs";
import { attackGoat, functions, ingest, ingestWeek, randomFrom, Sandbox } from "./seed.mjs";

const [modules, link, root, folder] = process.argv.slice(2);

const policy = `# What holds in all accounts
apiVersion: gambeson/v1
kind: AccountPolicy
metadata: {name: shop}
spec:
  posture: block
  enforce: at once
  rules:
    - name: no-passwords
      reason: credentials of the system
      files: {read: [/etc/passwd, "/etc/shadow*"]}
  exclusions:
    - {name: fonts, files: {read: ["/usr/share/fonts/**"]}, reason: the PDF renderer}
`;

// How far each function's learning is, in sandboxes seen; those of 80 end it.
const seen = { "checkout-api": 80, "order-search": 80, login: 80, "webhook-in": 80, "invoice-render": 80, "avatar-resize": 80, "report-mailer": 30, "csv-import": 8, "stock-sync": 2 };

async function until(claim) {
  for (let turn = 0; turn < 300; turn++) {
    const answer = await claim();
    if (answer) return answer;
    await new Promise((later) => setTimeout(later, 100));
  }
  return undefined;
}

async function seed(it) {
  const { token } = (await it.call("POST", "/v1/tokens", { name: "forwarder", role: "admin", scopes: ["ingest", "learn"] })).body;
  const now = Date.now();
  const random = randomFrom(21);
  const where = ({ account, region, name }) => ({ account, region, function: name, stream: "one" });
  await ingestWeek(it.origin, token, now);
  for (const row of functions) {
    if (row.mode === "off") await ingest(it.origin, token, `${new Sandbox(row, now - 7200000, random).lines.join("\n")}\n`, where(row));
    else await ingest(it.origin, token, behaviour(row, now - 7200000, random, seen[row.name], 160), where(row));
  }
  await ingest(it.origin, token, await attackGoat(`${root}/build/bin/gambeson`, root, "detect", /^[1-5]-/), { account: "111122223333", region: "eu-west-1" });
  const rows = (await it.call("GET", "/v1/functions?limit=100")).body.functions;
  for (const { id, name } of rows.filter(({ name }) => seen[name] === 80)) {
    const proposal = await until(async () => (await it.call("GET", `/v1/functions/${id}/allowlist`)).body?.proposal);
    const done = proposal && await it.call("POST", `/v1/functions/${id}/allowlist/approve`, { revision: proposal.revision });
    check(done?.status === 204, `${name} is learned`);
  }
  for (const { id, name, account } of rows) if (account === "111122223333") await it.call("PATCH", `/v1/functions/${id}`, { group: name === "goat" ? "examples" : "shop" });
  await it.call("PUT", "/v1/policies/AccountPolicy/shop", { body: policy, comment: "first" }, { "If-None-Match": "*" });
  await it.call("POST", "/v1/channels", { name: "on call", kind: "pagerduty", severity: "critical", config: { routing_key: "0123456789abcdef0123456789abcdef" } });
  await it.call("POST", "/v1/channels", { name: "security", kind: "slack", severity: "high", config: { url: "https://hooks.example/services/T0/B0" } });
  return rows;
}

await run(modules, link, async (it) => {
  mkdirSync(folder, { recursive: true });
  // A function for which no policy was made yet has none to show.
  it.expected = /status of 401|status of 404.*\/v1\/functions\/\d+\/policy$/;
  check(await it.setUp(link), "set up");
  const rows = await seed(it);
  const goat = rows.find(({ name }) => name === "goat").id;
  const [event] = (await it.call("GET", `/v1/events?function=${goat}&control=flow&text=made%20the%20shell&limit=1`)).body.events;
  const incident = (await it.call("GET", "/v1/incidents")).body.incidents.find(({ events }) => events > 2) ?? { id: "" };
  const learning = rows.find(({ name }) => name === "csv-import").id;
  const shoot = async (name, path, { scheme = "light", act, width = 1280, height = 860 } = {}) => {
    await it.page.setViewportSize({ width, height });
    await it.page.emulateMedia({ colorScheme: scheme });
    await it.page.goto(it.address(path));
    await it.page.waitForLoadState("networkidle");
    await it.sees("main h1");
    await act?.();
    await it.page.waitForTimeout(200);
    await it.page.screenshot({ path: join(folder, `${name}.png`), animations: "disabled" });
    check(true, name);
  };
  const click = (text) => () => it.page.click(`button:has-text('${text}')`);
  await shoot("overview", "/");
  await shoot("overview-dark", "/", { scheme: "dark" });
  await shoot("events", "/events");
  await shoot("events-dark", "/events?severity=high&group=source_ip", { scheme: "dark" });
  await shoot("event", `/event/${event.id}`, { height: 810 });
  const [started] = (await it.call("GET", "/v1/events?text=usr/bin/env&class=process_start&source_ip=192.0.2.14&limit=1")).body.events;
  await shoot("processes-dark", `/event/${started.id}`, { scheme: "dark", height: 900 });
  await shoot("exception-dark", `/event/${event.id}`, { scheme: "dark", act: async () => { await click("Make an exception")(); await it.sees(".preview table, .preview p"); } });
  await shoot("incident", `/incidents/${incident.id}`);
  await shoot("functions", "/functions");
  await shoot("function-dark", `/functions/${learning}`, { scheme: "dark" });
  await shoot("policy", "/policies/AccountPolicy?name=shop");
  await shoot("notifications", "/settings/notifications", { act: click("Add a channel") });
  await shoot("phone-dark", "/", { scheme: "dark", width: 390, height: 844 });
});
