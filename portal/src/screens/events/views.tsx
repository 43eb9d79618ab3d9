// SPDX-License-Identifier: Apache-2.0
// Queries that somebody keeps under a name.
import { useState } from "preact/hooks";
import { api, must } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { go, place } from "~/app/router.ts";
import { Problem } from "~/parts/problem.tsx";

export function Views() {
  const { data, again } = useLoad(() => must(api.GET("/v1/views")), []);
  const [problem, setProblem] = useState("");
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const fields = new FormData(form);
    await must(api.POST("/v1/views", { body: { name: String(fields.get("name")), query: place.value.query.toString(), is_shared: fields.get("shared") === "on" } }))
      .then(() => { setProblem(""); form.reset(); again(); }, (reason: Error) => setProblem(reason.message));
  };
  const remove = async (id: string) => {
    await api.DELETE("/v1/views/{id}", { params: { path: { id } } });
    again();
  };
  return (
    <details class="menu">
      <summary>Views</summary>
      <div class="card">
        {data?.views.length === 0 && <p class="soft">None is saved yet.</p>}
        <ul>{data?.views.map((view) => (
          <li key={view.id}><button type="button" class="quiet" onClick={() => go(`/events?${view.query}`)}>{view.name}</button>
            <button type="button" class="quiet" aria-label={`Delete the view ${view.name}`} onClick={() => void remove(view.id)}>×</button></li>
        ))}</ul>
        <form onSubmit={(event) => void save(event)}>
          <input name="name" placeholder="Save these filters as" aria-label="Name of the view" required maxLength={100} />
          <label><input type="checkbox" name="shared" /> for all</label>
          <button type="submit">Save</button>
        </form>
        <Problem text={problem} />
      </div>
    </details>
  );
}
