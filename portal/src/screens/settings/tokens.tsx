// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { api, must, type Schemas } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { Problem } from "~/parts/problem.tsx";
import { Time } from "~/parts/time.tsx";
import { Form, RoleChoice } from "~/screens/settings/form.tsx";

const purposes = ["ingest", "learn", "events:read", "events:write", "functions:read", "functions:write", "policies:read", "policies:write", "metrics:read", "audit:read", "settings:read", "settings:write"];

export function Tokens() {
  const { data, error, again } = useLoad(() => must(api.GET("/v1/tokens", { params: { query: { limit: 500 } } })), []);
  const [made, setMade] = useState("");
  const [problem, setProblem] = useState("");
  const make = async (fields: FormData) => {
    const token = await must(api.POST("/v1/tokens", { body: { name: String(fields.get("name")), role: fields.get("role") as Schemas["Role"], scopes: fields.getAll("scopes").map(String) } }));
    setMade(token.token);
    again();
  };
  const revoke = async (id: number) => {
    await must(api.DELETE("/v1/tokens/{id}", { params: { path: { id: String(id) } } })).then(() => setProblem(""), (reason: Error) => setProblem(reason.message));
    again();
  };
  return (
    <section class="card"><h2>API tokens</h2><Problem text={error || problem} />
      {made && <p class="made" role="status">Copy it now, it is not shown again: <code>{made}</code></p>}
      <div class="scroll"><table><thead><tr><th>Name</th><th>Role</th><th>For</th><th>Made</th><th>Last used</th><th>Ends</th><th>State</th></tr></thead>
        <tbody>{data?.items.map((token) => (
          <tr key={token.id}><td>{token.name}</td><td>{token.role}</td><td class="mono">{token.scopes.join(" ")}</td><td><Time at={token.created} /></td><td><Time at={token.last_used ?? undefined} isRelative /></td>
            <td>{token.expires ? <Time at={token.expires} /> : "never"}</td><td>{token.is_revoked ? "revoked" : <button type="button" onClick={() => void revoke(token.id)} aria-label={`Revoke ${token.name}`}>Revoke</button>}</td></tr>
        ))}</tbody></table></div>
      <h2>Make a token</h2>
      <Form action="Make" onSubmit={make}>
        <label>Name <input name="name" required maxLength={64} autocomplete="off" /></label><RoleChoice name="role" />
        <fieldset class="row"><legend>What it is for</legend>{purposes.map((purpose) => <label key={purpose}><input type="checkbox" name="scopes" value={purpose} /> {purpose}</label>)}</fieldset>
      </Form>
    </section>
  );
}
