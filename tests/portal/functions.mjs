// SPDX-License-Identifier: Apache-2.0
// functions.mjs MODULES LINK: a function's page in a browser: learned from its log, its allowlist put in force, rules and exclusions.
import { behaviour } from "./behaviour.mjs";
import { check, run } from "./browser.mjs";
import { hostile, ingest, randomFrom } from "./seed.mjs";

const [modules, link] = process.argv.slice(2);
const row = { name: "thumbs", runtime: "nodejs20.x", mode: "detect", code: "c0de1" };
const odd = [{ kind: "file_read", subject: `/tmp/${hostile[0]}`, arguments: [] }, { kind: "process_start", subject: "/bin/sh", arguments: ["sh", "-c", hostile[1]] }];
let id;

const api = async (it, path) => (await it.call("GET", `/v1/functions/${id}${path}`)).body;

const pause = (it) => it.page.evaluate(() => new Promise((done) => { setTimeout(done, 100); }));

/** Ask until IS is true of what PATH answers; that, or the last answer. */
async function until(it, path, is) {
  for (let n = 0; n < 200; n++) {
    const answer = await api(it, path);
    if (is(answer)) return answer;
    await pause(it);
  }
  return api(it, path);
}

async function learn(it) {
  const { token } = (await it.call("POST", "/v1/tokens", { name: "forwarder", role: "admin", scopes: ["ingest", "learn"] })).body;
  const random = randomFrom(5);
  const send = (sandboxes, more) => ingest(it.origin, token, behaviour(row, Date.now(), random, sandboxes, 160, more), { account: "123456789012", region: "eu-west-1", function: row.name, stream: "one" });
  await send(2, odd);
  id = (await it.call("GET", `/v1/functions?text=${row.name}`)).body.functions[0].id;
  check((await until(it, "/learning", ({ points }) => points.length === 1)).points[0].invocations === 320, "what sandboxes tell is learned");
  await send(8, []);
  await until(it, "/learning", ({ points }) => points.length === 2);
  await it.open(`/functions/${id}`, row.name);
  check(await it.sees("text=/about [0-9,]+ are to go/"), "how far learning is, in a sentence");
  await send(70, []);
  const { state, bound, points } = await until(it, "/learning", ({ percent }) => percent === 100);
  check(state === "ready" && bound < 0.001 && points.at(-1).percent === 100, `learning ends when its bound is low enough: ${state} ${bound}`);
}

async function chart(it) {
  const { page } = it;
  await it.open(`/functions/${id}/protection`, row.name);
  check(await it.sees("text=/Learning has ended: [0-9,]+ invocations were seen/"), "that it has ended");
  const { points } = await api(it, "/learning");
  const texts = await page.locator(".curve svg text").allTextContents();
  check(await page.locator(".curve circle").count() === points.length && ["invocations seen", "chance of something unlisted, at most", "ends below 0.1 %", "1,000", "1 %"].every((text) => texts.includes(text)),
    `a curve with axes, units and the line that ends it: ${texts.join()}`);
  const box = await page.locator(".curve svg").boundingBox();
  await page.mouse.move(box.x + 70, box.y + 60);
  check(await it.sees(".curve .near") && (await page.locator(".curve .near").textContent()).startsWith("320 invocations: at most "), "a point says what it is");
  await page.click(".curve summary");
  check(await page.locator(".curve td").count() === 2 * points.length, "and all stand in a table");
  await it.accessibleInBoth("protection");
}

async function switches(it) {
  const { page } = it;
  const posture = async () => (await api(it, "")).posture ?? "";
  check(await page.isChecked("input[name=detect]") && !await page.isChecked("input[name=block]"), "what its sandboxes do now");
  await page.click("input[name=block]");
  check(await it.sees("text=Said for this function alone") && await posture() === "block", "block, with a click");
  await page.click("input[name=detect]");
  check(await it.comes(() => document.querySelector("input[name=block]").disabled) && await posture() === "off", "off; nothing that is not detected is blocked");
  await page.focus("input[name=detect]");
  await page.keyboard.press("Space");
  check(await it.comes(() => document.querySelector("input[name=detect]").checked && !document.querySelector("input[name=block]").disabled) && await posture() === "detect", "a switch is turned by a key");
  await page.click("text=As the policies say");
  check(await it.sees("text=As its policies say") && await posture() === "", "and given back to the policies");
}

