// SPDX-License-Identifier: Apache-2.0
// A rule or an exclusion, made or changed. What it matches is written a line each; the rest of the entry stays as it was.
import { useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { Dialog } from "~/parts/dialog.tsx";
import { Problem } from "~/parts/problem.tsx";
import { facetsOf, linesAt, scopes, valuesOf, type Entry, type Facet, type ListName } from "~/screens/policies/entry.ts";

export interface Written {
  readonly name: string;
  readonly reason: string;
  readonly author: string;
  readonly expires: string;
  readonly facets: readonly { facet: Facet; values: readonly unknown[] }[];
}

const textOf = (entry: Entry, name: string): string => (entry[name] === undefined || entry[name] === null ? "" : String(entry[name]));

/** WRITTEN as an object, members that the form does not know taken from ENTRY. */
export function entryOf(entry: Entry, written: Written): Entry {
  const made: Record<string, unknown> = structuredClone(entry) as Record<string, unknown>;
  for (const name of ["name", "reason", "author", "expires"] as const) {
    if (written[name]) made[name] = written[name];
    else delete made[name];
  }
  for (const { facet, values } of written.facets) {
    const [first, second] = facet.path as [string, string?];
    const around = second === undefined ? made : ((made[first] ??= {}) as Record<string, unknown>);
    if (values.length > 0) around[second ?? first] = values;
    else delete around[second ?? first];
    if (second !== undefined && Object.keys(around).length === 0) delete made[first];
  }
  return made;
}

export function EntryDialog({ list, entry, title, onSave, onClose, more, isOfDocument = false, action = "Put it into the text" }: {
  list: ListName; entry: Entry; title: string; onSave: (written: Written) => Promise<string> | string; onClose: () => void;
  /** Entries of documents have an author and say themselves whom they are for. */
  isOfDocument?: boolean; more?: (written: () => Written | string) => ComponentChildren; action?: string;
}) {
  const all = isOfDocument ? [...facetsOf(list), ...scopes] : facetsOf(list);
  const [lines, setLines] = useState<Readonly<Record<string, string>>>(() => Object.fromEntries(all.map((facet) => [facet.key, linesAt(entry, facet)]).filter(([, text]) => text)));
  const [fields, setFields] = useState({ name: textOf(entry, "name"), reason: textOf(entry, "reason"), author: textOf(entry, "author"), expires: textOf(entry, "expires") });
  const [problem, setProblem] = useState("");
  const shown = all.filter(({ key }) => key in lines);
  const written = (): Written | string => {
    try {
      const made = shown.map((facet) => ({ facet, values: valuesOf(facet, lines[facet.key] ?? "") }));
      if (made.every(({ facet, values }) => values.length === 0 || scopes.includes(facet))) return "Say what it matches.";
      return { ...fields, facets: made };
    } catch (reason) {
      return (reason as Error).message;
    }
  };
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    const made = written();
    const wrong = typeof made === "string" ? made : await onSave(made);
    setProblem(wrong);
    if (!wrong) onClose();
  };
  const set = (name: keyof typeof fields) => (event: { currentTarget: HTMLInputElement }) => setFields({ ...fields, [name]: event.currentTarget.value });
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="stack" onSubmit={(event) => void save(event)}>
        <p class="soft">{list === "rule" ? "A rule takes away: what it matches is blocked, or alerted where blocking is off, whatever the allowlist says." : "An exclusion adds: what it matches is neither blocked nor alerted, unless a rule says so."}</p>
        <label>Name <input name="name" maxLength={128} value={fields.name} onInput={set("name")} autocomplete="off" /></label>
        {shown.map((facet) => (
          <label key={facet.key}>{facet.label}, one a line
            <textarea name={facet.key} class="mono" rows={3} placeholder={facet.example} spellcheck={false} value={lines[facet.key] ?? ""} onInput={(event) => setLines({ ...lines, [facet.key]: event.currentTarget.value })} />
          </label>
        ))}
        <label>{shown.length === 0 ? "What it matches" : "And also"} <select name="facet" value="" onChange={(event) => { const key = event.currentTarget.value; if (key) setLines({ ...lines, [key]: "" }); }}>
          <option value="">choose …</option>{all.filter(({ key }) => !(key in lines)).map(({ key, label }) => <option key={key} value={key}>{label}</option>)}
        </select></label>
        <label>Reason <input name="reason" maxLength={1024} value={fields.reason} onInput={set("reason")} autocomplete="off" /></label>
        {isOfDocument && <label>Author <input name="author" maxLength={1024} value={fields.author} onInput={set("author")} autocomplete="off" /></label>}
        <label>Until <input name="expires" placeholder="2026-12-31, or empty for always" value={fields.expires} onInput={set("expires")} autocomplete="off" /></label>
        {more?.(written)}
        <Problem text={problem} />
        <div class="row"><button class="main" type="submit">{action}</button></div>
      </form>
    </Dialog>
  );
}
