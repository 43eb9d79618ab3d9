// SPDX-License-Identifier: Apache-2.0
// events.mjs MODULES LINK ROOT: the screens with events in them: those of a week, hostile ones in every field, and a real function
// that is attacked while one looks. Prints TAP.
import { readFileSync } from "node:fs";
import { check, run } from "./browser.mjs";
import { attackGoat, hostile, hostileLog, ingest, ingestWeek } from "./seed.mjs";

const [modules, link, root] = process.argv.slice(2);
const gambeson = `${root}/build/bin/gambeson`;
const rows = "table.events tbody tr:not(.gap)";

async function overview(it) {
  await it.open("/", "Overview");
  check(await it.sees(".number a"), "the overview counts attacks");
  const { body } = await it.call("GET", "/v1/overview?days=7");
  const shown = await it.page.locator(".number a").allInnerTexts();
  check(shown[0] === body.attacks.seen.toLocaleString("en-GB") && shown[1] === body.attacks.blocked.toLocaleString("en-GB"), `as many as the API says: ${shown}`);
  check(await it.page.locator(".bars rect").count() > 20, "over time, by class");
  const fresh = it.page.locator("section:has(> h2:text-is('New since yesterday')) a");
  check(await fresh.count() > 0 && (await fresh.evaluateAll((links) => links.map((one) => one.getAttribute("href")))).every((to) => /^\/(functions\?sort=-first_seen|events\?.*from=)/.test(to)), "what is new leads to it");
  check((await it.page.locator("section:has(> h2:text-is('Attackers')) li").first().innerText()).startsWith("198.51.100.23"), "the worst attacker is first");
  await it.accessibleInBoth("overview with events");
  await it.page.locator("section:has(> h2:text-is('Most attacked functions')) a").first().click();
  check(await it.heading("Events") && it.page.url().includes("function="), "a function of the overview leads to its events");
  await it.open("/", "Overview");
  await it.sees(".bars rect.pick");
  // One that can be hit: few events are a line of a pixel.
  const tallest = await it.page.evaluate(() => {
    const heights = [...document.querySelectorAll(".bars rect.pick")].map((bar) => Number(bar.getAttribute("height")));
    return heights.indexOf(Math.max(...heights));
  });
  await it.page.locator(".bars rect.pick").nth(tallest).click();
  check(await it.heading("Events") && /class=.*from=.*to=/.test(it.page.url()), "a bar of the overview leads to its events");
}

/** How many events of a query there are; a page that the server ended early is gone on with. */
async function countOf(it, query) {
  let sum = 0;
  for (let cursor = ""; cursor !== undefined;) {
    const { body } = await it.call("GET", `/v1/events?limit=100&${query}${cursor && `&cursor=${cursor}`}`);
    sum += body.events.length;
    cursor = body.next;
  }
  return sum;
}

async function filters(it) {
  await it.open("/events", "Events");
  await it.sees(rows);
  const tries = [["severity", "critical", "At least"], ["class", "sqli", "Class"], ["action", "blocked", "Action"], ["status", "open", "Status"]];
  for (const [name, value, label] of tries) {
    await it.open("/events", "Events");
    await it.page.locator(`.choices label:has-text("${label}") select`).selectOption(value);
    const { body } = await it.call("GET", `/v1/events?limit=100&${name}=${value}`);
    check(await it.comes(([selector, id]) => document.querySelector(selector)?.querySelector("a")?.href.endsWith(id), [rows, body.events[0].id]), `${label} ${value}: the list is the server's`);
    check(it.page.url().endsWith(`/events?${name}=${value}`) && await it.sees(`.chips button:has-text("${label}:")`), `${label} ${value}: in the address, and a chip`);
  }
  const one = (await it.call("GET", "/v1/events?class=sqli&limit=1")).body.events[0];
  for (const name of ["type", "control", "function", "account", "region", "source_ip", "request", "text"]) {
    const value = name === "text" ? "OR 1=1" : one[name];
    const wanted = Math.min(100, await countOf(it, `${name}=${encodeURIComponent(value)}`));
    await it.open(`/events?${name}=${encodeURIComponent(value)}`, "Events");
    check(wanted > 0 && await it.comes((n) => {
      const shown = Number(document.querySelector("table.events")?.getAttribute("aria-rowcount"));
      return n < 100 ? shown - 1 === n : shown === -1 || shown > 100;
    }, wanted), `${name} of the address narrows to ${wanted}`);
    await it.page.locator(".chips button").first().click();
    check(await it.comes(() => location.search === "" && !document.querySelector(".chips")), `${name}: its chip takes it away`);
  }
  await it.page.keyboard.press("/");
  await it.page.keyboard.type("etc/passwd");
  check(await it.comes(() => location.search.includes("text=etc")), "what is typed into the search is in the address");
  check(await it.comes((selector) => [...document.querySelectorAll(selector)].length > 0 && [...document.querySelectorAll(selector)].every((row) => row.textContent.includes("etc/passwd")), rows), "and every row holds it");
}

