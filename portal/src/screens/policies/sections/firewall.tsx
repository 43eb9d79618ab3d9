// SPDX-License-Identifier: Apache-2.0
// The input firewall: how strict, what of each class, what is let through where, and who may call.
import { Choice, counted, Section, type Choices, type PartProps } from "~/screens/policies/fields.tsx";
import { classes } from "~/screens/policies/sections/classes.ts";
import { Exceptions } from "~/screens/policies/sections/exceptions.tsx";
import { Sources } from "~/screens/policies/sections/sources.tsx";
import { textAt, valueAt, type Path } from "~/screens/policies/text.ts";

const ofClass: Choices = [["", "as the control"], ["off", "off"], ["detect", "detect"], ["block", "block"]];
const mentions: Choices = [["", "class by class"], ["report", "report all"], ["block", "take all for attacks"], ["ignore", "ignore all"]];
const ofMention: Choices = [["", "report"], ["block", "as attacks"], ["ignore", "ignore"]];

/** What is told when nothing is chosen stays what it is when it is written. */
const withReport = (value: string): Choices => (value === "report" ? [...ofMention.slice(1), ["report", "report (said)"], ["", "report"]] : ofMention);

function Classes({ path, ...form }: PartProps & { path: Path }) {
  const whole = textAt(form.document, [...path, "mentions"]);
  return (
    <div class="scroll"><table class="classes"><caption class="soft">Of each class: what is done about attacks, and about texts that only mention them</caption>
      <thead><tr><th>Class</th><th>Attacks</th><th>Mentions</th></tr></thead>
      <tbody>{classes.map(([name, words]) => (
        <tr key={name}><th scope="row"><code>{name}</code> {words}</th>
          <td><Choice {...form} path={[...path, "classes", name]} label={`Attacks of ${name}`} isInTable choices={ofClass} /></td>
          <td>{whole ? <span class="soft">as for all</span> : <Choice {...form} path={[...path, "mentions", name]} label={`Mentions of ${name}`} isInTable choices={withReport(textAt(form.document, [...path, "mentions", name]))} />}</td></tr>
      ))}</tbody></table></div>
  );
}

function said(form: PartProps, path: Path): readonly string[] {
  const own = Object.keys((valueAt(form.document, [...path, "classes"]) ?? {}) as object).length;
  return [
    textAt(form.document, [...path, "sensitivity"]), own > 0 ? `${own} ${own === 1 ? "class" : "classes"} of its own` : "", counted(form, [...path, "exceptions"], "exception", "exceptions"),
    counted(form, [...path, "sources", "lists"], "list of sources", "lists of sources"),
  ];
}

export function FirewallSection(form: PartProps) {
  const path = [...form.base, "firewall"];
  return (
    <Section title="Input firewall" path={path} wrong={form.wrong} says={said(form, path)}>
      <div class="fields">
        <Choice {...form} path={[...path, "sensitivity"]} label="Sensitivity" choices={[["", "as it is said elsewhere"], ["balanced", "balanced"], ["strict", "strict: what honest text may hold, too"]]} />
        <Choice {...form} path={[...path, "mentions"]} label="Texts that mention attacks" choices={mentions} />
        <Choice {...form} path={[...path, "onLimit"]} label="Events too large to be read wholly" choices={[["", "as it is said elsewhere"], ["pass", "pass in silence"], ["detect", "pass and report"], ["block", "block"]]} />
        <Choice {...form} path={[...path, "redact"]} label="Values in log lines" choices={[["", "as it is said elsewhere"], ["surroundings", "only what convicts"], ["none", "whole"], ["all", "masked"]]} />
      </div>
      <Classes {...form} path={path} />
      <Exceptions {...form} path={[...path, "exceptions"]} />
      <Sources {...form} path={[...path, "sources"]} />
    </Section>
  );
}
