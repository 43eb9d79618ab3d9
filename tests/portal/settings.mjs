// SPDX-License-Identifier: Apache-2.0
// settings.mjs MODULES LINK: notifications, the policy key, sign-in. Messages go to a receiver here. Prints TAP.
import { createServer } from "node:http";
import { check, run } from "./browser.mjs";
import { findingOf, hostile, ingest, randomFrom, Sandbox } from "./seed.mjs";

const [modules, link] = process.argv.slice(2);

/** Keeps what it is sent; answers with the status in hand. */
const receiver = { status: 204, got: [] };
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (piece) => { body += piece; });
  request.on("end", () => { receiver.got.push(body); response.writeHead(receiver.status).end(); });
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const url = `http://127.0.0.1:${server.address().port}/hook`;

async function until(claim) {
  for (let turn = 0; turn < 200; turn++) {
    if (await claim()) return true;
    await new Promise((later) => setTimeout(later, 100));
  }
  return false;
}

// What somebody types for each kind.
const filled = {
  slack: { url: "https://hooks.example/a" }, teams: { url: "https://hooks.example/b" }, pagerduty: { routing_key: "0123456789abcdef0123456789abcdef" },
  email: { server: "mail.example:587", from: "gambeson@example.com", to: "a@example.com, b@example.com" }, webhook: { url }, sns: { topic: "arn:aws:sns:eu-west-1:111122223333:alarms" },
  securityhub: { account: "111122223333", region: "eu-west-1" }, syslog: { server: "log.example:6514" },
};

async function add(it, kind, name, more = {}) {
  await it.page.click("button:text-is('Add a channel')");
  await it.page.locator("dialog label:has-text('Kind') select").first().selectOption(kind);
  await it.page.fill("dialog input[name=name]", name);
  for (const [field, value] of Object.entries({ ...filled[kind], ...more })) await it.page.fill(`dialog input[name='config.${field}']`, value);
}

async function kinds(it) {
  await it.open("/settings/notifications", "Settings");
  check(await it.sees(":text('Nobody is told of anything yet')"), "without a channel it says what one is for");
  await it.page.click("button:text-is('Add a channel')");
  await it.accessibleInBoth("a new channel");
  await it.page.keyboard.press("Escape");
  check(await it.comes(() => document.querySelector("dialog") === null), "Escape closes it");
  for (const kind of Object.keys(filled)) {
    await add(it, kind, `to ${kind}`);
    await it.page.click("dialog button[type=submit]");
    check(await it.sees(`td b:text-is("to ${kind}")`), `a channel of kind ${kind} is made`);
  }
  const { items } = (await it.call("GET", "/v1/channels?limit=200")).body;
  check(items.length === Object.keys(filled).length && items.find(({ kind }) => kind === "email").config.to.length === 2, "as the API has them");
  await it.accessibleInBoth("channels");
  await add(it, "webhook", "wrong", { url: "ftp://nowhere" });
  it.expected = /status of 4(01|22)/;
  await it.page.click("dialog button[type=submit]");
  check(await it.sees("dialog [role=alert]:has-text('config.url')"), "what is wrong is said beside the form");
  await it.page.keyboard.press("Escape");
  for (const kind of Object.keys(filled).filter((one) => one !== "webhook")) {
    await it.page.click(`button[aria-label='Delete to ${kind}']`);
    await it.page.click(`button[aria-label='Really delete to ${kind}']`);
    await it.comes((name) => ![...document.querySelectorAll("td b")].some((one) => one.textContent === name), `to ${kind}`);
  }
  check((await it.call("GET", "/v1/channels")).body.items.length === 1, "asked twice, a channel is deleted");
}

async function change(it) {
  await it.page.click("button[aria-label='Change to webhook']");
  await it.page.fill("dialog input[name=name]", hostile[0]);
  await it.page.fill("dialog input[name='config.secret']", "a secret of the webhook");
  await it.page.selectOption("dialog select[name=severity]", "high");
  await it.page.selectOption("dialog select[name='config.format']", "ecs");
  await it.page.fill("dialog input[name=window]", "0");
  await it.page.click("dialog summary");
  await it.page.fill("dialog input[name='filter.accounts']", "111122223333, 444455556666");
  await it.page.click("dialog button[type=submit]");
  check(await it.sees(`td b:text-is("${hostile[0]}")`), "a channel is changed, and may have any name");
  const [channel] = (await it.call("GET", "/v1/channels")).body.items;
  check(channel.window === 0 && channel.filter.accounts.length === 2 && channel.config.secret === "***", `its filter, window and secret are kept: ${JSON.stringify(channel.filter)}`);
  await it.page.click(`button[aria-label='Change ${hostile[0]}']`);
  await it.page.click("dialog button[type=submit]");
  await it.comes(() => document.querySelector("dialog") === null);
  const [same] = (await it.call("GET", "/v1/channels")).body.items;
  check(same.config.secret === "***" && same.severity === "high" && same.config.format === "ecs" && same.window === 0, `what is not touched stays: ${same.severity} ${same.config.format}`);
}

