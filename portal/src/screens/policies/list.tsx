// SPDX-License-Identifier: Apache-2.0
// All policy documents: of the account, of groups, of functions.
import { useCallback, useMemo, useState } from "preact/hooks";
import { api, must } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { go, place } from "~/app/router.ts";
import { may } from "~/app/session.ts";
import { count } from "~/app/show.ts";
import { Chips, Choices, Search, type Filter } from "~/parts/filters.tsx";
import { useRows } from "~/parts/keys.ts";
import { Link } from "~/parts/link.tsx";
import { Problem } from "~/parts/problem.tsx";
import { Time } from "~/parts/time.tsx";
import { addressOf, kindNames, kinds, type Kind } from "~/screens/policies/address.ts";

const filters: readonly Filter[] = [{ name: "kind", label: "Kind", choices: kinds }, { name: "text", label: "Name" }];
const page = 200;

export function PolicyList() {
  const { data, error } = useLoad(() => must(api.GET("/v1/policies")), []);
  const use = useLoad(() => must(api.GET("/v1/policies/use")), []);
  const [shown, show] = useState(page);
  const kind = place.value.query.get("kind");
  const text = (place.value.query.get("text") ?? "").toLowerCase();
  const all = data?.policies ?? [];
  const rows = all.filter((one) => (!kind || one.kind === kind) && one.name.toLowerCase().includes(text));
  const open = useCallback((at: number) => { const row = rows[at]; if (row) go(addressOf(row.kind, row.name)); }, [rows]);
  const chosen = useRows(Math.min(rows.length, shown), open);
  const uses = useMemo(() => new Map(use.data?.policies.map(({ kind, name, functions }) => [`${kind} ${name}`, functions])), [use.data]);
  const used = (kind: string, name: string) => { const n = uses.get(`${kind} ${name}`); return n === undefined ? "" : `${use.data?.is_complete ? "" : "at least "}${count(n)}`; };
  const hasAccount = all.some((one) => one.kind === "AccountPolicy");
  return (
    <>
      <div class="head"><h1>Policies & Groups</h1><span class="soft">{data ? `${count(all.length)} documents` : ""}</span></div>
      {may("operator") && <div class="row">
        {data && !hasAccount && <Link to="/policies/AccountPolicy" class="button">New policy of the account</Link>}
        <Link to="/policies/Group" class="button">New group</Link><Link to="/policies/FunctionPolicy" class="button">New policy of a function</Link>
      </div>}
      <div class="row"><Search name="text" label="Search names" /><Choices filters={filters} /></div>
      <Chips filters={filters} />
      <Problem text={error} />
      {rows.length > 0 && <div class="card scroll">
        <table>
          <thead><tr><th>Name</th><th>For</th><th>Functions</th><th>Revision</th><th>Changed</th><th>By</th><th>Comment</th></tr></thead>
          <tbody>{rows.slice(0, shown).map((one, at) => (
            <tr key={`${one.kind} ${one.name}`} aria-selected={at === chosen}>
              <td><Link to={addressOf(one.kind, one.name)}>{one.name}</Link></td><td>{kindNames[one.kind as Kind]}</td><td>{used(one.kind, one.name)}</td><td>{one.revision}</td>
              <td><Time at={one.time} isRelative /></td><td>{one.author}</td><td class="soft">{one.comment}</td>
            </tr>
          ))}</tbody>
        </table>
      </div>}
      {rows.length > shown && <button type="button" onClick={() => show(shown + page)}>More documents</button>}
      {data && rows.length === 0 && <section class="card first"><h2>{all.length === 0 ? "There is no policy yet" : "No document is like that"}</h2>
        {all.length === 0 && <p class="soft">Without one functions are watched and learned: nothing is blocked. A policy of the account holds for all functions, one of a group for those that match, one of a function for that alone; field by field the nearest word counts.</p>}</section>}
    </>
  );
}
