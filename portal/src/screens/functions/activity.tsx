// SPDX-License-Identifier: Apache-2.0
// The allowlist as what the function does: what was seen, what documents and rules list, and what becomes of each.
import { useEffect, useMemo, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { api, must, type Function, type Schemas } from "~/app/api.ts";
import { go, place, withQuery } from "~/app/router.ts";
import { useLoad } from "~/app/load.ts";
import { may } from "~/app/session.ts";
import { count } from "~/app/show.ts";
import { Link } from "~/parts/link.tsx";
import { Problem } from "~/parts/problem.tsx";
import { Time } from "~/parts/time.tsx";
import { RuleDialog, type Asked } from "~/screens/functions/rule_dialog.tsx";
import { linesOf, treeOf } from "~/screens/functions/tree.ts";

export type Activity = Schemas["FunctionActivity"];
type Kind = Activity["kind"];

export const kinds: readonly { kind: Kind; name: string }[] = [
  { kind: "process", name: "Processes" }, { kind: "file", name: "Files" }, { kind: "library", name: "Libraries" }, { kind: "api", name: "APIs" },
  { kind: "host", name: "Hosts" }, { kind: "address", name: "Addresses" }, { kind: "http", name: "HTTP" }, { kind: "other", name: "Other" },
];
const page = 500;
const most = 5000;

interface Loaded { readonly items: readonly Activity[]; readonly total: number; readonly kinds: Readonly<Record<string, number>> }

async function load(id: string, kind: Kind): Promise<Loaded> {
  const items: Activity[] = [];
  for (let cursor: string | undefined; ;) {
    const answer: Schemas["FunctionActivityPage"] = await must(api.GET("/v1/functions/{id}/activity", { params: { path: { id }, query: { kind, limit: page, ...(cursor ? { cursor } : {}) } } }));
    items.push(...answer.items);
    cursor = answer.next;
    if (!cursor || items.length >= most) return { items, total: answer.total, kinds: answer.kinds };
  }
}

const verdicts: Readonly<Record<Activity["verdict"], { name: string; look: string }>> = {
  allow: { name: "allowed", look: "good" }, deny: { name: "denied", look: "high" }, unlisted: { name: "not listed", look: "medium" },
};
const origins: Readonly<Record<Activity["origin"], string>> = { learned: "learned", static: "static", added: "added" };
const statuses: Readonly<Record<string, string>> = {
  never: "never learned: the boundaries forbid it", found: "a finding names it", tainted: "seen in attacks only", held: "one client alone made it happen", cut: "the log holds it only in part", rejected: "a person said no",
};
const doings: Readonly<Record<string, string>> = {
  file_read: "read", file_write: "written", file_delete: "deleted", file_rename: "renamed", file_link: "linked", file_mode: "mode changed", library_map: "loaded", process_start: "started", net_connect: "connected", net_send: "sent to", name_lookup: "looked up", aws_api: "called", http_request: "requested",
};

export const Verdict = ({ item }: { item: Activity }) => <span class={`tag ${verdicts[item.verdict].look}`}>{verdicts[item.verdict].name}</span>;

function Choice({ item, onAsk }: { item: Activity; onAsk: (asked: Asked) => void }) {
  if (!may("operator")) return null;
  const { entry, rule, value } = item;
  if (rule) return <Link to={place.value.parts.slice(0, 2).reduce((path, part) => `${path}/${part}`, "") + "/rules"}>its rule</Link>;
  if (!entry) return <span class="soft" title="No rule can be written for this">–</span>;
  return (
    <div class="row choice">
      {item.verdict !== "allow" && <button type="button" aria-label={`Allow ${value}`} onClick={() => onAsk({ list: "exclusion", entry })}>Allow</button>}
      {item.verdict !== "deny" && <button type="button" aria-label={`Deny ${value}`} onClick={() => onAsk({ list: "rule", entry })}>Deny</button>}
    </div>
  );
}

const indents = ["in0", "in1", "in2", "in3", "in4", "in5", "in6"];
export const indent = (level: number): string => indents[Math.min(level, indents.length - 1)] ?? "";

function Row({ item, level = 0, within = "", onAsk }: { item: Activity; level?: number; within?: string; onAsk: (asked: Asked) => void }) {
  const status = item.status && item.status !== "learned" ? statuses[item.status] ?? item.status : "";
  return (
    <tr>
      <td class={`mono ${indent(level)}`} title={item.value}>{within !== "" && item.value.startsWith(within) ? item.value.slice(within.length) : item.value}{item.object ? ` → ${item.object}` : ""}</td>
      <td class="soft">{doings[item.activity] ?? item.activity.replaceAll("_", " ")}</td>
      <td>{item.count > 0 ? count(item.count) : ""}</td>
      <td>{item.first_seen ? <Time at={item.first_seen} /> : ""}</td><td>{item.last_seen ? <Time at={item.last_seen} isRelative /> : ""}</td>
      <td>{origins[item.origin]}{status && <div class="soft">{status}</div>}</td>
      <td><Verdict item={item} /></td><td><Choice item={item} onAsk={onAsk} /></td>
    </tr>
  );
}

const Head = ({ first }: { first: string }) => (
  <thead><tr><th>{first}</th><th>Is</th><th title="Invocations that showed it, at least">In invocations</th><th>First seen</th><th>Last seen</th><th>Origin</th><th>Verdict</th><th></th></tr></thead>
);

const shownMost = 400;

function Tree({ items, onAsk }: { items: readonly Activity[]; onAsk: (asked: Asked) => void }) {
  const tree = useMemo(() => treeOf(items, ({ value }) => value), [items]);
  const [turned, turn] = useState<ReadonlySet<string>>(new Set());
  const isSmall = items.length <= 60;
  const isOpen = (path: string) => (isSmall || path === tree.path) !== turned.has(path);
  const lines = linesOf(tree, isOpen);
  const toggle = (path: string) => turn((old) => { const now = new Set(old); if (!now.delete(path)) now.add(path); return now; });
  return (
    <table><Head first="Path" />
      <tbody>{lines.slice(0, shownMost * 5).map(({ level, within, folder, item }) => (folder
        ? <tr key={`${folder.path} /`} class="folder"><td class={`mono ${indent(level)}`} colSpan={8}><button type="button" class="quiet cell" aria-expanded={isOpen(folder.path)} onClick={() => toggle(folder.path)}><span aria-hidden="true">{isOpen(folder.path) ? "▾" : "▸"}</span> {folder.path.slice(within.length)} <span class="soft">{count(folder.count)}</span></button></td></tr>
        : item && <Row key={`${item.activity} ${item.value} ${item.origin} ${item.rule ?? ""}`} item={item} level={level} within={within} onAsk={onAsk} />))}</tbody></table>
  );
}

function Flat({ items, first, onAsk }: { items: readonly Activity[]; first: string; onAsk: (asked: Asked) => void }) {
  const [shown, show] = useState(shownMost);
  return (
    <>
      <table><Head first={first} /><tbody>{items.slice(0, shown).map((item, at) => <Row key={at} item={item} onAsk={onAsk} />)}</tbody></table>
      {items.length > shown && <button type="button" onClick={() => show(shown + shownMost)}>More</button>}
    </>
  );
}

function Kinds({ kind, counts }: { kind: Kind; counts: Readonly<Record<string, number>> }) {
  return (
    <div class="pick" role="group" aria-label="What it does">{kinds.filter((one) => one.kind === kind || counts[one.kind]).map((one) => (
      <button key={one.kind} type="button" aria-pressed={one.kind === kind} onClick={() => go(withQuery({ kind: one.kind, verdict: undefined }), true)}>{one.name} <span class="soft">{count(counts[one.kind] ?? 0)}</span></button>
    ))}</div>
  );
}

export function ActivityCard({ row, version, children }: { row: Function; version: number; children?: ComponentChildren }) {
  const kind = kinds.find((one) => one.kind === place.value.query.get("kind"))?.kind ?? "process";
  const verdict = place.value.query.get("verdict") ?? "";
  const { data, error, again, isLoading } = useLoad(() => load(row.id, kind), [row.id, kind, version]);
  const [text, setText] = useState("");
  const [asked, ask] = useState<Asked>();
  useEffect(() => setText(""), [kind]);
  const items = useMemo(() => (data?.items ?? []).filter((item) => (!verdict || item.verdict === verdict) && item.value.toLowerCase().includes(text.toLowerCase())), [data, verdict, text]);
  return (
    <section class="card" aria-label="Allowlist">
      <div class="head"><h2>What it does, and what is allowed</h2></div>
      {children}
      {data && <Kinds kind={kind} counts={data.kinds} />}
      <div class="row">
        <input type="search" class="search" aria-label="Search these" placeholder="Search these  ( / )" data-search value={text} onInput={(event) => setText(event.currentTarget.value)} />
        <label>Verdict <select value={verdict} onChange={(event) => go(withQuery({ verdict: event.currentTarget.value }), true)}><option value="">any</option>{Object.entries(verdicts).map(([value, { name }]) => <option key={value} value={value}>{name}</option>)}</select></label>
      </div>
      <Problem text={error} />
      {data && items.length > 0 && <div class="scroll activity">{kind === "file" || kind === "library" ? <Tree items={items} onAsk={ask} /> : <Flat items={items} first={kinds.find((one) => one.kind === kind)?.name ?? ""} onAsk={ask} />}</div>}
      {data && items.length === 0 && !isLoading && <p class="soft empty">{data.items.length === 0 ? "Nothing of this was seen, and nothing is listed." : "Nothing is like that."}</p>}
      {data && data.total > data.items.length && <p class="soft">Of {count(data.total)} the first {count(data.items.length)} are shown; the API has all.</p>}
      {asked && <RuleDialog row={row} asked={asked} onClose={() => ask(undefined)} onDone={again} />}
    </section>
  );
}
