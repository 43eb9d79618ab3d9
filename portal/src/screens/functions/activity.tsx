// SPDX-License-Identifier: Apache-2.0
// The allowlist as what the function does: what was seen, what documents and rules list, and what becomes of each.
import { useState } from "preact/hooks";
import type { Function } from "~/app/api.ts";
import { usePages } from "~/app/pages.ts";
import { go, place, withQuery } from "~/app/router.ts";
import { count } from "~/app/show.ts";
import { Search } from "~/parts/filters.tsx";
import { Problem } from "~/parts/problem.tsx";
import { loadActivity, type ActivityPage } from "~/screens/functions/activity_page.ts";
import { Head, Row, verdicts, type Activity } from "~/screens/functions/activity_rows.tsx";
import { Folders, Tree } from "~/screens/functions/activity_tree.tsx";
import { RuleDialog, type Asked } from "~/screens/functions/rule_dialog.tsx";

type Kind = Activity["kind"];

export const kinds: readonly { kind: Kind; name: string }[] = [
  { kind: "process", name: "Processes" }, { kind: "file", name: "Files" }, { kind: "library", name: "Libraries" }, { kind: "api", name: "APIs" },
  { kind: "host", name: "Hosts" }, { kind: "address", name: "Addresses" }, { kind: "http", name: "HTTP" }, { kind: "other", name: "Other" },
];

function Kinds({ kind, counts }: { kind: Kind; counts: Readonly<Record<string, number>> }) {
  return (
    <div class="pick" role="group" aria-label="What it does">{kinds.filter((one) => one.kind === kind || counts[one.kind]).map((one) => (
      <button key={one.kind} type="button" aria-pressed={one.kind === kind} onClick={() => go(withQuery({ kind: one.kind, verdict: undefined, text: undefined }), true)}>{one.name} <span class="soft">{count(counts[one.kind] ?? 0)}</span></button>
    ))}</div>
  );
}

export function ActivityCard({ row, version }: { row: Function; version: number }) {
  const { query } = place.value;
  const kind = kinds.find((one) => one.kind === query.get("kind"))?.kind ?? "process";
  const verdict = Object.keys(verdicts).find((one) => one === query.get("verdict")) as Activity["verdict"] | undefined;
  const text = query.get("text") ?? "";
  const wanted = { id: row.id, kind, text, verdict };
  const [made, setMade] = useState(0);
  const stamp = `${version} ${made}`;
  const { items, first, more, error, isLoading } = usePages<Activity, ActivityPage>(loadActivity(wanted), [JSON.stringify(wanted), stamp]);
  const [asked, ask] = useState<Asked>();
  const isTree = kind === "file" || kind === "library";
  // While another kind is on its way, the rows are still those of the one before.
  const isThere = first !== undefined && (items[0]?.kind ?? kind) === kind;
  return (
    <section class="card" aria-label="Allowlist">
      <div class="head"><h2>What it does, and what is allowed</h2></div>
      {first && <Kinds kind={kind} counts={first.kinds} />}
      <div class="row">
        <Search name="text" label="Search these" />
        <label>Verdict <select value={verdict ?? ""} onChange={(event) => go(withQuery({ verdict: event.currentTarget.value }), true)}><option value="">any</option>{Object.entries(verdicts).map(([value, { name }]) => <option key={value} value={value}>{name}</option>)}</select></label>
        {first && (text || verdict) && <span class="soft" role="status">{count(first.total)} of {count(first.kinds[kind] ?? 0)}</span>}
      </div>
      <Problem text={error} />
      {isThere && items.length > 0 && (
        <div class="scroll activity">{isTree
          ? first.next ? <Folders wanted={wanted} version={stamp} onAsk={ask} /> : <Tree items={items} onAsk={ask} />
          : <table><Head first={kinds.find((one) => one.kind === kind)?.name ?? ""} /><tbody>{items.map((item, at) => <Row key={at} item={item} onAsk={ask} />)}</tbody></table>}</div>
      )}
      {!isTree && more && <p><button type="button" onClick={() => void more()}>More</button> <span class="soft">{count(items.length)} of {count(first?.total ?? 0)} are shown.</span></p>}
      {isThere && items.length === 0 && !isLoading && <p class="soft empty">{first.kinds[kind] ? "Nothing is like that." : "Nothing of this was seen, and nothing is listed."}</p>}
      {asked && <RuleDialog row={row} asked={asked} onClose={() => ask(undefined)} onDone={() => setMade((n) => n + 1)} />}
    </section>
  );
}