/** Scrolling brings page after page, and only what is seen is in the document. */
async function windowed(it) {
  const all = await countOf(it, "severity=low");
  await it.open("/events?severity=low", "Events");
  await it.sees(rows);
  const first = await it.page.locator(rows).first().locator("a").first().getAttribute("href");
  let most = 0;
  const isEnd = () => it.page.evaluate(() => Number(document.querySelector("table.events").getAttribute("aria-rowcount")) > 0);
  for (let turn = 0; turn < 200 && !(await isEnd()); turn++) {
    await it.page.mouse.wheel(0, 4000);
    await it.page.waitForTimeout(40);
    most = Math.max(most, await it.page.locator("table.events tr").count());
  }
  const last = await it.page.locator("table.events").getAttribute("aria-rowcount");
  check(Number(last) - 1 === all && all > 500, `all ${all} events are come to by scrolling: ${last}`);
  check(most > 20 && most < 80, `at most ${most} rows are in the document`);
  // Keys scroll smoothly, and one that comes while another's way ends is lost.
  const isOver = it.page.evaluate(() => new Promise((over) => { addEventListener("scrollend", () => over(true), { once: true }); }));
  await it.page.keyboard.press("End");
  check(await it.comes(([selector, n]) => document.querySelectorAll(selector).item(document.querySelectorAll(selector).length - 1)?.getAttribute("aria-rowindex") === String(n + 1), [rows, all]), "down to the last");
  await isOver;
  await it.page.keyboard.press("Home");
  check(await it.comes(([selector, href]) => document.querySelector(selector)?.querySelector("a").getAttribute("href") === href, [rows, first]), "and up to the first again");
}

async function brush(it) {
  await it.open("/events", "Events");
  await it.page.locator(".brush .pick").last().click();
  check(await it.sees(".chips button:has-text('Since')") && await it.sees(".chips button:has-text('Before')"), "a bar of the chart narrows the time");
  const query = new URL(it.page.url()).searchParams;
  check(await it.comes(([selector, from, to]) => {
    const times = [...document.querySelectorAll(`${selector} time`)].map((one) => one.dateTime);
    return times.length > 0 && times.every((time) => Date.parse(time) >= Date.parse(from) && Date.parse(time) < Date.parse(to));
  }, [rows, query.get("from"), query.get("to")]), "and all rows are of it");
  check(await it.page.locator(`${rows} time`).first().getAttribute("title").then((title) => title.includes("UTC")), "times are local with UTC behind");
}

async function groups(it) {
  for (const by of ["type", "class", "severity", "action", "function", "source_ip", "account", "region", "control"]) {
    await it.open(`/events?group=${by}`, "Events");
    const { counts } = (await it.call("GET", `/v1/events/counts?by=${by}`)).body;
    const wanted = counts.filter(({ value }) => value).length;
    check(await it.comes((n) => document.querySelectorAll(".groups li").length === n, wanted), `grouped by ${by}: ${wanted} groups`);
  }
  await it.page.locator(".groups li button").first().click();
  check(await it.comes(() => new URLSearchParams(location.search).get("control") && !new URLSearchParams(location.search).get("group")), "a group becomes a filter");
}

