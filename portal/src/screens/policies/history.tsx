// SPDX-License-Identifier: Apache-2.0
// All revisions of a document: any two beside each other, and the way back to any of them.
import { useState } from "preact/hooks";
import { api, must } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { go, place, withQuery } from "~/app/router.ts";
import { may } from "~/app/session.ts";
import { Dialog } from "~/parts/dialog.tsx";
import { Diff } from "~/parts/diff.tsx";
import { Problem } from "~/parts/problem.tsx";
import { Time } from "~/parts/time.tsx";
import type { Kind, Stored } from "~/screens/policies/address.ts";
import { Trial } from "~/screens/policies/trial.tsx";

const bodyOf = async (kind: Kind, name: string, revision: number): Promise<string> =>
  (revision < 1 ? "" : (await must(api.GET("/v1/policies/{kind}/{name}", { params: { path: { kind, name }, query: { revision } } }))).body ?? "");

function RollBack({ kind, stored, revision, onClose, onDone }: { kind: Kind; stored: Stored; revision: number; onClose: () => void; onDone: () => void }) {
  const { data, error } = useLoad(() => bodyOf(kind, stored.name, revision), [revision]);
  const [problem, setProblem] = useState("");
  const roll = (event: SubmitEvent) => {
    event.preventDefault();
    const comment = String(new FormData(event.currentTarget as HTMLFormElement).get("comment"));
    void must(api.POST("/v1/policies/{kind}/{name}/roll-back", { params: { path: { kind, name: stored.name }, header: { "If-Match": `"${stored.revision}"` } }, body: { revision, comment } }))
      .then(onDone, (reason: Error) => setProblem(reason.message));
  };
  return (
    <Dialog title={`Back to revision ${revision}?`} onClose={onClose} isWide>
      <form class="stack" onSubmit={roll}>
        <p class="soft">It becomes revision {stored.revision + 1}; nothing is lost.</p>
        {data !== undefined && <Diff before={stored.body ?? ""} after={data} label="What rolling back changes" />}
        {data !== undefined && <Trial change={{ body: data }} />}
        <label>What it is for <input name="comment" maxLength={1000} value={`back to revision ${revision}`} autocomplete="off" /></label>
        <Problem text={error || problem} />
        <div class="row"><button class="main" type="submit">Roll back</button></div>
      </form>
    </Dialog>
  );
}

export function History({ kind, stored, again }: { kind: Kind; stored: Stored; again: () => void }) {
  const { query } = place.value;
  const { data, error } = useLoad(() => must(api.GET("/v1/policies/{kind}/{name}/history", { params: { path: { kind, name: stored.name }, query: { limit: 200 } } })), [stored.name, stored.revision]);
  const [back, setBack] = useState<number>();
  const to = Number(query.get("to")) || stored.revision;
  const from = query.has("from") ? Number(query.get("from")) : to - 1;
  const texts = useLoad(async () => ({ from, to, before: await bodyOf(kind, stored.name, from), after: await bodyOf(kind, stored.name, to) }), [stored.name, from, to]);
  const revisions = data?.revisions ?? [];
  const choice = (name: "from" | "to", chosen: number) => (
    <select aria-label={name === "from" ? "Compare revision" : "with revision"} value={chosen} onChange={(event) => go(withQuery({ [name]: event.currentTarget.value }), true)}>
      {name === "from" && <option value={0}>nothing</option>}
      {revisions.map(({ revision }) => <option key={revision} value={revision}>{revision}</option>)}
    </select>
  );
  return (
    <div class="grid">
      <section class="card span4"><h2>Revisions</h2><Problem text={error} />
        <div class="scroll"><table><thead><tr><th>No.</th><th>Who and when</th><th></th></tr></thead><tbody>{revisions.map((one) => (
          <tr key={one.revision} aria-selected={one.revision === to}>
            <td><button type="button" class="quiet cell" onClick={() => go(withQuery({ from: String(one.revision - 1), to: String(one.revision) }), true)} aria-label={`Show what revision ${one.revision} changed`}>{one.revision}</button></td>
            <td>{one.author}, <Time at={one.time} />{one.is_deleted && <span class="tag high">deleted</span>}<div class="soft">{one.comment}</div></td>
            <td>{may("operator") && one.revision !== stored.revision && !one.is_deleted && <button type="button" onClick={() => setBack(one.revision)} aria-label={`Roll back to revision ${one.revision}`}>Roll back</button>}</td>
          </tr>
        ))}</tbody></table></div>
      </section>
      <section class="card span8"><div class="head"><h2>From revision {choice("from", from)} to {choice("to", to)}</h2></div>
        <Problem text={texts.error} />
        {texts.data && <Diff before={texts.data.before} after={texts.data.after} label={`Revision ${texts.data.from} and ${texts.data.to}`} />}
      </section>
      {back !== undefined && <RollBack kind={kind} stored={stored} revision={back} onClose={() => setBack(undefined)} onDone={() => { setBack(undefined); go(withQuery({ from: undefined, to: undefined }), true); again(); }} />}
    </div>
  );
}
