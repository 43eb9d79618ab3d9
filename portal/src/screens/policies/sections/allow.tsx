// SPDX-License-Identifier: Apache-2.0
// The allowlist: what the function may do, a kind a field.
import { useState } from "preact/hooks";
import { activities } from "~/screens/policies/entry.ts";
import { Lines, Section, type PartProps } from "~/screens/policies/fields.tsx";
import { listAt } from "~/screens/policies/text.ts";

export function AllowSection(form: PartProps) {
  const path = [...form.base, "allow"];
  const [added, add] = useState<readonly string[]>([]);
  const all = activities.map((facet) => ({ facet, n: listAt(form.document, [...path, ...facet.path]).length }));
  const shown = all.filter(({ facet, n }) => n > 0 || added.includes(facet.key));
  const rest = all.filter((one) => !shown.includes(one));
  return (
    <Section title="Allowlist" path={path} wrong={form.wrong} says={all.filter(({ n }) => n > 0).map(({ facet, n }) => `${facet.label.toLowerCase()}: ${n}`)}>
      <p class="soft">What is not on it is alerted or blocked, as the control says. Learning writes it; without one the control is off.</p>
      {shown.map(({ facet }) => <Lines key={facet.key} {...form} path={[...path, ...facet.path]} name={facet.key} label={facet.label} example={facet.example} />)}
      {!form.isFixed && rest.length > 0 && (
        <label>{shown.length === 0 ? "What is allowed" : "And also"} <select name="spec.allow" value="" onChange={(event) => { const key = event.currentTarget.value; if (key) add([...added, key]); }}>
          <option value="">choose …</option>{rest.map(({ facet }) => <option key={facet.key} value={facet.key}>{facet.label}</option>)}
        </select></label>
      )}
    </Section>
  );
}
