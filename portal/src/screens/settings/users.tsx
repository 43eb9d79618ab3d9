// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { api, must, type Schemas } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { session } from "~/app/session.ts";
import { Problem } from "~/parts/problem.tsx";
import { Time } from "~/parts/time.tsx";
import { Form, RoleChoice, roles, words } from "~/screens/settings/form.tsx";

const scopeText = (scope: Schemas["Scope"] | undefined): string => [...(scope?.accounts ?? []), ...(scope?.tags ?? [])].join(" ") || "everything";

export function Users() {
  const { data, error, again } = useLoad(() => must(api.GET("/v1/users", { params: { query: { limit: 500 } } })), []);
  const [problem, setProblem] = useState("");
  const add = async (fields: FormData) => {
    const accounts = words(fields, "accounts");
    const tags = words(fields, "tags");
    await must(api.POST("/v1/users", { body: {
      name: String(fields.get("name")), email: String(fields.get("email")), password: String(fields.get("password")), role: fields.get("role") as Schemas["Role"],
      ...(accounts.length + tags.length ? { scope: { accounts, tags } } : {}) } }));
    again();
  };
  const change = async (id: number, body: { role?: Schemas["Role"]; is_disabled?: boolean }) => {
    await must(api.PATCH("/v1/users/{id}", { params: { path: { id: String(id) } }, body })).then(() => setProblem(""), (reason: Error) => setProblem(reason.message));
    again();
  };
  return (
    <section class="card"><h2>Users</h2><Problem text={error || problem} />
      <div class="scroll"><table><thead><tr><th>Name</th><th>E-mail</th><th>Role</th><th>Sees</th><th>Last sign-in</th><th>Signs in</th></tr></thead>
        <tbody>{data?.items.map((user) => (
          <tr key={user.id}><td>{user.name}</td><td>{user.email}</td>
            <td><select aria-label={`Role of ${user.name}`} value={user.role} disabled={user.id === session.value?.id} onChange={(event) => void change(user.id, { role: event.currentTarget.value as Schemas["Role"] })}>{roles.map((role) => <option key={role}>{role}</option>)}</select></td>
            <td>{scopeText(user.scope)}</td><td><Time at={user.last_sign_in ?? undefined} isRelative /></td>
            <td><button type="button" disabled={user.id === session.value?.id} onClick={() => void change(user.id, { is_disabled: !user.is_disabled })}>{user.is_disabled ? "Let in again" : "Shut out"}</button></td></tr>
        ))}</tbody></table></div>
      <h2>Add a user</h2>
      <Form action="Add" onSubmit={add}>
        <label>Name <input name="name" required autocomplete="off" /></label><label>E-mail <input name="email" type="email" autocomplete="off" /></label>
        <label>Password <input name="password" type="password" required minLength={12} autocomplete="new-password" /></label><RoleChoice name="role" />
        <label>Only accounts <input name="accounts" placeholder="all" /></label><label>Only tags <input name="tags" placeholder="team=payments" /></label>
      </Form>
    </section>
  );
}
