// SPDX-License-Identifier: Apache-2.0
// One thing that a function does or that is listed: how often, since when, where it comes from, and what becomes of it.
import type { Schemas } from "~/app/api.ts";
import { place } from "~/app/router.ts";
import { may } from "~/app/session.ts";
import { count } from "~/app/show.ts";
import { Link } from "~/parts/link.tsx";
import { Time } from "~/parts/time.tsx";
import type { Asked } from "~/screens/functions/rule_dialog.tsx";

export type Activity = Schemas["FunctionActivity"];

export const verdicts: Readonly<Record<Activity["verdict"], { name: string; look: string }>> = {
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

export function Row({ item, level = 0, within = "", onAsk }: { item: Activity; level?: number; within?: string; onAsk: (asked: Asked) => void }) {
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

export const Head = ({ first }: { first: string }) => (
  <thead><tr><th>{first}</th><th>Is</th><th title="Invocations that showed it, at least">In invocations</th><th>First seen</th><th>Last seen</th><th>Origin</th><th>Verdict</th><th></th></tr></thead>
);