async function allowlist(it) {
  const { page } = it;
  await page.click("text=Look at it and approve …");
  await it.sees("dialog .diff");
  check((await page.locator("dialog .diff").innerText()).includes("/usr/bin/convert"), "the proposed allowlist is shown before it is approved");
  await it.accessibleInBoth("an allowlist");
  await page.click("dialog button:text-is('Not yet')");
  check((await api(it, "/allowlist")).allowlist === null, "not yet is not yet");
  await page.click("text=Look at it and approve …");
  await page.click("dialog button:text-is('Approve')");
  check(await it.sees("text=An allowlist is in force, by user:anna") && (await api(it, "/learning")).state === "enforcing", "approved, it is in force");
  await page.click("text=Take it out of force …");
  await page.click("dialog button:text-is('Take it out')");
  check(await it.sees("text=An allowlist is proposed") && (await api(it, "/allowlist")).allowlist === null, "and out of force again");
}

const tab = (it, name) => it.page.click(`nav[aria-label='Parts of the function'] >> text=${name}`);
const rowOf = (it, text) => it.page.locator(".activity tbody tr", { hasText: text });

async function activity(it) {
  const { page } = it;
  await it.open(`/functions/${id}/protection`, row.name);
  check(await it.sees(".activity tr:has-text('/usr/bin/convert -resize 200x200 /tmp/upload.png')"), "the processes that it starts");
  const convert = await rowOf(it, "/usr/bin/convert").innerText();
  check(/started\s+\d+.*learned\s+not listed/s.test(convert), `how often, since when, where it comes from, what becomes of it: ${convert}`);
  check(await rowOf(it, hostile[1]).count() === 1, "arguments are text");
  await it.accessibleInBoth("processes");
  await page.click(".pick >> text=Files");
  check(await it.sees(".activity .folder button:has-text('var/task/')") && page.url().endsWith("?kind=file"), "files are a tree, by its address");
  check(await rowOf(it, hostile[0]).count() === 1, "paths are text");
  await page.click(".folder button:has-text('var/task/')");
  check(await it.comes(() => ![...document.querySelectorAll(".activity tr")].some((line) => line.textContent.startsWith("index.js"))), "a folder is closed");
  await page.keyboard.press("Enter");
  check(await it.sees("td[title='/var/task/index.js']"), "and opened by a key");
  await it.accessibleInBoth("files");
  await page.fill("[aria-label='Search these']", "hosts");
  check(await it.comes(() => document.querySelectorAll(".activity td[title]").length === 1), "part of a path");
  await page.fill("[aria-label='Search these']", "");
}

/** Beside each thing: deny it, allow it. */
async function verdicts(it) {
  const { page } = it;
  await page.click("[aria-label='Deny /etc/hosts']");
  check(await page.inputValue("dialog textarea[name='files.read']") === "/etc/hosts", "deny writes a rule for it");
  await page.fill("dialog textarea", "hosts");
  await page.click("text=What would it change?");
  check(await it.sees("dialog [role=alert]:has-text('must be absolute')"), "a rule that is wrong has no preview");
  await page.fill("dialog textarea", "/etc/hosts");
  await page.click("text=What would it change?");
  check(await it.sees("dialog .trial") && /1 would be judged otherwise.*\/etc\/hosts.*observed\s+alerted/s.test(await page.locator("dialog .trial").innerText()), `what was recorded is judged with it, before it is made: ${await page.locator("dialog .trial").innerText()}`);
  await it.accessibleInBoth("a preview");
  check((await rules(it)).length === 0, "looking makes no rule");
  await page.click("dialog button.main");
  check(await it.sees("tr:has(td[title='/etc/hosts']) .tag:text-is('denied')"), "it is denied then");
  await page.click(".pick >> text=Addresses");
  await page.click("[aria-label='Allow 10.0.3.7:5432']");
  await page.click("dialog button.main");
  check(await it.sees("tr:has(td[title='10.0.3.7:5432']) .tag:text-is('allowed')"), "what is not listed is allowed");
  check(await it.sees("td:has-text('added')") , "and listed as added");
  check((await rules(it)).map(({ list }) => list).sort().join() === "exclusion,rule", "by a rule and an exclusion");
  await page.selectOption("label:has-text('Verdict') select", "deny");
  check(await it.sees("text=Nothing is like that"), "one verdict alone, by its address");
  for (const { id: rule } of await rules(it)) await it.call("DELETE", `/v1/rules/${rule}`);
}

