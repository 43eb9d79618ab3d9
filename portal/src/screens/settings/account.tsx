// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { api, csrf, must } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { session } from "~/app/session.ts";
import { Problem } from "~/parts/problem.tsx";
import { Time } from "~/parts/time.tsx";
import { Form } from "~/screens/settings/form.tsx";

export function Account() {
  const { data, error, again } = useLoad(() => must(api.GET("/v1/sessions")), []);
  const [said, say] = useState("");
  const change = async (fields: FormData) => {
    const account = await must(api.PUT("/v1/session/password", { body: { current_password: String(fields.get("current")), password: String(fields.get("password")) } }));
    csrf.value = account.csrf_token;
    say("The password is changed. All other sessions have ended.");
    again();
  };
  const end = async (id: string) => {
    await api.DELETE("/v1/sessions/{id}", { params: { path: { id } } });
    again();
  };
  return (
    <>
      <section class="card"><h2>{session.value?.name}, {session.value?.role}</h2>
        {said && <p role="status">{said}</p>}
        {session.value?.has_password && (
          <Form action="Change the password" onSubmit={change}>
            <label>Current password <input name="current" type="password" required autocomplete="current-password" /></label>
            <label>New password <input name="password" type="password" required minLength={12} autocomplete="new-password" /></label>
          </Form>
        )}
      </section>
      <section class="card"><h2>Where you are signed in</h2><Problem text={error} />
        <table><thead><tr><th>Since</th><th>Last used</th><th>From</th><th>Browser</th><th></th></tr></thead>
          <tbody>{data?.items.map((one) => (
            <tr key={one.id}><td><Time at={one.created} /></td><td><Time at={one.last_used} isRelative /></td><td class="mono">{one.address}</td><td>{one.agent}</td>
              <td>{one.is_this ? "this one" : <button type="button" onClick={() => void end(one.id)}>End</button>}</td></tr>
          ))}</tbody></table>
      </section>
    </>
  );
}
