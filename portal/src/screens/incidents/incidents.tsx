// SPDX-License-Identifier: Apache-2.0
// Events that belong together.
import { useCallback, useState } from "preact/hooks";
import { api, must, type Schemas } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { go, place } from "~/app/router.ts";
import { count, severities } from "~/app/show.ts";
import { Chips, Choices, type Filter } from "~/parts/filters.tsx";
import { useRows } from "~/parts/keys.ts";
import { Link } from "~/parts/link.tsx";
import { Problem } from "~/parts/problem.tsx";
import { Sentence } from "~/parts/sentence.tsx";
import { Severity } from "~/parts/tag.tsx";
import { Time } from "~/parts/time.tsx";
import { IncidentPage } from "~/screens/incidents/incident.tsx";

type Incident = Schemas["Incident"];

const filters: readonly Filter[] = [
  { name: "severity", label: "At least", choices: severities },
  { name: "status", label: "Status", choices: ["open", "false_alarm", "excepted", "resolved"] },
  { name: "source_ip", label: "From address" },
  { name: "function", label: "Function" },
];

const load = (cursor?: string) => {
  const query = Object.fromEntries(filters.flatMap(({ name }) => { const value = place.value.query.get(name); return value ? [[name, value]] : []; }));
  return must(api.GET("/v1/incidents", { params: { query: { ...query, ...(cursor ? { cursor } : {}) } } }));
};

function List() {
  const key = place.value.query.toString();
  const { data, error, isLoading } = useLoad(() => load(), [key]);
  const [more, setMore] = useState<{ rows: readonly Incident[]; next: string | undefined; of: unknown }>({ rows: [], next: undefined, of: undefined });
  const next = more.of === data ? more.next : data?.next;
  const rows = [...(data?.incidents ?? []), ...(more.of === data ? more.rows : [])];
  const open = useCallback((at: number) => { const row = rows[at]; if (row) go(`/incidents/${row.id}`); }, [rows.length]);
  const chosen = useRows(rows.length, open);
  const older = async () => {
    const page = await load(next);
    setMore((old) => ({ rows: [...(old.of === data ? old.rows : []), ...page.incidents], next: page.next, of: data }));
  };
  return (
    <>
      <div class="head"><h1>Incidents</h1></div>
      <div class="row"><Choices filters={filters} /></div>
      <Chips filters={filters} />
      <Problem text={error} />
      <div class="card scroll"><table><thead><tr><th>Last</th><th>Severity</th><th>What</th><th>Who</th><th>Events</th><th>Blocked</th><th>Status</th></tr></thead>
        <tbody>{rows.map((row, at) => (
          <tr key={row.id} aria-selected={at === chosen}>
            <td><Time at={row.last} /></td><td><Severity name={row.severity} /></td>
            <td><Link to={`/incidents/${row.id}`}><Sentence text={row.title || (row.kind ?? "")} /></Link><div class="soft">{row.function_name} {row.attack?.join(" → ")}</div></td>
            <td class="mono">{row.source_ip ?? row.request}</td><td>{count(row.events)}</td><td>{count(row.blocked ?? 0)}</td><td>{row.status.replace("_", " ")}</td>
          </tr>
        ))}</tbody></table></div>
      {!isLoading && rows.length === 0 && <p class="soft empty">No incident.</p>}
      {next && <button type="button" onClick={() => void older()}>Older incidents</button>}
    </>
  );
}

export default function IncidentsScreen({ id }: { id: string }) {
  return id ? <IncidentPage id={id} /> : <List />;
}
