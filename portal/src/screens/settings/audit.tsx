// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { api, must, type Schemas } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { count } from "~/app/show.ts";
import { Problem } from "~/parts/problem.tsx";
import { Time } from "~/parts/time.tsx";

export function Audit() {
  const { data, error } = useLoad(() => must(api.GET("/v1/audit")), []);
  const [older, setOlder] = useState<readonly Schemas["AuditEntry"][]>([]);
  const [verdict, setVerdict] = useState("");
  const rows = [...(data?.items ?? []), ...older];
  const more = async () => {
    const last = rows.at(-1);
    if (last) setOlder([...older, ...(await must(api.GET("/v1/audit", { params: { query: { before: last.seq } } }))).items]);
  };
  const verify = async () => {
    const found = await must(api.POST("/v1/audit/verify"));
    setVerdict(found.is_whole ? `All ${count(found.entries)} entries are whole.` : `The chain is broken at entry ${found.broken_at}.`);
  };
  return (
    <section class="card"><div class="head"><h2>Audit log</h2><div><button type="button" onClick={() => void verify()}>Verify the chain</button></div></div>
      {verdict && <p role="status">{verdict}</p>}<Problem text={error} />
      <div class="scroll"><table><thead><tr><th>Number</th><th>Time</th><th>Who</th><th>What</th><th>Of</th><th>How</th></tr></thead>
        <tbody>{rows.map((row) => <tr key={row.seq}><td>{row.seq}</td><td><Time at={row.time} /></td><td>{row.actor}</td><td>{row.action}</td><td>{row.target}</td><td class="mono">{row.detail ? JSON.stringify(row.detail) : ""}</td></tr>)}</tbody></table></div>
      {rows.length > 0 && (rows.at(-1)?.seq ?? 1) > 1 && <button type="button" onClick={() => void more()}>Older entries</button>}
    </section>
  );
}
