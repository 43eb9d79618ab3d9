// SPDX-License-Identifier: Apache-2.0
// The further controls that have settings of their own: drift, forbidden programs, decoys, hygiene of /tmp.
import { counted, Lines, Section, Text, type PartProps } from "~/screens/policies/fields.tsx";
import { textAt } from "~/screens/policies/text.ts";

export function DriftSection(form: PartProps) {
  const path = [...form.base, "drift"];
  return (
    <Section title="Drift" path={path} wrong={form.wrong} says={[counted(form, [...path, "trusted"], "trusted place", "trusted places")]}>
      <p class="soft">Only what came with the function may run. Without places of your own these are the package, its layers, the runtime and the system's folders.</p>
      <Lines {...form} path={[...path, "trusted"]} label="Trusted places" example={"/usr/**\n/var/task/**\n/opt/**"} />
    </Section>
  );
}

export function ForbiddenSection(form: PartProps) {
  const path = [...form.base, "forbidden"];
  return (
    <Section title="Forbidden programs" path={path} wrong={form.wrong}
      says={[counted(form, [...path, "names"], "name", "names"), counted(form, [...path, "paths"], "path", "paths"), counted(form, [...path, "sha256"], "hash", "hashes"), counted(form, [...path, "marks"], "mark", "marks"), counted(form, [...path, "lists"], "list", "lists")]}>
      <Lines {...form} path={[...path, "names"]} label="Names of programs" example={"nc\nxmrig*"} />
      <Lines {...form} path={[...path, "paths"]} label="Paths of programs" example="/tmp/**/.x/**" />
      <Lines {...form} path={[...path, "sha256"]} label="SHA-256 of their bytes" example="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" />
      <Lines {...form} path={[...path, "marks"]} label="Marks: bytes in the program or its arguments" example="stratum+tcp://" />
      <Lines {...form} path={[...path, "lists"]} label="Files of lists beside the document; for documents that the CLI compiles" example="miners.list" />
      <Text {...form} path={[...path, "date"]} label="Date of this data" example="2026-11-20" />
    </Section>
  );
}

export function DecoysSection(form: PartProps) {
  const path = [...form.base, "decoys"];
  return (
    <Section title="Decoys" path={path} wrong={form.wrong} says={[counted(form, [...path, "variables"], "variable", "variables"), counted(form, [...path, "files"], "file", "files"), counted(form, [...path, "hosts"], "host", "hosts")]}>
      <p class="soft">Bait that nothing legitimate touches; each sandbox gets values of its own. One touch is a critical finding. Up to 12 variables and files.</p>
      <Lines {...form} path={[...path, "variables"]} label="Variables of the environment" example={"DB_ADMIN_PASSWORD\nBACKUP_AWS_ACCESS_KEY_ID"} />
      <Lines {...form} path={[...path, "files"]} label="Files" example="/tmp/.backup/credentials" />
      <Lines {...form} path={[...path, "hosts"]} label="Hosts" example="db-admin.corp.internal" />
    </Section>
  );
}

const budgets: readonly (readonly [name: string, label: string, unit: string])[] = [
  ["processes", "Programs started", "programs"], ["children", "Processes alive at once", "processes"], ["connections", "Connections to other hosts", "connections"], ["tmpMegabytes", "More in /tmp, in MB", "MB in /tmp"],
  ["cpuSeconds", "Processor time, in seconds", "s of processor time"],
];

export function BudgetsSection(form: PartProps) {
  const path = [...form.base, "budgets"];
  return (
    <Section title="Budgets of an invocation" path={path} wrong={form.wrong} says={budgets.map(([name, , unit]) => { const value = textAt(form.document, [...path, name]); return value && `${value} ${unit}`; })}>
      <div class="fields">{budgets.map(([name, label]) => <Text key={name} {...form} path={[...path, name]} label={label} example="no budget" isNumber />)}</div>
    </Section>
  );
}

export function HygieneSection(form: PartProps) {
  const path = [...form.base, "hygiene"];
  return (
    <Section title="Hygiene of /tmp" path={path} wrong={form.wrong} says={[counted(form, [...path, "keep"], "place kept", "places kept")]}>
      <p class="soft">What an invocation leaves in /tmp is told, and in block mode deleted, but for what is kept.</p>
      <Lines {...form} path={[...path, "keep"]} label="Kept" example={"/tmp/cache\n/tmp/cache/**"} />
    </Section>
  );
}
