// SPDX-License-Identifier: Apache-2.0
// How long events are kept.
import { useState } from "preact/hooks";
import { api, must } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { Problem } from "~/parts/problem.tsx";
import { Form } from "~/screens/settings/form.tsx";

const limits = [
  { name: "events_days", label: "Days that events are kept", maximum: 36500 },
  { name: "counts_days", label: "Days that numbers are kept", maximum: 36500 },
  { name: "events_megabytes", label: "Megabytes that events may take", maximum: 1000000000 },
] as const;

export function Retention() {
  const { data, error, again } = useLoad(() => must(api.GET("/v1/retention")), []);
  const [said, say] = useState("");
  const keep = async (fields: FormData) => {
    const [events_days, counts_days, events_megabytes] = limits.map(({ name }) => Number(fields.get(name)));
    await must(api.PUT("/v1/retention", { body: { events_days: events_days!, counts_days: counts_days!, events_megabytes: events_megabytes! } }));
    say("Kept. What is beyond these limits is being deleted.");
    again();
  };
  return (
    <section class="card"><h2>How long events are kept</h2><Problem text={error} />
      <p class="soft">0 is no limit. The oldest events go first; the audit log, profiles and policies stay. What is deleted does not come back.</p>
      {data && (
        <Form key={JSON.stringify(data)} action="Keep" onSubmit={keep}>
          {limits.map(({ name, label, maximum }) => <label key={name}>{label} <input name={name} type="number" min="0" max={maximum} required defaultValue={String(data[name])} /></label>)}
        </Form>
      )}
      {said && <p role="status" class="told">{said}</p>}
    </section>
  );
}
