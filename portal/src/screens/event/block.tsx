// SPDX-License-Identifier: Apache-2.0
// "Block from now on": what this event did becomes a rule, or the function's mode becomes block.
import { useState } from "preact/hooks";
import { api, must, type Event, type Schemas } from "~/app/api.ts";
import { Dialog } from "~/parts/dialog.tsx";
import { Problem } from "~/parts/problem.tsx";
import type { Activity, Line } from "~/screens/event/line.ts";
import { sinkText } from "~/screens/event/flow.tsx";

type Entry = Record<string, unknown>;

/** Characters that mean something in a pattern: a rule for such a name is written by a person. */
const isPlain = (text: string): boolean => /^[^*?<>{}[\]\\\u0000-\u001f]+$/.test(text);

/** The rule that forbids what an activity did, as policy documents have it. */
function entryOf({ kind, subject }: Activity): Entry | undefined {
  if (!isPlain(subject)) return undefined;
  switch (kind) {
    case "process_start": return { processes: [subject] };
    case "file_read": return { files: { read: [subject] } };
    case "file_write": case "file_create": case "file_delete": return { files: { write: [subject] } };
    case "connect": case "datagram": return { addresses: [subject] };
    case "name_lookup": return { hosts: [subject] };
    default: return undefined;
  }
}

export function Block({ event, line, onClose, onDone }: { event: Event; line: Line; onClose: () => void; onDone: (said: string) => void }) {
  const entry = line.activity && entryOf(line.activity);
  const [choice, choose] = useState(entry ? "rule" : "mode");
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  const name = event.function_name ?? "the function";
  const save = async (submitted: SubmitEvent) => {
    submitted.preventDefault();
    const reason = String(new FormData(submitted.currentTarget as HTMLFormElement).get("reason"));
    setBusy(true);
    const done = choice === "rule" && entry
      ? must(api.POST("/v1/rules", { body: { list: "rule", scope: { kind: "function", function: event.function ?? "" }, entry: entry as Schemas["RuleEntry"], reason } }))
      : must(api.PATCH("/v1/functions/{id}", { params: { path: { id: event.function ?? "" } }, body: { posture: "block" } }));
    await done.then(() => onDone(choice === "rule" ? `A rule forbids this to ${name} from the next publishing on.` : `${name} blocks from the next publishing on.`), (reason: Error) => setProblem(reason.message));
    setBusy(false);
  };
  return (
    <Dialog title="Block from now on" onClose={onClose}>
      <form class="stack" onSubmit={(submitted) => void save(submitted)}>
        <fieldset class="stack"><legend>What is blocked</legend>
          {entry && line.activity && <label><input type="radio" name="what" value="rule" checked={choice === "rule"} onChange={() => choose("rule")} /> That {name} {sinkText(line.activity)}: a rule takes it away, whatever else is allowed</label>}
          <label><input type="radio" name="what" value="mode" checked={choice === "mode"} onChange={() => choose("mode")} /> Everything that Gambeson finds in {name}: its mode becomes detect and block</label>
        </fieldset>
        {choice === "rule" && <label>Reason <input name="reason" maxLength={1000} required defaultValue={`Seen in event ${event.id}`} /></label>}
        <Problem text={problem} />
        <div class="row"><button class="main" type="submit" disabled={isBusy}>Block it</button></div>
      </form>
    </Dialog>
  );
}
