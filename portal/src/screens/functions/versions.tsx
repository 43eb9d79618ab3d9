// SPDX-License-Identifier: Apache-2.0
// Versions of the code, and what one does that another did not.
import { api, must, type Schemas } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { usePages } from "~/app/pages.ts";
import { go, place, withQuery } from "~/app/router.ts";
import { count } from "~/app/show.ts";
import { Problem } from "~/parts/problem.tsx";
import { Time } from "~/parts/time.tsx";
import { kinds } from "~/screens/functions/activity.tsx";
import { loadActivity, type ActivityPage } from "~/screens/functions/activity_page.ts";
import { Verdict, type Activity } from "~/screens/functions/activity_rows.tsx";
import type { TabProps } from "~/screens/functions/function.tsx";

const nameOf = ({ code, number }: Schemas["Version"]): string => code || number || "";
const short = (name: string): string => (name.length > 16 ? `${name.slice(0, 12)}…` : name);

interface Compared { readonly id: string; readonly version: string; readonly against: string }

function Changes({ compared, difference, title, none }: { compared: Compared; difference: "added" | "removed"; title: string; none: string }) {
  const { items, first, more, error, isLoading } = usePages<Activity, ActivityPage>(loadActivity({ ...compared, difference }), [JSON.stringify(compared), difference]);
  return (
    <section class="card span6" aria-label={title}><h2>{title} <span class="soft">{first ? count(first.total) : ""}</span></h2>
      <Problem text={error} />
      {isLoading && !first && <p class="soft" role="status">Comparing …</p>}
      {first && items.length === 0 && <p class="soft">{none}</p>}
      {items.length > 0 && <div class="scroll"><table><thead><tr><th>Kind</th><th>What</th><th>In invocations</th><th>Verdict</th></tr></thead>
        <tbody>{items.map((item, at) => <tr key={at}><td class="soft nowrap">{kinds.find(({ kind }) => kind === item.kind)?.name}</td><td class="mono">{item.value}</td><td>{count(item.count)}</td><td><Verdict item={item} /></td></tr>)}</tbody></table></div>}
      {more && <button type="button" onClick={() => void more()}>More</button>}
    </section>
  );
}

function Comparison(compared: Compared) {
  const { id, version, against } = compared;
  const { data, error } = useLoad(() => loadActivity({ id, version, against, difference: "same" })(), [id, version, against]);
  return (
    <>
      <div class="grid">
        <Changes compared={compared} difference="added" title="New" none="It does nothing that the other did not." />
        <Changes compared={compared} difference="removed" title="No longer seen" none="All that the other did was seen again." />
      </div>
      <Problem text={error} />
      {data && <p class="soft">{count(data.total)} things are the same in both.</p>}
    </>
  );
}

export function VersionsTab({ row }: TabProps) {
  const { data, error } = useLoad(() => must(api.GET("/v1/functions/{id}/versions", { params: { path: { id: row.id } } })), [row.id]);
  // By when they came: an older one may well be the last that was seen.
  const named = (data?.versions ?? []).filter((version) => nameOf(version)).sort((a, b) => Date.parse(b.first_seen) - Date.parse(a.first_seen));
  const { query } = place.value;
  const version = query.get("version") ?? (named[0] ? nameOf(named[0]) : "");
  const against = query.get("against") ?? (named[1] ? nameOf(named[1]) : "");
  const choice = (name: "version" | "against", value: string, label: string) => (
    <select aria-label={label} value={value} onChange={(event) => go(withQuery({ [name]: event.currentTarget.value }), true)}>{named.map((one) => <option key={nameOf(one)} value={nameOf(one)}>{short(nameOf(one))}{one.number && one.code ? ` (${one.number})` : ""}</option>)}</select>
  );
  return (
    <div class="stack">
      <section class="card"><h2>Versions of the code</h2><Problem text={error} />
        <div class="scroll"><table><thead><tr><th>Code</th><th>Number</th><th>First seen</th><th>Last seen</th></tr></thead>
          <tbody>{data?.versions.map((one) => <tr key={one.code + (one.number ?? "")}><td class="mono">{one.code || "unknown"}</td><td>{one.number}</td><td><Time at={one.first_seen} /></td><td><Time at={one.last_seen} /></td></tr>)}</tbody></table></div>
      </section>
      {named.length > 1 && <>
        <h2 class="row">What {choice("version", version, "Version")} does that {choice("against", against, "Compared with version")} did not</h2>
        {version === against ? <p class="soft">Choose two versions.</p> : <Comparison id={row.id} version={version} against={against} />}
      </>}
      {data && named.length < 2 && <p class="soft">Once there is another version, what it does differently stands here.</p>}
    </div>
  );
}