async function views(it) {
  await it.open("/events?severity=high&action=blocked", "Events");
  await it.page.click(".menu summary");
  await it.page.fill("input[name=name]", hostile[0]);
  await it.page.click(".menu button[type=submit]");
  check(await it.sees(`.menu li button:has-text("${hostile[0]}")`), "a view is saved under any name");
  await it.open("/events", "Events");
  await it.page.click(".menu summary");
  await it.page.locator(".menu li button").first().click();
  check(await it.comes(() => location.search.includes("severity=high") && location.search.includes("action=blocked")), "and opened");
  await it.open("/events", "Events");
  await it.page.click(".menu summary");
  await it.page.locator(".menu li button[aria-label^='Delete']").click();
  check(await it.sees(".menu :text('None is saved yet')"), "and deleted");
}

async function exports(it) {
  await it.open("/events?class=sqli", "Events");
  for (const format of ["CSV", "NDJSON"]) {
    const [download] = await Promise.all([it.page.waitForEvent("download"), it.page.click(`a:text-is('${format}')`)]);
    const lines = readFileSync(await download.path(), "utf8").trim().split("\n");
    const own = format === "CSV" ? lines.slice(1) : lines;
    check(own.length > 20 && own.every((line) => line.includes("sqli")), `${format} has what is filtered: ${own.length} lines`);
  }
}

