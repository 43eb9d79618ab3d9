// SPDX-License-Identifier: Apache-2.0
// What can be done about an event.
import { useState } from "preact/hooks";
import { api, must, type Schemas } from "~/app/api.ts";
import { may } from "~/app/session.ts";
import { Problem } from "~/parts/problem.tsx";
import { Block } from "~/screens/event/block.tsx";
import { Exception } from "~/screens/event/exception.tsx";
import type { Line } from "~/screens/event/line.ts";
import { Notify } from "~/screens/event/notify.tsx";

type Whole = Schemas["EventWhole"];

export function Actions({ event, line, onDone }: { event: Whole; line: Line; onDone: () => void }) {
  const [problem, setProblem] = useState("");
  const [said, say] = useState("");
  const [open, setOpen] = useState<"" | "exception" | "block" | "notify">("");
  const set = async (status: Schemas["Status"]) => {
    await must(api.PATCH("/v1/events/{id}", { params: { path: { id: event.id } }, body: { status } })).then(onDone, (reason: Error) => setProblem(reason.message));
  };
  const done = (what: string) => { setOpen(""); say(what); onDone(); };
  if (!may("analyst")) return null;
  return (
    <>
      <div class="row">
        {event.function && may("operator") && event.action !== "blocked" && <button type="button" class="main" onClick={() => setOpen("block")}>Block from now on…</button>}
        {event.function && event.kind === "finding" && may("operator") && <button type="button" onClick={() => setOpen("exception")}>Make an exception…</button>}
        {event.status === "open"
          ? <><button type="button" onClick={() => void set("false_alarm")}>Mark as false alarm</button><button type="button" onClick={() => void set("resolved")}>Resolve</button></>
          : <button type="button" onClick={() => void set("open")}>Open again</button>}
        {may("operator") && <button type="button" onClick={() => setOpen("notify")}>Notify…</button>}
        <Problem text={problem} />
      </div>
      {said && <p role="status" class="told">{said}</p>}
      {open === "exception" && <Exception event={event} onClose={() => setOpen("")} onDone={done} />}
      {open === "block" && <Block event={event} line={line} onClose={() => setOpen("")} onDone={done} />}
      {open === "notify" && <Notify event={event} onClose={() => setOpen("")} onDone={done} />}
    </>
  );
}