async function telling(it) {
  await it.page.click(`button[aria-label='Test ${hostile[0]}']`);
  check(await it.sees("td [role=status]:has-text('Arrived in')") && receiver.got.length === 1, "the test button sends a made-up event, and says that it arrived");
  receiver.status = 400;
  await it.page.click(`button[aria-label='Test ${hostile[0]}']`);
  check(await it.sees("td [role=status]:has-text('Not delivered')"), "or why not");

  const { token } = (await it.call("POST", "/v1/tokens", { name: "forwarder", role: "admin", scopes: ["ingest"] })).body;
  const random = randomFrom(3);
  const sandbox = new Sandbox({ name: "checkout-api", mode: "detect", runtime: "node", code: "c" }, Date.now() - 1000, random);
  sandbox.finding(Date.now() - 900, { ...findingOf({ type: "SQL Injection Attack", class: "sqli", control: "firewall", severity: "critical", reason: "sql_tautology", attack: ["T1190"], cwe: 89,
    path: "q", origin: "query", value: "' OR 1=1", bad: "' OR 1=1" }, "observed"), request: "r-1", source_ip: "198.51.100.23" });
  await ingest(it.origin, token, `${sandbox.lines.join("\n")}\n`, { account: "111122223333", region: "eu-west-1" });
  check(await until(() => receiver.got.length >= 3), "what is found is told");
  const dead = () => it.call("GET", "/v1/channels").then(({ body }) => body.items[0].status.dead);
  check(await until(async () => await dead() === 1), "and given up when the receiver refuses it");
  await it.page.reload();
  await it.page.click(`button[aria-label='Messages of ${hostile[0]}']`);
  check(await it.sees("dialog td:has-text('400')"), "what was given up is listed with the reason");
  await it.accessible("messages");
  receiver.status = 204;
  await it.page.click("dialog td button:text-is('Again')");
  check(await it.sees("dialog [role=status]:has-text('1 are on their way')") && await until(async () => await dead() === 0), "and sent again");

  const [event] = (await it.call("GET", "/v1/events?class=sqli")).body.events;
  const before = receiver.got.length;
  await it.open(`/event/${event.id}`);
  await it.page.click("button:text-is('Notify…')");
  await it.page.click("dialog button:text-is('Send')");
  check(await it.sees(".told") && await until(() => receiver.got.length > before), "an event is told by hand");
  check(receiver.got.at(-1).includes(event.id), "the one in hand");

  await it.page.click("button:text-is('Block from now on…')");
  await it.accessible("block from now on");
  await it.page.click("dialog button:text-is('Block it')");
  check(await it.sees(".told:has-text('blocks from the next publishing on')") && (await it.call("GET", `/v1/functions/${event.function}`)).body.posture === "block", "its function blocks from now on");
}

async function keys(it) {
  await it.open("/settings/keys", "Settings");
  const pins = () => it.page.locator("pre").innerText();
  await it.sees("pre");
  const before = await pins();
  check(before.includes("ed25519") || before.length > 40, "the policy key's pins are shown");
  await it.accessibleInBoth("policy key");
  await it.page.click("button:text-is('Prepare')");
  check(await it.sees(".told:has-text('A new key is prepared')") && await it.comes((old) => document.querySelector("pre").innerText !== old, before), "a new key is prepared");
  const prepared = await pins();
  await it.page.click("button:text-is('Activate')");
  check(await it.sees(".told:has-text('The new key signs from now on')") && await it.comes((old) => document.querySelector("pre").innerText !== old, prepared), "and activated");
}

async function retention(it) {
  await it.open("/settings/retention", "Settings");
  check(await it.comes(() => document.querySelector("input[name=events_megabytes]")?.value === "50000"), "how long events are kept is shown");
  await it.page.fill("input[name=events_days]", "400");
  await it.page.click("button:text-is('Keep')");
  check(await it.sees(".told:has-text('Kept.')") && await it.comes(() => document.querySelector("input[name=events_days]").value === "400"), "a change is kept");
  check((await it.call("GET", "/v1/retention")).body.events_days === 400, "as the API has it");
  await it.accessibleInBoth("retention");
}

async function signIn(it) {
  await it.open("/settings/sign-in", "Settings");
  check(await it.sees("li:text-is('Name and password')") && await it.sees("code:text-is('gambeson serve --oidc FILE')"), "the ways to sign in are shown");
  check(await it.sees("td:text-is('anna')") && await it.sees("td:text-is('this one')"), "and who is signed in");
  await it.accessible("sign-in");
}

await run(modules, link, async (it) => {
  check(await it.setUp(link), "set up");
  for (const part of [kinds, change, telling, keys, retention, signIn]) await part(it);
});
