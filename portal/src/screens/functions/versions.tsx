// SPDX-License-Identifier: Apache-2.0
import { api, must } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { Problem } from "~/parts/problem.tsx";
import { Time } from "~/parts/time.tsx";
import type { TabProps } from "~/screens/functions/function.tsx";

export function VersionsTab({ row }: TabProps) {
  const { data, error } = useLoad(() => must(api.GET("/v1/functions/{id}/versions", { params: { path: { id: row.id } } })), [row.id]);
  return (
    <section class="card"><h2>Versions of the code</h2><Problem text={error} />
      <table><thead><tr><th>Code</th><th>Number</th><th>First seen</th><th>Last seen</th></tr></thead>
        <tbody>{data?.versions.map((version) => <tr key={version.code + (version.number ?? "")}><td class="mono">{version.code || "unknown"}</td><td>{version.number}</td><td><Time at={version.first_seen} /></td><td><Time at={version.last_seen} /></td></tr>)}</tbody></table>
    </section>
  );
}
