// SPDX-License-Identifier: Apache-2.0
// "Make an exception": drafts from narrow to wide, with what each would change, until a day.
import { useState } from "preact/hooks";
import { api, must, type Event, type Schemas } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { Dialog } from "~/parts/dialog.tsx";
import { Problem } from "~/parts/problem.tsx";
import { RulePreview } from "~/parts/rule_preview.tsx";

type Draft = Schemas["ExceptionDraft"];

function Drafts({ drafts, at, onChoose }: { drafts: readonly Draft[]; at: number; onChoose: (at: number) => void }) {
  return (
    <fieldset class="stack"><legend>What is let pass, from narrow to wide</legend>
      {drafts.map((draft, n) => (
        <label key={n} class="check"><input type="radio" name="draft" checked={n === at} onChange={() => onChoose(n)} /> {draft.title}
          {draft.warning && <span class="warning"> {draft.warning}</span>}</label>
      ))}
    </fieldset>
  );
}

export function Exception({ event, onClose, onDone }: { event: Event; onClose: () => void; onDone: (said: string) => void }) {
  const { data, error } = useLoad(() => must(api.GET("/v1/events/{id}/exceptions", { params: { path: { id: event.id } } })), [event.id]);
  const [at, choose] = useState(0);
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  const draft = data?.exceptions[at];
  const save = async (submitted: SubmitEvent) => {
    submitted.preventDefault();
    if (!draft) return;
    const fields = new FormData(submitted.currentTarget as HTMLFormElement);
    const until = String(fields.get("expires"));
    const { list, scope, entry } = draft;
    setBusy(true);
    await must(api.POST("/v1/rules", { body: { list, scope, entry, reason: String(fields.get("reason")), expires: until ? `${until}T23:59:59Z` : null } }))
      .then(() => must(api.PATCH("/v1/events/{id}", { params: { path: { id: event.id } }, body: { status: "excepted" } })))
      .then(() => onDone("The exception is made; it holds from the next publishing on."), (reason: Error) => setProblem(reason.message));
    setBusy(false);
  };
  return (
    <Dialog title="Make an exception" onClose={onClose} isWide>
      <Problem text={error} />
      {data && data.exceptions.length === 0 && <p class="soft">{data.note ?? "Nothing can be let pass here."}</p>}
      {data && draft && (
        <form class="stack" onSubmit={(submitted) => void save(submitted)}>
          <Drafts drafts={data.exceptions} at={at} onChoose={choose} />
          <details><summary>As a policy document has it</summary><pre class="value" tabIndex={0}>{JSON.stringify(draft.entry, null, 2)}</pre></details>
          <RulePreview rule={{ list: draft.list, scope: draft.scope, entry: draft.entry }} />
          <label>Reason <input name="reason" required maxLength={1000} autocomplete="off" /></label>
          <label>Until the end of (UTC; empty: for good) <input name="expires" type="date" min={new Date().toISOString().slice(0, 10)} /></label>
          <Problem text={problem} />
          <div class="row"><button class="main" type="submit" disabled={isBusy}>Make the exception</button></div>
        </form>
      )}
    </Dialog>
  );
}
