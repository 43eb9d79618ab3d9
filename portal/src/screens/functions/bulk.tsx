// SPDX-License-Identifier: Apache-2.0
// One change for many functions.
import { useState } from "preact/hooks";
import { api, must } from "~/app/api.ts";
import { Problem } from "~/parts/problem.tsx";

export function Bulk({ ids, onDone }: { ids: readonly string[]; onDone: () => void }) {
  const [done, setDone] = useState(0);
  const [problem, setProblem] = useState("");
  const apply = async (event: SubmitEvent) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const posture = String(fields.get("posture")) as "" | "off" | "detect" | "block" | "keep";
    const group = String(fields.get("group"));
    const body = { ...(posture === "keep" ? {} : { posture }), ...(group ? { group } : {}) };
    setProblem("");
    for (const [at, id] of ids.entries()) {
      const error = await must(api.PATCH("/v1/functions/{id}", { params: { path: { id } }, body })).then(() => "", (reason: Error) => reason.message);
      if (error) return setProblem(`${at} of ${ids.length} are changed. ${error}`);
      setDone(at + 1);
    }
    onDone();
  };
  return (
    <form class="card row" onSubmit={(event) => void apply(event)} aria-label="Change the chosen functions">
      <b>{ids.length} chosen</b>
      <label>Mode <select name="posture"><option value="keep">as it is</option><option value="">as policies say</option><option value="off">off</option><option value="detect">detect</option><option value="block">detect and block</option></select></label>
      <label>Group <input name="group" maxLength={128} placeholder="as it is" /></label>
      <button class="main" type="submit">Apply</button>
      {done > 0 && done < ids.length && <progress max={ids.length} value={done} aria-label="Changed" />}
      <Problem text={problem} />
    </form>
  );
}
