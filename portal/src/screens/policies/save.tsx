// SPDX-License-Identifier: Apache-2.0
// What a change is and does, before it is stored.
import { useState } from "preact/hooks";
import { api, must } from "~/app/api.ts";
import { Dialog } from "~/parts/dialog.tsx";
import { Diff } from "~/parts/diff.tsx";
import { Problem } from "~/parts/problem.tsx";
import type { Kind, Stored } from "~/screens/policies/address.ts";
import { Trial } from "~/screens/policies/trial.tsx";
import { read, textAt } from "~/screens/policies/text.ts";

export function Save({ text, stored, onClose, onSaved }: { text: string; stored: Stored | undefined; onClose: () => void; onSaved: (made: Stored) => void }) {
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  const document = read(text);
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    const comment = String(new FormData(event.currentTarget as HTMLFormElement).get("comment"));
    const path = { kind: (document ? textAt(document, ["kind"]) : "") as Kind, name: document ? textAt(document, ["metadata", "name"]) : "" };
    const header = stored ? { "If-Match": `"${stored.revision}"` } : { "If-None-Match": "*" };
    setBusy(true);
    await must(api.PUT("/v1/policies/{kind}/{name}", { params: { path: stored ? { kind: stored.kind as Kind, name: stored.name } : path, header }, body: { body: text, comment } }))
      .then(onSaved, (reason: Error) => { setProblem(reason.message); setBusy(false); });
  };
  return (
    <Dialog title={stored ? `Revision ${stored.revision + 1} of ${stored.name}` : "A new document"} onClose={onClose} isWide>
      <form class="stack" onSubmit={(event) => void save(event)}>
        <Diff before={stored?.body ?? ""} after={text} label="What changes in the document" />
        <Trial change={{ body: text }} />
        <label>What it is for <input name="comment" maxLength={1000} autocomplete="off" /></label>
        <Problem text={problem} />
        <div class="row"><button class="main" type="submit" disabled={isBusy}>Save and publish</button></div>
      </form>
    </Dialog>
  );
}
