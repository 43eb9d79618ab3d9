// SPDX-License-Identifier: Apache-2.0
// Which functions a document is for. Of each list one is enough; every list that is there must hold, and all tags.
import { counted, Lines, Pairs, Section, type FormProps } from "~/screens/policies/fields.tsx";
import { valueAt, type Path } from "~/screens/policies/text.ts";

const lists: readonly (readonly [name: string, label: string, example: string, one: string, many: string])[] = [
  ["functions", "Names or ARNs", "pay-*", "pattern of names", "patterns of names"], ["accounts", "Accounts", "123456789012", "account", "accounts"], ["regions", "Regions", "eu-west-1", "region", "regions"],
  ["runtimes", "Runtimes", "nodejs*", "runtime", "runtimes"], ["versions", "Versions", "$LATEST", "version", "versions"], ["aliases", "Aliases", "live", "alias", "aliases"],
];

export function MatchSection({ path, kind, ...form }: FormProps & { path: Path; kind: string }) {
  const says = [...lists.map(([name, , , one, many]) => counted(form, [...path, name], one, many)), valueAt(form.document, [...path, "tags"]) ? "tags" : ""];
  return (
    <Section title="Functions that it is for" path={path} wrong={form.wrong} isOpen={kind === "Group"} says={says.some(Boolean) ? says : [kind === "Group" ? "every function" : "the function of its name"]}>
      {lists.map(([name, label, example]) => <Lines key={name} {...form} path={[...path, name]} label={label} example={example} />)}
      <Pairs {...form} path={[...path, "tags"]} label="Tags" example="env=prod" />
    </Section>
  );
}
