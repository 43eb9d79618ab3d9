// SPDX-License-Identifier: Apache-2.0
// What the function's sandboxes say that they see, and what not.
import { api, must } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { count } from "~/app/show.ts";
import { Problem } from "~/parts/problem.tsx";
import { Time } from "~/parts/time.tsx";
import type { TabProps } from "~/screens/functions/function.tsx";

export function CoverageTab({ row }: TabProps) {
  const { data, error } = useLoad(() => must(api.GET("/v1/functions/{id}/coverage", { params: { path: { id: row.id } } })), [row.id]);
  return (
    <div class="grid">
      <Problem text={error} />
      <section class="card span4"><h2>Tiers</h2><ul>{Object.entries(data?.tiers ?? {}).map(([name, isOn]) => <li key={name}>{name.replaceAll("_", " ")}: <b>{isOn ? "yes" : "no"}</b></li>)}</ul></section>
      <section class="card span4"><h2>Gaps that were told</h2>
        {data?.gaps.length === 0 ? <p class="soft">None.</p> : <ul>{data?.gaps.map((gap) => <li key={gap.reason}><b>{gap.reason.replaceAll("_", " ")}</b> ({count(gap.count)}, last <Time at={gap.last} isRelative />) <div class="soft">{gap.message}</div></li>)}</ul>}</section>
      <section class="card span4"><h2>Sandboxes</h2>
        <table><thead><tr><th>Id</th><th>Lines</th><th>Last</th></tr></thead><tbody>{data?.sandboxes.map((one) => <tr key={one.id}><td class="mono">{one.id}</td><td>{one.state === "open" ? "whole" : one.state}, {one.authentic === "unsigned" ? "unsigned" : "signed"}</td><td><Time at={one.last_seen} isRelative /></td></tr>)}</tbody></table></section>
    </div>
  );
}
