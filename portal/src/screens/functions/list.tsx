// SPDX-License-Identifier: Apache-2.0
// All functions that were heard of: the server filters and sorts, so that thousands are as quick as ten.
import { useCallback, useEffect, useState } from "preact/hooks";
import { api, must, type Function } from "~/app/api.ts";
import { usePages, type Page } from "~/app/pages.ts";
import { go, place, withQuery } from "~/app/router.ts";
import { may } from "~/app/session.ts";
import { count } from "~/app/show.ts";
import { Chips, Choices, Search, type Filter } from "~/parts/filters.tsx";
import { useRows } from "~/parts/keys.ts";
import { Gap } from "~/parts/gap.tsx";
import { Link } from "~/parts/link.tsx";
import { Problem } from "~/parts/problem.tsx";
import { State } from "~/parts/tag.tsx";
import { Time } from "~/parts/time.tsx";
import { isNearEnd, useEnd, useWindowed } from "~/parts/windowed.ts";
import { Bulk } from "~/screens/functions/bulk.tsx";

/** Of a row, as style.css has it. */
const rowHeight = 46;

const filters: readonly Filter[] = [
  { name: "state", label: "State", choices: ["unprotected", "learning", "detecting", "blocking"] },
  { name: "mode", label: "Mode", choices: ["off", "detect", "block"] },
  { name: "runtime", label: "Runtime" }, { name: "account", label: "Account" }, { name: "region", label: "Region" },
  { name: "group", label: "Group" }, { name: "agent_version", label: "Agent" }, { name: "text", label: "Name" },
];

type FunctionPage = Page<Function> & { readonly total: number };

const load = async (cursor?: string): Promise<FunctionPage> => {
  const names = [...filters.map(({ name }) => name), "sort"];
  const query = Object.fromEntries(names.flatMap((name) => { const value = place.value.query.get(name); return value ? [[name, value]] : []; }));
  const page = await must(api.GET("/v1/functions", { params: { query: { ...query, limit: 200, ...(cursor ? { cursor } : {}) } } }));
  return { items: page.functions, next: page.next, total: page.total };
};

function Heading({ name, label }: { name: string; label: string }) {
  const sort = place.value.query.get("sort") ?? "name";
  const order = sort === name ? "ascending" : sort === `-${name}` ? "descending" : "none";
  return (
    <th aria-sort={order}><button type="button" class="quiet sort" onClick={() => go(withQuery({ sort: sort === name ? `-${name}` : name, cursor: undefined }))}>{label}{order === "ascending" ? " ↑" : order === "descending" ? " ↓" : ""}</button></th>
  );
}

const cell = (name: string, value: string | undefined) =>
  (value ? <button type="button" class="quiet cell" title="Filter by it" onClick={() => go(withQuery({ [name]: value, cursor: undefined }))}>{value}</button> : "");

function Row({ row, at, isChosen, isPicked, onPick }: { row: Function; at: number; isChosen: boolean; isPicked: boolean; onPick: (isOn: boolean) => void }) {
  return (
    <tr aria-selected={isChosen} aria-rowindex={at + 2}>
      {may("operator") && <td><input type="checkbox" aria-label={`Choose ${row.name}`} checked={isPicked} onChange={(event) => onPick(event.currentTarget.checked)} /></td>}
      <td><Link to={`/functions/${row.id}`}>{row.name}</Link></td>
      <td>{cell("runtime", row.runtime?.split("/").at(-1))}</td><td>{cell("account", row.account)}</td><td>{cell("region", row.region)}</td>
      <td><State name={row.state} /></td><td>{row.posture || row.mode}</td><td>{cell("group", row.group)}</td>
      <td><progress max={100} value={row.learning_percent ?? 0} aria-label={`${row.name}: learned`} /> {row.learning_percent ?? 0} %</td>
      <td>{cell("agent_version", row.agent_version)}</td><td><Time at={row.last_event} isRelative /></td>
    </tr>
  );
}

export function FunctionList() {
  const key = place.value.query.toString();
  const { items: rows, first, more, error, isLoading, again } = usePages<Function, FunctionPage>(load, [key]);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => setPicked(new Set()), [first]);
  const open = useCallback((at: number) => { const row = rows[at]; if (row) go(`/functions/${row.id}`); }, [rows]);
  const part = useWindowed(rows.length, rowHeight);
  const chosen = useRows(rows.length, open, part.reveal);
  useEnd(isNearEnd(part, rows.length), more);
  const columns = may("operator") ? 11 : 10;
  const pick = (id: string, isOn: boolean) => setPicked((old) => { const ids = new Set(old); if (isOn) ids.add(id); else ids.delete(id); return ids; });
  return (
    <>
      <div class="head"><h1>Functions</h1><span class="soft">{first ? `${count(first.total)} functions` : ""}</span></div>
      <div class="row"><Search name="text" label="Search names" /><Choices filters={filters} /></div>
      <Chips filters={filters} />
      <Problem text={error} />
      {picked.size > 0 && <Bulk ids={[...picked]} onDone={again} />}
      <div class="card scroll" tabIndex={0}>
        <table class={may("operator") ? "functions windowed choosable" : "functions windowed"} aria-rowcount={more ? -1 : rows.length + 1}>
          <thead><tr>
            {may("operator") && <th><input type="checkbox" aria-label="Choose all shown" checked={picked.size === rows.length && rows.length > 0} onChange={(event) => setPicked(new Set(event.currentTarget.checked ? rows.map(({ id }) => id) : []))} /></th>}
            <Heading name="name" label="Name" /><th>Runtime</th><th>Account</th><th>Region</th><th>State</th><th>Mode</th><th>Group</th><Heading name="learning" label="Learned" /><th>Agent</th><Heading name="last_event" label="Last event" />
          </tr></thead>
          <tbody ref={part.body}>
            <Gap pixels={part.above} columns={columns} />
            {rows.slice(part.from, part.to).map((row, n) => <Row key={row.id} row={row} at={part.from + n} isChosen={part.from + n === chosen} isPicked={picked.has(row.id)} onPick={(isOn) => pick(row.id, isOn)} />)}
            <Gap pixels={part.below} columns={columns} />
          </tbody>
        </table>
      </div>
      {!isLoading && rows.length === 0 && <p class="soft empty">No function is like that.</p>}
    </>
  );
}
