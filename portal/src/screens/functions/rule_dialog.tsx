// SPDX-License-Identifier: Apache-2.0
// A rule or exclusion beside the documents: for this function, its group, its account or all, and what it would have changed.
import { useState } from "preact/hooks";
import { api, must, type Function, type Schemas } from "~/app/api.ts";
import { EntryDialog, entryOf, type Written } from "~/screens/policies/entry_dialog.tsx";
import { PreviewButton } from "~/screens/functions/preview.tsx";
import type { Entry, ListName } from "~/screens/policies/entry.ts";

export interface Asked {
  readonly list: ListName;
  readonly entry: Entry;
  readonly rule?: Schemas["Rule"];
}

type Scope = Schemas["RuleScope"];

/** Dates are to their end, in UTC, as in documents. */
const moment = (text: string): string | null => (text === "" ? null : /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T23:59:59Z` : text);

function scopesOf(row: Function): readonly { name: string; scope: Scope }[] {
  return [
    { name: `this function, ${row.name}`, scope: { kind: "function", function: row.id } },
    ...(row.group ? [{ name: `its group, ${row.group}`, scope: { kind: "group", name: row.group } as const }] : []),
    ...(row.account ? [{ name: `its account, ${row.account}`, scope: { kind: "account", name: row.account } as const }] : []),
    { name: "all functions", scope: { kind: "account" } },
  ];
}

export function RuleDialog({ row, asked, onClose, onDone }: { row: Function; asked: Asked; onClose: () => void; onDone: () => void }) {
  const scopes = scopesOf(row);
  const [at, setAt] = useState(0);
  const { list, rule } = asked;
  const shown: Entry = { ...asked.entry, ...(rule ? { reason: rule.reason, expires: rule.expires ?? "" } : {}) };
  const bodyOf = (written: Written) => {
    const { reason: _reason, expires: _expires, ...entry } = entryOf(asked.entry, written);
    return { entry, reason: written.reason, expires: moment(written.expires) };
  };
  const save = async (written: Written): Promise<string> => {
    const body = bodyOf(written);
    const answer = rule
      ? must(api.PATCH("/v1/rules/{id}", { params: { path: { id: rule.id } }, body }))
      : must(api.POST("/v1/rules", { body: { list, scope: scopes[at]!.scope, ...body } }));
    return answer.then(() => { onDone(); return ""; }, (reason: Error) => reason.message);
  };
  const noun = list === "rule" ? "rule" : "exclusion";
  return (
    <EntryDialog list={list} entry={shown} title={rule ? `Change the ${noun}` : `New ${noun}`} action={rule ? "Save" : `Make the ${noun}`} onClose={onClose} onSave={save}
      more={(written) => <>{!rule && <label>For <select name="scope" value={at} onChange={(event) => setAt(Number(event.currentTarget.value))}>{scopes.map(({ name }, n) => <option key={name} value={n}>{name}</option>)}</select></label>}
        <PreviewButton bodyOf={() => { const made = written(); return typeof made === "string" ? made : { list, scope: rule?.scope ?? scopes[at]!.scope, ...bodyOf(made) }; }} /></>} />
  );
}
