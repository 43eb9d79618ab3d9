// SPDX-License-Identifier: Apache-2.0
// The key that policies are signed with, and its change in two steps.
import { useState } from "preact/hooks";
import { api, must } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { may } from "~/app/session.ts";
import { Problem } from "~/parts/problem.tsx";
import { Form } from "~/screens/settings/form.tsx";

const dayMs = 86400000;
const inDays = (days: number): string => new Date(Date.now() + days * dayMs).toISOString().slice(0, 10);

export function Keys() {
  const { data, error, again } = useLoad(() => must(api.GET("/v1/policy-key")), []);
  const [said, say] = useState("");
  const prepare = async () => {
    await must(api.POST("/v1/policy-key/prepare"));
    say("A new key is prepared. Put the pins into the functions' layer as policy.pub and deploy it; then activate.");
    again();
  };
  const activate = async (fields: FormData) => {
    await must(api.POST("/v1/policy-key/activate", { body: { until: String(fields.get("until")) } }));
    say("The new key signs from now on.");
    again();
  };
  return (
    <>
      <section class="card"><h2>The key that policies are signed with</h2><Problem text={error} />
        <p class="soft">Functions take policies signed by one of these keys only. This is <code>policy.pub</code> of their layer.</p>
        {data && <pre class="value" tabIndex={0}>{data.pins}</pre>}
        {said && <p role="status" class="told">{said}</p>}
      </section>
      {may("admin") && (
        <section class="card"><h2>Change it</h2>
          <ol class="steps">
            <li>Prepare a new key: it stands beside the one that signs. <Form action="Prepare" onSubmit={prepare}>{null}</Form></li>
            <li>Deploy the functions with these pins.</li>
            <li>Activate it; the old one is trusted until a day, for sandboxes that live on. <Form action="Activate" onSubmit={activate}><label>Old key until <input name="until" type="date" required defaultValue={inDays(30)} min={inDays(0)} /></label></Form></li>
          </ol>
        </section>
      )}
    </>
  );
}
