// SPDX-License-Identifier: Apache-2.0
// activity.mjs MODULES LINK: a function that was seen to do more than one page holds: folder by folder, page by page, and looked for by the
// server; nothing is left out in silence.
import { check, run } from "./browser.mjs";
import { hostile, ingest, randomFrom, Sandbox } from "./seed.mjs";

const [modules, link] = process.argv.slice(2);
const row = { name: "bulky", runtime: "nodejs20.x", mode: "detect", code: "c0de" };
const letters = "abcdefghijklmnop";
// Names of letters: what is numbered is taken for made up, and is one thing.
const name = (n) => [...n.toString(16)].map((digit) => letters[parseInt(digit, 16)]).join("");
const files = [
  ...Array.from({ length: 5200 }, (_, n) => `/var/task/node_modules/${name(n % 40)}/lib/${name(n)}.js`), ...Array.from({ length: 700 }, (_, n) => `/var/task/flat/${name(n)}.json`),
  "/etc/hosts", `/var/task/odd/${hostile[0]}`,
];
const programs = Array.from({ length: 620 }, (_, n) => `/usr/bin/${name(n)}`);
const perLine = 80;

async function seed(it) {
  const { token } = (await it.call("POST", "/v1/tokens", { name: "forwarder", role: "admin", scopes: ["ingest", "learn"] })).body;
  const now = Date.now() - 3600000;
  const sandbox = new Sandbox(row, now, randomFrom(4));
  const items = [...files.map((subject) => ({ kind: "file_read", subject, arguments: [] })), ...programs.map((subject) => ({ kind: "process_start", subject, arguments: [subject.split("/").at(-1)] }))];
  for (let at = 0; at < items.length; at += perLine)
    sandbox.add("observations", now + at, { phase: "invoke", request: `r-${at}`, invocations: 1, shape: "api_gateway_v1", source_ip: "198.51.100.7", items: items.slice(at, at + perLine) });
  sandbox.add("progress", now + items.length, { invocations: 1, shapes: { api_gateway_v1: 1 } });
  await ingest(it.origin, token, `${sandbox.lines.join("\n")}\n`, { account: "123456789012", region: "eu-west-1", function: row.name, stream: "one" });
  const { id } = (await it.call("GET", `/v1/functions?text=${row.name}`)).body.functions[0];
  for (let n = 0; n < 200; n++) {
    const { kinds } = (await it.call("GET", `/v1/functions/${id}/activity?limit=1`)).body;
    if (kinds?.file === files.length && kinds.process === programs.length) return id;
    await it.page.evaluate(() => new Promise((done) => { setTimeout(done, 100); }));
  }
  return id;
}

const folders = (it) => it.page.locator(".activity .folder button").allInnerTexts();
const rows = (it) => it.page.locator(".activity tbody tr:not(.folder):has(td[title])");

await run(modules, link, async (it) => {
  const { page } = it;
  await it.setUp(link);
  it.expected = /status of (401|404)/;
  const id = await seed(it);
  await it.open(`/functions/${id}/protection?kind=file`, row.name);
  await it.sees(".activity .folder");
  check((await page.locator(".pick [aria-pressed=true]").innerText()).replaceAll(/\s+/g, " ") === `Files ${files.length.toLocaleString("en-GB")}`, "how many files there are");
  check((await folders(it)).map((text) => text.replaceAll(/\s+/g, " ")).join() === "▸ etc/ 1,▸ var/task/ 5,901", `folders first, with what is in them: ${await folders(it)}`);
  check(await rows(it).count() === 0 && await page.locator(".activity tr").count() < 10, "what is not opened is not loaded");
  await it.accessibleInBoth("many files");
  await page.click(".folder button:has-text('var/task/')");
  await it.sees(".folder button:has-text('node_modules/')");
  check((await folders(it)).slice(2).map((text) => text.replaceAll(/[▸▾\s]+/g, " ").trim()).join() === "flat/ 700,node_modules/ 5,200,odd/ 1", `a folder is opened: ${await folders(it)}`);
  await page.click(".folder button:has-text('flat/')");
  await it.sees("td[title^='/var/task/flat/']");
  check(await rows(it).count() === 500 && (await page.locator("button:has-text('More of /var/task/flat/')").innerText()).includes("200"), "a large one comes in pages, and says how many are left");
  await page.click("button:has-text('More of')");
  check(await it.comes(() => document.querySelectorAll(".activity td[title^='/var/task/flat/']").length === 700), "all of it in the end");
  check(await page.evaluate(() => new Set([...document.querySelectorAll("td[title^='/var/task/flat/']")].map((one) => one.title)).size) === 700, "each once");
  await page.click(".folder button:has-text('odd/')");
  check(await it.sees(`td[title=${JSON.stringify(`/var/task/odd/${hostile[0]}`)}]`) || await page.locator(".activity td", { hasText: "<img src=x" }).count() === 1, "a name is text");

  await page.keyboard.press("/");
  await page.keyboard.type("HOSTS");
  check(await it.comes(() => document.querySelectorAll(".activity td[title]").length === 1 && document.querySelector("td[title='/etc/hosts']")) && page.url().includes("text=HOSTS"), "the server looks for a part of it, whatever page it is on; the address says so");
  check(await it.sees(`.row [role=status]:text-is('1 of ${files.length.toLocaleString("en-GB")}')`), "and how many hold it");
  await it.open(`/functions/${id}/protection?kind=file&text=${name(0x0abc)}.js`, row.name);
  check(await it.sees(`td[title$='/${name(0x0abc)}.js']`) && await page.locator(".folder").count() > 0, "what is found stands in its folders");
  await it.open(`/functions/${id}/protection?kind=file&verdict=deny`, row.name);
  check(await it.sees("text=Nothing is like that"), "one verdict alone");

  await it.open(`/functions/${id}/protection?kind=process`, row.name);
  await it.sees(".activity td[title]");
  check(await rows(it).count() === 500 && await it.sees("text=500 of 620 are shown"), "processes come in pages too");
  await page.click("button:text-is('More')");
  check(await it.comes(() => document.querySelectorAll(".activity td[title]").length === 620) && await page.locator("button:text-is('More')").count() === 0, "to the last");
  await page.click(".pick >> text=Files");
  check(await it.sees(".activity .folder") && await page.locator("td[title^='/usr/bin']").count() === 0, "another kind is another list");
  await it.fits([`/functions/${id}/protection?kind=file`]);
});
