// SPDX-License-Identifier: Apache-2.0
// Detect and block: what people want of this one function, and what holds for it now by all documents.
import { useState } from "preact/hooks";
import { api, must, type Function } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { may } from "~/app/session.ts";
import { Link } from "~/parts/link.tsx";
import { Problem } from "~/parts/problem.tsx";
import { addressOf } from "~/screens/policies/address.ts";
import type { TabProps } from "~/screens/functions/function.tsx";

type Posture = NonNullable<Function["posture"]>;

export const postureOf = (body: string): string => /^ {2}posture: (\w+)/m.exec(body)?.[1] ?? "detect";

export function Switches({ row, again }: TabProps) {
  const [problem, setProblem] = useState("");
  const effective = useLoad(() => must(api.GET("/v1/functions/{id}/policy", { params: { path: { id: row.id } } })).catch(() => undefined), [row.id, row.posture, row.group]);
  const inForce = effective.data ? postureOf(effective.data.body) : row.mode;
  const wanted = (row.posture || inForce) as Posture;
  const isOwn = Boolean(row.posture);
  const set = (posture: Posture) => must(api.PATCH("/v1/functions/{id}", { params: { path: { id: row.id } }, body: { posture } })).then(() => { setProblem(""); again(); effective.again(); }, (reason: Error) => setProblem(reason.message));
  return (
    <section class="card" aria-label="Detect and block">
      <h2>Detect and block</h2>
      <div class="row">
        <label class="switch"><input type="checkbox" role="switch" name="detect" checked={wanted !== "off"} disabled={!may("operator")} onChange={(event) => void set(event.currentTarget.checked ? "detect" : "off")} />Detect</label>
        <label class="switch"><input type="checkbox" role="switch" name="block" checked={wanted === "block"} disabled={!may("operator") || wanted === "off"} onChange={(event) => void set(event.currentTarget.checked ? "block" : "detect")} />Block what is detected</label>
        {isOwn && may("operator") && <button type="button" class="quiet" onClick={() => void set("")}>As the policies say</button>}
      </div>
      <p class="soft">{isOwn ? "Said for this function alone." : "As its policies say."} Its sandboxes run with <b>{row.mode}</b>.
        {effective.data?.group && <> Group <Link to={addressOf("Group", effective.data.group)}>{effective.data.group}</Link>.</>}
        {effective.data?.held_back && <> Held back: {effective.data.held_back}.</>}</p>
      {effective.data?.conflict && <p class="problem">{effective.data.conflict}</p>}
      <Problem text={problem} />
    </section>
  );
}
