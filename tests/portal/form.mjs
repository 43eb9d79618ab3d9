// SPDX-License-Identifier: Apache-2.0
// form.mjs MODULES LINK: a document's form in a browser: every member of the grammar has its field, each writes to its place and nowhere
// else, and what is wrong in the text is shown in the form.
import { readFileSync } from "node:fs";
import { check, run } from "./browser.mjs";
import { hostile } from "./seed.mjs";

const [modules, link] = process.argv.slice(2);
const schema = JSON.parse(readFileSync(new URL("../../docs/schema/policy.json", import.meta.url), "utf8"));

const whole = `# of a function
apiVersion: gambeson/v1
kind: FunctionPolicy
metadata: {name: orders}
spec:
  posture: block
  observe: false   # not any more
  match:
    functions: ["orders-*"]
    accounts: [123456789012]   # the shop
    tags: {env: prod, tier: "1"}
  flow: {onLimit: detect}
  block:
    body: '{"message":"no"}'
  firewall:   # at the door
    sensitivity: balanced
    classes: {xss: detect, csvi: off}   # pages
    mentions: {jndi: block}
    exceptions:
      # customers write what they like
      - classes: [xss, ssti]
        paths: [body.comment, "Records[*].body.**"]
        mode: detect
    sources:
      mode: block
      clientAddress:
        trustedHops: 1   # the balancer
        trustedProxies: [10.0.0.0/8]
      lists:
        - {name: office, mode: allow, networks: [198.51.100.16/28]}
  allow:
    files:
      read: [/var/task/**, {regex: "/etc/[a-z]+"}]   # code
    processes:
      - executable: /bin/sh
        arguments: [-c, {shell: ls <path>}]
    hosts: ["*.example.com"]
    http: [{method: GET, host: api.example.com, path: /orders/*}]
  drift: {trusted: [/usr/**, /var/task/**]}
  forbidden:
    names: [nc]   # no talk
    marks: ["stratum+tcp://"]
  decoys: {variables: [DB_ADMIN_PASSWORD]}
  budgets: {processes: 20, cpuSeconds: 20}   # as measured
  hygiene: {keep: [/tmp/cache]}
  rules:
    - name: no-passwords
      scope: {regions: [eu-west-1]}
      author: anna
      files: {read: [/etc/passwd]}
`;

const area = ".source textarea";
const textOf = (it) => it.page.inputValue(area);
const said = (it) => it.page.locator(".editor .said").last().innerText();
const field = (it, path) => it.page.locator(`[name="spec.${path}"]`);