const rules = (it) => it.call("GET", `/v1/rules?function=${id}`).then(({ body }) => body.items);

async function makeRules(it) {
  const { page } = it;
  await tab(it, "Rules & Exclusions");
  check(await it.sees("text=There is no rule for this function"), "no rule yet");
  await it.accessibleInBoth("no rules");
  await page.click("text=Add a rule …");
  await page.click("dialog button.main");
  check((await page.locator("dialog [role=alert]").innerText()) === "Say what it matches.", "a rule that matches nothing is none");
  await page.selectOption("dialog select[name=facet]", "files.read");
  await page.fill("dialog textarea", "etc/passwd");
  await page.click("dialog button.main");
  check(await it.comes(() => document.querySelector("dialog [role=alert]")?.textContent.includes("must be absolute")), "the server says what is wrong with it, and how to write it");
  await page.fill("dialog textarea", "/etc/passwd\n/etc/shadow*");
  await page.fill("dialog input[name=name]", hostile[0]);
  await page.fill("dialog input[name=reason]", hostile[1]);
  await page.fill("dialog input[name=expires]", "2031-12-31");
  await it.accessibleInBoth("a new rule");
  await page.click("dialog button.main");
  await page.locator("dialog").waitFor({ state: "detached" });
  await it.sees("section[aria-label=Rules] tbody tr");
  const text = await page.locator("section[aria-label=Rules] tbody tr").innerText();
  check([hostile[0], hostile[1], "/etc/passwd, /etc/shadow*", row.name, "31 Dec 2031", "user:anna"].every((part) => text.includes(part)), `a rule is listed, all of it text: ${text}`);
  const [made] = await rules(it);
  check(made.list === "rule" && made.expires === "2031-12-31T23:59:59.000Z" && JSON.stringify(made.entry) === JSON.stringify({ name: hostile[0], files: { read: ["/etc/passwd", "/etc/shadow*"] } }), `as it was written: ${JSON.stringify(made)}`);
  await page.click("text=Add an exclusion …");
  await page.selectOption("dialog select[name=facet]", "processes");
  await page.fill("dialog textarea", "/usr/bin/convert -resize <number>x<number> *");
  await page.selectOption("dialog select[name=scope]", { label: "all functions" });
  await page.click("dialog button.main");
  await it.sees("section[aria-label=Exclusions] tbody tr");
  const exclusion = (await rules(it)).find(({ list }) => list === "exclusion");
  check(exclusion.scope.kind === "account" && exclusion.entry.processes[0].arguments.length === 3 && exclusion.expires === null, "an exclusion for all functions");
  await it.accessibleInBoth("rules");
}

async function changeRules(it) {
  const { page } = it;
  await page.click(`[aria-label=${JSON.stringify(`Edit ${hostile[0]}`)}]`);
  check(await page.inputValue("dialog textarea") === "/etc/passwd\n/etc/shadow*" && await page.inputValue("dialog input[name=reason]") === hostile[1], "a rule is edited as it stands");
  await page.fill("dialog textarea", "/etc/passwd");
  await page.fill("dialog input[name=expires]", "");
  await page.click("dialog button.main");
  await page.locator("dialog").waitFor({ state: "detached" });
  const changed = (await rules(it)).find(({ list }) => list === "rule");
  check(changed.expires === null && changed.entry.files.read.length === 1 && changed.reason === hostile[1], "and changed");
  await page.click("section[aria-label=Rules] button:has-text('End …')");
  await page.fill("dialog input[name=day]", "2032-02-29");
  await it.accessibleInBoth("the end of a rule");
  await page.click("text=End it with that day");
  check(await it.sees("text=29 Feb 2032"), "it ends with a day");
  await it.call("PATCH", `/v1/rules/${changed.id}`, { expires: new Date(Date.now() + 1500).toISOString() });
  for (let n = 0; n < 100 && (await rules(it)).find(({ list }) => list === "rule").state !== "expired"; n++) await pause(it);
  await page.reload();
  await page.click("text=Show 1 that has expired");
  check(await it.sees("section[aria-label=Rules] .tag:text-is('expired')"), "what has expired is shown on demand");
  await page.click("section[aria-label=Rules] button:has-text('Delete …')");
  await page.click("text=Delete it now");
  check(await it.sees("text=There is no rule for this function") && (await rules(it)).every(({ list }) => list === "exclusion"), "and deleted");
}