/** What one looks for first is in sight on a telephone, without scrolling to the side. */
async function telephone(it) {
  const { page } = it;
  await page.setViewportSize({ width: 390, height: 844 });
  for (const [path, selector, height] of [["/events", `${rows} td:nth-child(3)`, 62], ["/functions", "table.functions tbody tr:not(.gap) .tag", 46]]) {
    await it.open(path);
    await it.sees(selector);
    const box = await page.locator(selector).first().boundingBox();
    const tall = await page.evaluate(() => Math.round(document.querySelector("tbody tr:not(.gap)").getBoundingClientRect().height));
    check(box.width > 60 && tall === height && box.x >= 0 && box.x + box.width <= 390 && await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} on a telephone: ${JSON.stringify(box)}, rows of ${tall}`);
  }
  const screens = await page.locator(".top nav a").evaluateAll((links) => links.map((one) => one.getBoundingClientRect().right));
  check(screens.length === 6 && screens.every((right) => right <= 390), "every screen is one touch away");
  await page.setViewportSize({ width: 1280, height: 860 });
}

async function keys(it) {
  await it.open("/events?class=sqli", "Events");
  await it.sees(rows);
  await it.page.keyboard.press("j");
  await it.page.keyboard.press("j");
  const wanted = await it.page.locator("tr[aria-selected=true] a").first().getAttribute("href");
  await it.page.keyboard.press("Enter");
  check(await it.comes((path) => location.pathname === path, wanted), "j, j and Enter open the second event");
}

async function live(it, token) {
  await it.open("/events?source_ip=198.51.100.23", "Events");
  await it.open("/events", "Events");
  await it.sees(rows);
  await it.page.getByLabel("Live").check();
  await it.page.waitForTimeout(300);
  const log = await attackGoat(gambeson, root, "block", /^1-/);
  const told = await ingest(it.origin, token, log, { account: "123456789012", region: "eu-west-1" });
  check(told.lines > 2 && told.broken === 0, `the goat was attacked: ${told.lines} lines`);
  check(await it.comes((selector) => [...document.querySelectorAll(selector)].slice(0, 6).some((row) => row.textContent.includes("goat") && row.textContent.includes("blocked")), rows), "it appears while one looks");
}

async function event(it) {
  const flows = (await it.call("GET", "/v1/events?control=flow&class=cmdi&action=observed&limit=50")).body.events;
  const goat = flows.find(({ function_name }) => function_name === "goat");
  await it.open(`/event/${goat.id}`);
  check(await it.sees("h1:has-text('made the shell run')"), "an event begins with its plain sentence");
  check((await it.page.locator(".value mark").innerText()).startsWith(";"), "what convicts the input is marked");
  check(await it.page.locator(".flow li").count() >= 3 && (await it.page.locator(".flow .sink").innerText()).includes("/bin/sh"), "the way from the input to the sink is drawn");
  check(await it.page.locator(".known a[href='https://attack.mitre.org/techniques/T1059/004/']").count() === 1 && await it.page.locator(".known a[href='https://cwe.mitre.org/data/definitions/78.html']").count() === 1, "ATT&CK and CWE are linked");
  check(await it.page.locator(".known a").evaluateAll((links) => links.every((one) => one.rel.includes("noreferrer"))), "without telling them where from");
  check(await it.sees(".timeline li[aria-current]") && await it.page.locator(".timeline li").count() >= 2, "with the request's timeline");
  await it.page.click("summary:has-text('line of the log')");
  check((await it.page.locator("details pre").innerText()).includes('"reason": "flow_shell_command"'), "and the line itself");
  await it.accessibleInBoth("event");
  await it.page.click("button:text-is('Mark as false alarm')");
  check(await it.sees("button:text-is('Open again')") && (await it.call("GET", `/v1/events/${goat.id}`)).body.status === "false_alarm", "it is marked as a false alarm");
  await it.page.click("button:text-is('Open again')");
  check(await it.sees("button:text-is('Resolve')"), "and opened again");
}

/** The children of a node of the tree, as their first lines. */
const branches = (page, inside) => page.locator(`${inside} > ul > li > .node`).allInnerTexts();

async function processes(it) {
  const { page } = it;
  const { events } = (await it.call("GET", "/v1/events?text=usr/bin/env&class=process_start&limit=50")).body;
  await it.open(`/event/${events.find(({ function_name }) => function_name !== "goat").id}`);
  await it.sees(".tree [aria-current]");
  const chain = await page.evaluate(() => {
    const texts = [];
    for (let at = document.querySelector(".tree [aria-current]"); at; at = at.closest("li").parentElement.closest("li")?.querySelector(":scope > .node")) texts.unshift(at.innerText.replaceAll(/\s+/g, " "));
    return texts;
  });
  check(chain.length === 4 && /^\/var\/lang\/bin\/node process 12/.test(chain[1]) && /\/bin\/sh/.test(chain[2]) && /process 214/.test(chain[2]) && /usr\/bin\/env.*process 215/.test(chain[3]),
    `from the function by its runtime and the shell to what it started: ${chain.join(" > ")}`);
  await it.accessibleInBoth("a tree of processes");
  const flows = (await it.call("GET", "/v1/events?control=flow&class=cmdi&action=observed&limit=50")).body.events;
  await it.open(`/event/${flows.find(({ function_name }) => function_name === "goat").id}`);
  await it.sees(".tree [aria-current]");
  const [runtime] = await branches(page, ".tree > li");
  check(/node[^]*process \d+[^]*index\.handler/.test(runtime) && (await branches(page, ".tree > li > ul > li")).some((text) => text.includes("/bin/sh")), `so it is of what the agent really told: ${runtime}`);
}

async function exception(it) {
  const flows = (await it.call("GET", "/v1/events?control=flow&class=cmdi&action=observed&limit=50")).body.events;
  const goat = flows.find(({ function_name }) => function_name === "goat");
  const { exceptions } = (await it.call("GET", `/v1/events/${goat.id}/exceptions`)).body;
  await it.open(`/event/${goat.id}`);
  await it.page.click("button:text-is('Make an exception…')");
  check(await it.sees("dialog fieldset label") && await it.page.locator("dialog fieldset label").count() === exceptions.length && exceptions.length > 0, `exceptions are drafted: ${exceptions.length}`);
  check(await it.sees("dialog .preview p:has-text('recorded findings')"), "with what each would change");
  await it.accessibleInBoth("make an exception");
  await it.page.fill("dialog input[name=reason]", hostile[0]);
  await it.page.click("dialog button:text-is('Make the exception')");
  check(await it.sees(".told:has-text('The exception is made')") && await it.sees(".tag:text-is('excepted')"), "the exception is made, and the event says so");
  const rules = (await it.call("GET", `/v1/rules?function=${goat.function}`)).body.items;
  check(rules.some(({ list, reason, scope }) => list === exceptions[0].list && reason === hostile[0] && scope.kind === exceptions[0].scope.kind), "it stands among the rules of its scope");
}

async function block(it) {
  const [event] = (await it.call("GET", "/v1/events?class=process_start&control=allowlist&action=observed&text=usr/bin/id&limit=50")).body.events;
  await it.open(`/event/${event.id}`);
  await it.page.click("button:text-is('Block from now on…')");
  await it.page.click("dialog button:text-is('Block it')");
  check(await it.sees(".told:has-text('A rule forbids this')"), "what was done is forbidden from now on");
  const rules = (await it.call("GET", `/v1/rules?function=${event.function}&list=rule`)).body.items;
  check(rules.length === 1 && rules[0].entry.processes?.length === 1, `by a rule of the function: ${JSON.stringify(rules[0]?.entry)}`);
}

async function incidents(it) {
  await it.open("/incidents", "Incidents");
  check(await it.sees("tbody tr a"), "what belongs together is an incident");
  await it.accessibleInBoth("incidents with events");
  await it.page.locator("tbody tr a").first().click();
  check(await it.sees(".timeline li"), "with its timeline");
  await it.accessible("incident");
  await it.page.click("button:text-is('Resolve')");
  check(await it.sees("button:text-is('Open again')"), "it can be resolved");
}

/** Every text of a hostile function and its events is there as text, whichever screen shows it. */
async function hostility(it) {
  // A function for which no policy was made yet has none to show.
  it.expected = /status of 401|status of 404.*\/v1\/functions\/\d+\/policy$/;
  const row = (await it.call("GET", "/v1/functions?limit=500")).body.functions.find(({ name }) => name === hostile[0]);
  check(row !== undefined, "a function may have any name");
  const { events } = (await it.call("GET", `/v1/events?function=${row.id}&limit=100`)).body;
  check(events.length >= hostile.length, `hostile events: ${events.length}`);
  for (const path of ["/", "/events", "/functions", "/incidents", `/events?function=${row.id}`, `/functions/${row.id}`, `/functions/${row.id}/coverage`,
    ...["type", "class", "control", "account", "function", "source_ip"].map((by) => `/events?group=${by}`), ...events.map(({ id }) => `/event/${id}`)]) {
    await it.open(path);
    await it.sees("main h1");
    const found = await it.page.evaluate(() => {
      const all = [...document.querySelectorAll("main *")];
      const covert = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/;
      return [
        ...all.filter((one) => one.matches("script, iframe, object, embed, [onerror], [onload], a[href^='javascript:'], img")),
        ...all.filter((one) => one.children.length === 0 && covert.test(one.textContent)),
        ...(document.documentElement.scrollWidth > innerWidth ? all.filter((one) => one.getBoundingClientRect().right > innerWidth) : []),
      ].map((one) => one.outerHTML.slice(0, 150));
    });
    check(found.length === 0 && await it.page.locator("main h1").count() === 1, `${path.slice(0, 40)}: hostile texts are texts, spelt out, and fit ${found.at(-1) ?? ""}`);
  }
  const shown = await it.page.evaluate(async (ids) => {
    const texts = [];
    for (const id of ids) texts.push((await (await fetch(`/v1/events/${id}`)).json()).message);
    return texts;
  }, events.map(({ id }) => id));
  check(hostile.every((text) => shown.some((one) => one === `says ${text}`)), "the API has them to the byte");
  await it.open(`/events?function=${row.id}`, "Events");
  check(await it.sees(`${rows}:has-text("<img src=x onerror=alert(1)>")`), "markup is read as it was written");
  check(await it.page.locator(rows, { hasText: "abc\\u{202e}gnp.exe" }).count() > 0, "what turns text round is spelt out");
}

await run(modules, link, async (it) => {
  check(await it.setUp(link), "set up");
  const { token } = (await it.call("POST", "/v1/tokens", { name: "forwarder", role: "admin", scopes: ["ingest"] })).body;
  const now = Date.now();
  const week = await ingestWeek(it.origin, token, now);
  check(week.lines > 700 && week.broken === 0, `a week of lines is taken: ${week.lines}, ${week.broken} broken`);
  const odd = await ingest(it.origin, token, hostileLog(now), { account: hostile[1], region: hostile[6] });
  check(odd.lines > hostile.length, `hostile lines are taken: ${odd.lines}, ${odd.broken} broken (${odd.first_broken ?? ""})`);
  const attacked = await ingest(it.origin, token, await attackGoat(gambeson, root, "detect", /^[1-3]-/), { account: "123456789012", region: "eu-west-1" });
  check(attacked.lines > 12 && attacked.broken === 0, `so are those of a function that is attacked: ${attacked.lines}`);
  for (const part of [overview, filters, windowed, brush, groups, views, exports, telephone, keys, event, processes, exception, block, incidents, hostility]) await part(it);
  await live(it, token);
});
