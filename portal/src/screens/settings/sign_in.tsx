// SPDX-License-Identifier: Apache-2.0
// How people sign in; where everybody is signed in.
import { useState } from "preact/hooks";
import { api, must } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { Problem } from "~/parts/problem.tsx";
import { Time } from "~/parts/time.tsx";

const methodNames: Readonly<Record<string, string>> = { password: "Name and password", oidc: "OpenID provider" };

export function SignInWays() {
  const ways = useLoad(() => must(api.GET("/v1/sign-in")), []);
  const users = useLoad(() => must(api.GET("/v1/users", { params: { query: { limit: 500 } } })), []);
  const sessions = useLoad(() => must(api.GET("/v1/sessions", { params: { query: { user: 0 } } })), []);
  const [problem, setProblem] = useState("");
  const names = new Map(users.data?.items.map(({ id, name }) => [id, name]));
  const end = async (id: string) => {
    await must(api.DELETE("/v1/sessions/{id}", { params: { path: { id } } })).then(sessions.again, (reason: Error) => setProblem(reason.message));
  };
  const methods: readonly string[] = ways.data?.methods ?? [];
  return (
    <>
      <section class="card"><h2>Ways to sign in</h2><Problem text={ways.error} />
        <ul>{methods.map((method) => <li key={method}>{methodNames[method] ?? method}</li>)}</ul>
        {ways.data && !methods.includes("oidc") && <p class="soft">No OpenID provider is set up: <code>gambeson serve --oidc FILE</code>, whose file names issuer, client and which claim gives which role.</p>}
      </section>
      <section class="card"><h2>Who is signed in</h2><Problem text={sessions.error || problem} />
        <div class="scroll" tabIndex={0}><table><thead><tr><th>Who</th><th>Since</th><th>Last used</th><th>From</th><th>Browser</th><th></th></tr></thead>
          <tbody>{sessions.data?.items.map((one) => (
            <tr key={one.id}><td>{names.get(one.user) ?? one.user}</td><td><Time at={one.created} /></td><td><Time at={one.last_used} isRelative /></td><td class="mono">{one.address}</td><td>{one.agent}</td>
              <td>{one.is_this ? "this one" : <button type="button" onClick={() => void end(one.id)}>End</button>}</td></tr>
          ))}</tbody></table></div>
      </section>
    </>
  );
}
