// SPDX-License-Identifier: Apache-2.0
// scale.mjs MODULES LINK FUNCTIONS EVENTS: how the portal bears many functions and events: bytes, first paint, long frames while one
// scrolls to the end. Prints a line of JSON behind the TAP. Run by bench/portal.py; it is no test, for tests do not time.
import { check, run } from "./browser.mjs";
import { findingOf, ingest, randomFrom, Sandbox, uuid } from "./seed.mjs";

const [modules, link, functionCount, eventCount] = process.argv.slice(2).map((text, at) => (at < 2 ? text : Number(text)));
const attack = { type: "SQL Injection Attack", class: "sqli", control: "firewall", severity: "critical", reason: "sql_tautology", attack: ["T1190"], cwe: 89, path: "q", origin: "query", value: "' OR 1=1", bad: "' OR 1=1" };

async function load(it) {
  const { token } = (await it.call("POST", "/v1/tokens", { name: "forwarder", role: "admin", scopes: ["ingest"] })).body;
  const random = randomFrom(5);
  const now = Date.now();
  const each = Math.ceil(eventCount / functionCount);
  for (let at = 0; at < functionCount; at += 500) {
    // Text of many sandboxes: each start line says whose it is.
    let log = "";
    for (let n = at; n < Math.min(at + 500, functionCount); n++) {
      const sandbox = new Sandbox({ name: `function-${String(n).padStart(5, "0")}`, runtime: "/var/lang/bin/node", mode: "detect", code: `c${n}` }, now - 86400000, random);
      for (let e = 0; e < each; e++) {
        const time = now - Math.floor(random() * 86400000);
        sandbox.finding(time, { ...findingOf(attack, "observed"), request: uuid(random), source_ip: `198.51.100.${Math.floor(random() * 250)}` });
      }
      log += `${sandbox.lines.join("\n")}\n`;
    }
    for (let begin = 0; begin < log.length;) {
      const end = log.length - begin > 8e6 ? log.lastIndexOf("\n", begin + 8e6) + 1 : log.length;
      await ingest(it.origin, token, log.slice(begin, end), { account: "111122223333", region: "eu-west-1" });
      begin = end;
    }
  }
}

/** Scroll down PAGES windows; milliseconds of each long frame. */
async function scroll(it, path, selector, pages) {
  await it.open(path);
  await it.sees(selector);
  await it.page.evaluate(() => {
    window.long = [];
    new PerformanceObserver((list) => window.long.push(...list.getEntries().map(({ duration }) => Math.round(duration)))).observe({ type: "long-animation-frame" });
  });
  for (let turn = 0; turn < pages; turn++) {
    await it.page.mouse.wheel(0, 3000);
    await it.page.waitForTimeout(50);
  }
  const rows = await it.page.locator(`${selector} tr`).count();
  const seen = await it.page.evaluate(() => Math.max(...[...document.querySelectorAll("tr[aria-rowindex]")].map((row) => Number(row.getAttribute("aria-rowindex")))));
  return { long_frames_ms: await it.page.evaluate(() => window.long), rows_in_document: rows, row_reached: seen };
}

async function paints(it, path) {
  const times = [];
  for (let turn = 0; turn < 5; turn++) {
    await it.open(path);
    times.push(await it.page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0));
  }
  return times.sort((a, b) => a - b).map(Math.round);
}

await run(modules, link, async (it) => {
  check(await it.setUp(link), "set up");
  await it.page.mouse.move(600, 500);
  await load(it);
  const result = { functions: (await it.call("GET", "/v1/functions?limit=1")).body.total, events: eventCount };
  result.first_paint_ms = { overview: await paints(it, "/"), events: await paints(it, "/events"), functions: await paints(it, "/functions") };
  result.bytes = await it.page.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => name.includes("/assets/")).reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0));
  result.scroll_functions = await scroll(it, "/functions", "table.functions", Math.ceil((functionCount * 46) / 2500));
  result.scroll_events = await scroll(it, "/events", "table.events", 200);
  check(result.functions === functionCount, `${functionCount} functions`);
  console.log(`# ${JSON.stringify(result)}`);
});
