// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { api, must } from "~/app/api.ts";
import { Dialog } from "~/parts/dialog.tsx";
import { Problem } from "~/parts/problem.tsx";
import type { Kind, Stored } from "~/screens/policies/address.ts";
import { Trial } from "~/screens/policies/trial.tsx";

export function Remove({ stored, onClose, onGone }: { stored: Stored; onClose: () => void; onGone: () => void }) {
  const [problem, setProblem] = useState("");
  const remove = () => must(api.DELETE("/v1/policies/{kind}/{name}", { params: { path: { kind: stored.kind as Kind, name: stored.name }, header: { "If-Match": `"${stored.revision}"` } } }))
    .then(onGone, (reason: Error) => setProblem(reason.message));
  return (
    <Dialog title={`Delete ${stored.name}?`} onClose={onClose}>
      <p>Its functions fall back to the other documents that are for them. The history stays, and an earlier revision can be brought back.</p>
      <Trial change={{ remove: { kind: stored.kind, name: stored.name } }} />
      <Problem text={problem} />
      <div class="row"><button type="button" class="main" onClick={() => void remove()}>Delete</button><button type="button" onClick={onClose}>Keep it</button></div>
    </Dialog>
  );
}
