// SPDX-License-Identifier: Apache-2.0
// What caps everything, from when on, and the mode of each control.
import { Choice, controlModes, modes, type PartProps } from "~/screens/policies/fields.tsx";
import { textAt, withValue } from "~/screens/policies/text.ts";

const controls: readonly (readonly [name: string, label: string])[] = [
  ["firewall", "Input firewall"], ["flow", "Input reaching a shell or code"], ["rules", "Rules"], ["allowlist", "Allowlist"], ["credentials", "Credentials"],
  ["drift", "Drift"], ["forbidden", "Forbidden programs"], ["decoys", "Decoys"], ["budgets", "Budgets"], ["hygiene", "Hygiene of /tmp"],
];
const fortnightMs = 14 * 86400000;

function Enforce({ base, ...form }: PartProps) {
  const path = [...base, "enforce"];
  const value = textAt(form.document, path);
  const day = /^at (\d\S*)$/.exec(value)?.[1] ?? "";
  const set = (next: string) => form.onText(withValue(form.text, path, next));
  return (
    <>
      <label>Enforced <select name="enforce" value={day || value === "at" ? "at" : value} disabled={form.isFixed}
        onChange={(event) => set(event.currentTarget.value === "at" ? `at ${new Date(Date.now() + fortnightMs).toISOString().slice(0, 10)}` : event.currentTarget.value)}>
        <option value="">as it is said elsewhere</option><option value="at once">at once</option><option value="after learning">after learning</option><option value="at">from a day on</option>
      </select></label>
      {day && <label>From <input type="date" name="enforce-day" value={day.slice(0, 10)} disabled={form.isFixed} onChange={(event) => { if (event.currentTarget.value) set(`at ${event.currentTarget.value}`); }} /></label>}
    </>
  );
}

export function PostureSection({ base, ...form }: PartProps) {
  return (
    <>
      <fieldset class="fields"><legend>Posture</legend>
        <Choice {...form} path={[...base, "posture"]} label="Posture" choices={modes} />
        <Enforce {...form} base={base} />
        <Choice {...form} path={[...base, "stance"]} label="When Gambeson fails" choices={[["", "as it is said elsewhere"], ["open", "the function runs unprotected"], ["closed", "the function does not run"]]} />
        <Choice {...form} path={[...base, "observe"]} label="What is off the allowlist is" isTruth choices={[["", "as it is said elsewhere"], ["false", "a finding"], ["true", "an observation, to be learned"]]} />
        <Choice {...form} path={[...base, "unlisted"]} label="Off the allowlist, of little risk" choices={[["", "as it is said elsewhere"], ["alert", "alert"], ["review", "for review, never blocked"]]} />
      </fieldset>
      <fieldset class="fields"><legend>Controls</legend>
        {controls.map(([name, label]) => <Choice key={name} {...form} path={[...base, "controls", name]} label={label} choices={controlModes} />)}
      </fieldset>
    </>
  );
}