async function ofDocuments(it) {
  const { page } = it;
  const body = `apiVersion: gambeson/v1\nkind: AccountPolicy\nmetadata: {name: acme}\nspec:\n  posture: detect\n  rules:\n    - {name: no-curl, processes: [/usr/bin/curl]}\n`;
  await page.evaluate(async (body) => {
    const { csrf_token } = await (await fetch("/v1/session")).json();
    await fetch("/v1/policies/AccountPolicy/acme", { method: "PUT", body: JSON.stringify({ body }), headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf_token, "If-None-Match": "*" } });
  }, body);
  await page.reload();
  await it.sees("text=no-curl");
  check(await page.locator("section[aria-label=Rules] button:has-text('Edit')").count() === 0, "what stands in a document is not changed here");
  await page.click("text=in acme, line 7");
  check(await it.heading("acme"), "but there, one click away");
}

/** New code that does something else. */
async function versions(it) {
  const { page } = it;
  await it.open(`/functions/${id}/versions`, row.name);
  check(await it.sees("text=Once there is another version"), "one version has none to be compared with");
  const { token } = (await it.call("POST", "/v1/tokens", { name: "second", role: "admin", scopes: ["ingest", "learn"] })).body;
  const news = [{ kind: "name_lookup", subject: hostile[0], arguments: [] }];
  await ingest(it.origin, token, behaviour({ ...row, code: "c0de2" }, Date.now() + 600000, randomFrom(9), 3, 20, news), { account: "123456789012", region: "eu-west-1", function: row.name, stream: "one" });
  await until(it, "/learning", ({ points }) => points.at(-1)?.invocations === 60);
  await page.reload();
  await it.sees("section[aria-label=New] td");
  await it.sees("section[aria-label='No longer seen'] td");
  check(await page.locator("section[aria-label=New] td", { hasText: hostile[0] }).count() === 1, "what the new code does that the old did not, as text");
  check(await page.locator("section[aria-label='No longer seen'] td", { hasText: hostile[1] }).count() === 1 && await it.sees("text=7 things are the same in both"), "what it does no longer, and how much is the same");
  await it.accessibleInBoth("versions");
  await page.selectOption("[aria-label=Version]", "c0de1");
  await page.selectOption("[aria-label='Compared with version']", "c0de2");
  check(await it.sees(`section[aria-label=New] td:has-text(${JSON.stringify("/bin/sh")})`) && page.url().includes("version=c0de1&against=c0de2"), "any two, by an address that can be shared");
}

async function readers(it) {
  const { page } = it;
  await it.become("vera", "viewer");
  await it.open(`/functions/${id}`, row.name);
  await it.sees(".curve");
  check(await it.sees(".activity td") && await page.locator("button[aria-label^=Allow]").count() === 0 && await page.isDisabled("input[name=detect]") && await page.locator("text=approve …").count() === 0, "a viewer turns and approves nothing");
  await it.fits(["versions", "protection", "rules"].map((tab) => `/functions/${id}/${tab}`));
  check(await page.locator("button:has-text('Add a')").count() === 0, "a viewer adds nothing");
}

await run(modules, link, async (it) => {
  await it.setUp(link);
  // A function without documents has no policy; entries that are wrong are asked about here.
  it.expected = /status of (401|404|422)/;
  for (const part of [learn, chart, switches, allowlist, activity, verdicts, makeRules, changeRules, ofDocuments, versions, readers]) await part(it);
});