/** Fill in and leave the field at PATH; the text is then what it was but for OLD, which is NOW. */
async function changes(it, path, value, old, now) {
  const before = await textOf(it);
  const one = field(it, path);
  if (await one.evaluate((node) => node.tagName) === "SELECT") await one.selectOption(value);
  else { await one.fill(value); await one.blur(); }
  // A line that changes is printed anew, with one blank before its comment.
  const [after, wanted] = [await textOf(it), before.replace(old, now)].map((text) => text.replaceAll(/ +#/g, " #"));
  check(before.includes(old) && after === wanted, `${path}: ${JSON.stringify(value)} is written there and nowhere else${after === wanted ? "" : `: ${after}`}`);
}

const open = (it) => it.page.evaluate(() => { for (const one of document.querySelectorAll("details.section")) one.open = true; });

async function start(it) {
  await it.open("/policies/FunctionPolicy", "New policy of a function");
  await it.page.fill(area, whole);
  check(await it.sees(".said.good"), `the document is good: ${await said(it)}`);
}

/** Names of all members that a document may have below SCHEMA, but for those inside of entries of lists. */
function membersOf(node, path = []) {
  const one = node?.$ref ? { ...schema.$defs[node.$ref.split("/").at(-1)], ...node, $ref: undefined } : node;
  const inner = schema.$defs[node?.$ref?.split("/").at(-1)]?.$ref ? membersOf({ $ref: schema.$defs[node.$ref.split("/").at(-1)].$ref }, path) : [];
  const own = Object.entries(one?.properties ?? {}).flatMap(([name, value]) => membersOf(value, [...path, name]));
  if (one?.propertyNames?.$ref) return schema.$defs[one.propertyNames.$ref.split("/").at(-1)].enum.map((name) => [...path, name].join("."));
  return inner.length + own.length > 0 ? [...inner, ...own] : [path.join(".")];
}

async function complete(it) {
  await start(it);
  await open(it);
  const members = membersOf({ $ref: "#/$defs/functionPolicy" });
  for (let n = 0; n < 12; n++) { // what the allowlist has not yet
    const rest = it.page.locator("select[name='spec.allow']");
    if (await rest.count() === 0) break;
    await rest.selectOption({ index: 1 });
  }
  const there = await it.page.evaluate(() => [...document.querySelectorAll(".form [name], .form [data-member]")].map((one) => (one.getAttribute("name") ?? one.dataset.member).replace(/^spec\./, "")));
  const missing = members.filter((name) => !there.includes(name));
  check(members.length > 70 && missing.length === 0, `each of ${members.length} members of the grammar has its field: ${missing.join(", ")}`);
  await it.accessibleInBoth("a whole form");
  check(await it.page.evaluate(() => [...document.querySelectorAll(".form select")].every((one) => one.selectedIndex >= 0)), "every choice is one that is offered");
  check(await textOf(it) === whole, "a form that is looked at changes nothing");
}

async function fields(it) {
  await start(it);
  await open(it);
  for (const [path, value, old, now] of [
    ["observe", "true", "observe: false", "observe: true"],
    ["match.accounts", "123456789012\n210987654321", "accounts: [123456789012]", 'accounts: [123456789012, "210987654321"]'],
    ["match.tags", "env=prod\ntier=2\nempty=", 'tags: {env: prod, tier: "1"}', 'tags: {env: prod, tier: "2", empty: ""}'],
    ["flow.onLimit", "block", "onLimit: detect", "onLimit: block"],
    ["block.body", '{"message":"stopped"}', `'{"message":"no"}'`, '"{\\"message\\":\\"stopped\\"}"'],
    ["firewall.sensitivity", "strict", "sensitivity: balanced", "sensitivity: strict"],
    ["firewall.classes.xss", "block", "xss: detect", "xss: block"],
    ["firewall.classes.csvi", "", "{xss: block, csvi: off}", "{xss: block}"],
    ["firewall.classes.sqli", "off", "{xss: block}", "{xss: block, sqli: off}"],
    ["firewall.mentions.jndi", "ignore", "{jndi: block}", "{jndi: ignore}"],
    ["firewall.mentions", "block", "mentions: {jndi: ignore}", "mentions: block"],
    ["firewall.sources.clientAddress.trustedHops", "2", "trustedHops: 1 ", "trustedHops: 2 "],
    ["firewall.sources.clientAddress.trustedProxies", "10.0.0.0/8\n192.168.0.0/16", "[10.0.0.0/8]", "[10.0.0.0/8, 192.168.0.0/16]"],
    ["allow.files.read", '/var/task/**\n{regex: "/etc/[a-z]+"}\n/opt/**', '{regex: "/etc/[a-z]+"}]', '{regex: "/etc/[a-z]+"}, /opt/**]'],
    ["allow.hosts", "*.example.com\nother.example", '["*.example.com"]', '["*.example.com", other.example]'],
    ["drift.trusted", "/usr/**", "[/usr/**, /var/task/**]", "[/usr/**]"],
    ["forbidden.names", "nc\nxmrig*", "names: [nc] ", "names: [nc, xmrig*] "],
    ["decoys.variables", "DB_ADMIN_PASSWORD\nOLD_KEY_ID", "[DB_ADMIN_PASSWORD]", "[DB_ADMIN_PASSWORD, OLD_KEY_ID]"],
    ["budgets.processes", "25", "processes: 20", "processes: 25"],
    ["budgets.cpuSeconds", "", ", cpuSeconds: 20}", "}"],
    ["hygiene.keep", "/tmp/cache\n/tmp/fonts/**", "[/tmp/cache]", "[/tmp/cache, /tmp/fonts/**]"],
  ]) await changes(it, path, value, old, now);
  check(await it.page.locator("td:has-text('as for all')").count() === 18, "one word for all classes stands for each");
  check(await it.sees(".said.good"), `all of it together is good: ${await said(it)}`);
  const now = await textOf(it);
  check(["# of a function", "# not any more", "# the shop", "# at the door", "# pages", "# customers write", "# the balancer", "# code", "# no talk", "# as measured"].every((one) => now.includes(one)), "every comment is still there");
  await field(it, "budgets.children").fill("many");
  await field(it, "budgets.children").blur();
  check(await it.page.locator("label:has([name='spec.budgets.children']) [role=alert]").innerText() === "A whole number." && await textOf(it) === now, "what is no number is not written");
}

async function entries(it) {
  const { page } = it;
  await start(it);
  await open(it);
  await page.click("text=Add an exception");
  await page.click("dialog button.main");
  check(await page.locator("dialog [role=alert]").innerText() === "Say something of the exception.", "an exception of nothing is none");
  await page.fill("dialog textarea[name=routes]", "POST /comments/{id}");
  await page.check("dialog input[value=sqli]");
  await it.accessibleInBoth("an exception");
  await page.click("dialog button.main");
  check((await textOf(it)).includes("classes:\n          - sqli") || (await textOf(it)).includes("classes: [sqli]"), `an exception is made: ${(await textOf(it)).slice(400, 900)}`);
  await page.click("[aria-label^='Edit the exception body.comment']");
  await page.uncheck("dialog input[value=ssti]");
  await page.selectOption("dialog select[name=mode]", "");
  await page.click("dialog button.main");
  const text = await textOf(it);
  check(text.includes("# customers write what they like") && /- classes: \[xss\]\n\s+paths: \[body\.comment, "Records\[\*\]\.body\.\*\*"\]\n(?!\s+mode)/.test(text), "an exception is changed in its place");
  await page.click("text=Add a list of sources");
  await page.fill("dialog input[name=name]", hostile[0]);
  await page.fill("dialog textarea[name=networks]", "192.0.2.0/24\n203.0.113.1-203.0.113.9");
  await page.selectOption("dialog select[name=mode]", "block");
  await page.fill("dialog input[name=date]", "2026-11-20");
  await page.click("dialog button.main");
  check(await it.sees(".said.good") && await page.locator(".entries b", { hasText: hostile[0] }).count() === 1, `a list is made, its name is text: ${await said(it)}`);
  await page.click("[aria-label='Remove the list of sources office']");
  check(!(await textOf(it)).includes("office") && await it.sees(".said.good"), "and one taken away");
  await page.click("[aria-label='Edit no-passwords']");
  check(await page.inputValue("dialog input[name=author]") === "anna" && await page.inputValue("dialog textarea[name='scope.regions']") === "eu-west-1", "a rule says who wrote it, and whom it is for");
  await page.fill("dialog textarea[name='files.read']", "");
  await page.click("dialog button.main");
  check(await page.locator("dialog [role=alert]").innerText() === "Say what it matches.", "whom it is for is not what it matches");
  await page.fill("dialog textarea[name='files.read']", "/etc/passwd");
  await page.selectOption("dialog select[name=facet]", "scope.functions");
  await page.fill("dialog textarea[name='scope.functions']", "orders-*");
  await page.click("dialog button.main");
  check((await textOf(it)).includes("scope: {regions: [eu-west-1], functions: [orders-*]}"), "for some functions only");
}

/** What the server finds wrong is shown where it is, in the text and in the form. */
async function wrong(it) {
  await start(it);
  check(await it.page.locator("details.section[open]").count() === 0, "sections are closed, and say what is in them");
  check((await it.page.locator("[data-member='spec.budgets'] > summary").innerText()).includes("20 programs"), "in a few words");
  await it.page.fill(area, whole.replace("trustedHops: 1 ", "trustedHops: 99 "));
  check(await it.sees(".said.wrong") && await it.sees("[data-member='spec.firewall'][open] > summary b:text-is('something is wrong here')"), "the section with something wrong opens");
  check(await it.sees("[name='spec.firewall.sources.clientAddress.trustedHops'][aria-invalid=true]"), "and the field is marked");
  await it.page.fill(area, whole);
  check(await it.sees(".said.good") && await it.page.locator("[aria-invalid=true]").count() === 0 && await it.sees("[data-member='spec.firewall'][open]"), "once it is right the mark goes, the section stays open");
  // What has a shape of its own is not lost by the form, and can be put right by it.
  await it.page.fill(area, whole.replace("classes: {xss: detect, csvi: off}", "classes: [xss]").replace("budgets: {processes: 20, cpuSeconds: 20}", "budgets:").replace("drift: {trusted: [/usr/**, /var/task/**]}", "drift: 7"));
  await field(it, "firewall.classes.xss").selectOption("off");
  await open(it);
  await field(it, "budgets.processes").fill("3");
  await field(it, "budgets.processes").blur();
  await field(it, "drift.trusted").fill("/usr/**");
  await field(it, "drift.trusted").blur();
  const text = await textOf(it);
  check(/classes:\s+(\{ ?)?xss: off/.test(text) && /budgets:.*\n?\s+processes: 3/.test(text.replace("# as measured", "")) && /trusted:\s+(\[|- )\/usr/.test(text), `fields write over what cannot hold them: ${text}`);
}

await run(modules, link, async (it) => {
  await it.setUp(link);
  it.expected = /status of (401|422|404)/;
  for (const part of [complete, fields, entries, wrong]) await part(it);
  await start(it);
  await open(it);
  await it.page.setViewportSize({ width: 390, height: 800 });
  check(await it.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the whole form fits a telephone");
});
