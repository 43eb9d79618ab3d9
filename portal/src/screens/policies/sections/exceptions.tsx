// SPDX-License-Identifier: Apache-2.0
// What the firewall lets through where: all that is named must hold, of each list one is enough.
import type { Entry } from "~/screens/policies/entry.ts";
import type { FormProps } from "~/screens/policies/fields.tsx";
import { Records } from "~/screens/policies/records.tsx";
import { classes } from "~/screens/policies/sections/classes.ts";
import type { Path } from "~/screens/policies/text.ts";

const words = (entry: Entry, name: string): string => { const list = entry[name]; return Array.isArray(list) ? list.map(String).join(", ") : ""; };

const kind = {
  noun: "exception",
  members: [
    { name: "paths", label: "Places in the event", example: "body.comment\nRecords[*].body.**", isList: true },
    { name: "routes", label: "Routes", example: "POST /comments/{id}\n/preview/*", isList: true },
    { name: "reasons", label: "Reasons", example: "sql_order_by\ntemplate_*", isList: true },
    { name: "mode", label: "What is done then", choices: [["", "nothing: it is let through"], ["off", "nothing: it is let through (said)"], ["detect", "it is only reported"]] },
    { name: "classes", label: "Classes; none are all", set: classes },
  ],
  nameOf: (entry: Entry, at: number) => words(entry, "paths") || words(entry, "routes") || words(entry, "classes") || words(entry, "reasons") || `no. ${at + 1}`,
  says: (entry: Entry) => [
    [words(entry, "classes") && `classes ${words(entry, "classes")}`, words(entry, "routes") && `routes ${words(entry, "routes")}`, words(entry, "reasons") && `reasons ${words(entry, "reasons")}`].filter(Boolean).join("; "),
    entry["mode"] === "detect" ? "is only reported" : "is let through",
  ],
} as const;

export const Exceptions = (form: FormProps & { path: Path }) => <Records {...form} kind={kind} title="Exceptions" />;
