// SPDX-License-Identifier: Apache-2.0
// stored.mjs MODULES LINK PICTURES: what the portal takes on a store that has much in it already: milliseconds from the request of a screen, or
// the click, to its being seen whole. Prints a line of JSON behind the TAP, and puts pictures into the folder PICTURES. Run by
// bench/portal.py; it is no test, for tests do not time.
import { check, run } from "./browser.mjs";

const [modules, link, pictures] = process.argv.slice(2);
const rounds = 5;
const pages = 20;

const middle = (times) => Math.round(times.sort((a, b) => a - b)[times.length >> 1]);

/** Milliseconds of the page's own clock until SELECTOR is there, from its navigation on. */
async function opened(it, path, selector) {
  const seen = [], painted = [];
  for (let turn = 0; turn < rounds; turn++) {
    await it.page.goto(it.address(path), { waitUntil: "commit" });
    await it.page.waitForSelector(selector, { timeout: 60000 });
    seen.push(await it.page.evaluate(() => performance.now()));
    painted.push(await it.page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0));
  }
  return { first_paint: middle(painted), whole: middle(seen) };
}

/** Milliseconds from ACT to the frame behind the last answer that it asks for. */
async function acted(it, act, answer) {
  const begin = performance.now();
  const came = it.page.waitForResponse((response) => answer.test(response.url()), { timeout: 60000 });
  await act();
  await (await came).finished();
  await it.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return Math.round(performance.now() - begin);
}

async function scrolled(it) {
  const begin = performance.now();
  const reached = () => it.page.evaluate(() => Math.max(...[...document.querySelectorAll("tr[aria-rowindex]")].map((row) => Number(row.getAttribute("aria-rowindex")))));
  let row = 0;
  for (let turn = 0; turn < 1000 && (row = await reached()) < pages * 100; turn++) {
    await it.page.mouse.wheel(0, 2000);
    await it.page.waitForTimeout(20);
  }
  return { ms: Math.round(performance.now() - begin), row, rows_in_document: await it.page.locator("table.events tr").count() };
}

async function memory(it) {
  const devtools = await it.context.newCDPSession(it.page);
  await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  return Math.round(usedSize / 1048576 * 10) / 10;
}

const median = async (measure) => {
  const times = [];
  for (let turn = 0; turn < rounds; turn++) times.push(await measure());
  return middle(times);
};

await run(modules, link, async (it) => {
  check(await it.setUp(link), "set up");
  await it.page.addInitScript(() => {
    window.long = [];
    new PerformanceObserver((list) => window.long.push(...list.getEntries().map(({ duration }) => Math.round(duration)))).observe({ type: "longtask", buffered: true });
  });
  it.expected = /status of 401|status of 404.*policy/; // functions without a document
  const long = {};
  const keep = async (name) => { long[name] = Math.max(0, ...await it.page.evaluate(() => window.long)); };
  const result = { ms: {} };
  const { ms } = result;

  for (const days of [7, 30]) {
    await it.open("/");
    if (days === 7) ms.overview = await opened(it, "/", "ol.top-list");
    ms[`overview_${days}_days`] = await median(async () => {
      await acted(it, () => it.page.selectOption("label:has-text('Last') select", "1"), /overview/);
      return acted(it, () => it.page.selectOption("label:has-text('Last') select", String(days)), /overview/);
    });
  }
  await keep("overview");
  check(await it.comes(() => document.querySelectorAll("ol.top-list").length === 2), "the overview has its lists");
  await it.page.screenshot({ path: `${pictures}/overview.png` });

  ms.events = await opened(it, "/events", "table.events tr[aria-rowindex='2']");
  await it.page.waitForLoadState("networkidle");
  await it.page.screenshot({ path: `${pictures}/events.png` });
  await it.page.mouse.move(640, 600);
  result.scroll = await scrolled(it);
  check(result.scroll.row >= pages * 100, `${pages} pages are scrolled through`);
  await keep("events_scrolled");
  result.memory_mb = await memory(it);

  const choice = (label) => `.choices label:has-text('${label}') select`;
  for (const [name, label, value] of [["class", "Class", "sqli"], ["severity", "At least", "critical"], ["action", "Action", "blocked"], ["status", "Status", "false_alarm"]]) {
    ms[`filter_${name}`] = await median(async () => {
      await it.open("/events");
      return acted(it, () => it.page.selectOption(choice(label), value), new RegExp(`/v1/events\\?.*${name}=${value}`));
    });
  }
  await it.open("/events?class=sqli");
  for (const by of ["function", "source_ip", "type", "account"])
    ms[`group_${by}`] = await median(async () => {
      await it.open("/events?class=sqli");
      return acted(it, () => it.page.selectOption(".groups-choice select", by), /events\/counts/);
    });
  await it.open("/events");
  ms.brush = await median(async () => {
    await it.open("/events");
    await it.sees(".brush rect.pick");
    return acted(it, () => it.page.locator(".brush rect.pick").nth(3).dispatchEvent("click"), /events\/series/);
  });
  await keep("events_asked");

  ms.functions = await opened(it, "/functions", "table.functions tr[aria-rowindex='2']");
  ms.functions_sorted = await median(() => acted(it, () => it.page.click("button.sort:has-text('Last event')"), /functions\?.*sort/));
  ms.functions_searched = await median(async () => {
    await it.open("/functions");
    return acted(it, () => it.page.fill("[data-search]", "orders-19"), /functions\?.*text=orders-19/);
  });
  await keep("functions");
  const { body } = await it.call("GET", "/v1/functions?limit=1&text=orders-1");
  const id = body.functions[0].id;
  for (const tab of ["protection", "rules", "events", "versions", "coverage"]) ms[`function_${tab}`] = (await opened(it, `/functions/${id}/${tab}`, "nav.tabs")).whole;
  await keep("function");
  ms.incidents = (await opened(it, "/incidents", "table tbody tr, .empty")).whole;
  result.long_tasks_ms = long;
  console.log(`# ${JSON.stringify(result)}`);
});
