// SPDX-License-Identifier: Apache-2.0
// The rules or exclusions of a document.
import { useState } from "preact/hooks";
import { subjects, type Entry, type ListName } from "~/screens/policies/entry.ts";
import { EntryDialog, type Written } from "~/screens/policies/entry_dialog.tsx";
import type { PartProps } from "~/screens/policies/fields.tsx";
import { listAt, withList, withValue, type Path } from "~/screens/policies/text.ts";

function putEntry(text: string, path: Path, written: Written, isNew: boolean): string {
  let now = isNew ? withValue(text, path, { name: written.name || "new" }) : text;
  for (const name of ["name", "reason", "author", "expires"] as const) now = withValue(now, [...path, name], written[name], path.length);
  for (const { facet, values } of written.facets) now = withList(now, [...path, ...facet.path], values, path.length);
  return now;
}

export function EntriesSection({ base, member, list, ...form }: PartProps & { member: "rules" | "exclusions"; list: ListName }) {
  const [open, setOpen] = useState<number>();
  const path = [...base, member];
  const entries = listAt(form.document, path) as readonly Entry[];
  const isNew = open === entries.length;
  return (
    <section aria-label={member} data-member={path.join(".")}>
      <div class="head"><h3>{member === "rules" ? "Rules" : "Exclusions"}</h3>{!form.isFixed && <button type="button" onClick={() => setOpen(entries.length)}>Add {list === "rule" ? "a rule" : "an exclusion"}</button>}</div>
      {entries.length === 0 && <p class="soft">None in this document.</p>}
      <ul class="entries">{entries.map((entry, at) => (
        <li key={at}>
          <div><b>{String(entry?.["name"] ?? `no. ${at + 1}`)}</b>{entry?.["expires"] ? <span class="soft"> until {String(entry["expires"])}</span> : ""}
            {subjects(entry ?? {}).map(({ label, text }) => <div key={label} class="clamp"><span class="soft">{label}:</span> <span class="mono">{text}</span></div>)}
            {entry?.["reason"] ? <div class="soft">{String(entry["reason"])}</div> : ""}</div>
          {!form.isFixed && <div class="row"><button type="button" onClick={() => setOpen(at)} aria-label={`Edit ${String(entry?.["name"] ?? at + 1)}`}>Edit</button>
            <button type="button" class="quiet" onClick={() => form.onText(withValue(form.text, [...path, at], undefined))} aria-label={`Remove ${String(entry?.["name"] ?? at + 1)}`}>Remove</button></div>}
        </li>
      ))}</ul>
      {open !== undefined && <EntryDialog list={list} entry={entries[open] ?? {}} isOfDocument title={isNew ? `New ${list}` : `Change the ${list}`} onClose={() => setOpen(undefined)}
        onSave={(written) => { form.onText(putEntry(form.text, [...path, open], written, isNew)); return ""; }} />}
    </section>
  );
}
