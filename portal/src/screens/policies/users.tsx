// SPDX-License-Identifier: Apache-2.0
// The functions that a document is for.
import { api, must } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { count } from "~/app/show.ts";
import { Link } from "~/parts/link.tsx";
import { Problem } from "~/parts/problem.tsx";
import { State } from "~/parts/tag.tsx";
import type { Kind } from "~/screens/policies/address.ts";

export function Users({ kind, name }: { kind: Kind; name: string }) {
  const { data, error } = useLoad(() => must(api.GET("/v1/policies/{kind}/{name}/functions", { params: { path: { kind, name } } })), [kind, name]);
  if (!data) return error ? <Problem text={error} /> : <p class="soft" role="status">Looking at every function …</p>;
  return (
    <section class="card" aria-label="Functions"><h2>{data.total === 0 ? "No function has it" : `It holds for ${count(data.total)} of ${count(data.looked_at)} functions`}</h2>
      {!data.is_complete && <p class="soft">There are more functions than were looked at in the time there is.</p>}
      {data.total > 0 && <div class="scroll"><table><thead><tr><th>Name</th><th>Account</th><th>Region</th><th>State</th></tr></thead>
        <tbody>{data.functions.map((row) => <tr key={row.id}><td><Link to={`/functions/${row.id}`}>{row.name}</Link></td><td>{row.account}</td><td>{row.region}</td><td><State name={row.state} /></td></tr>)}</tbody></table></div>}
      {data.total > data.functions.length && <p class="soft">The first {count(data.functions.length)} are shown.</p>}
    </section>
  );
}
