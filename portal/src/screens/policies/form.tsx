// SPDX-License-Identifier: Apache-2.0
// A document as a form. Each change goes into the text, which is what is stored.
import { useState } from "preact/hooks";
import type { Document } from "yaml";
import type { Entry, ListName } from "~/screens/policies/entry.ts";
import { subjects } from "~/screens/policies/entry.ts";
import { EntryDialog, type Written } from "~/screens/policies/entry_dialog.tsx";
import { GroupKey } from "~/screens/policies/group_key.tsx";
import { listAt, textAt, valueAt, withList, withValue, type Path } from "~/screens/policies/text.ts";

export interface FormProps {
  readonly text: string;
  readonly document: Document;
  readonly isFixed: boolean;
  readonly onText: (text: string) => void;
}
type PartProps = FormProps & { base: Path };

const controls: readonly (readonly [name: string, label: string])[] = [
  ["firewall", "Input firewall"], ["flow", "Input reaching a shell or code"], ["rules", "Rules"], ["allowlist", "Allowlist"], ["credentials", "Credentials"],
  ["drift", "Drift"], ["forbidden", "Forbidden programs"], ["decoys", "Decoys"], ["budgets", "Budgets"], ["hygiene", "Hygiene of /tmp"],
];
const modes: readonly (readonly [value: string, label: string])[] = [["", "as it is said elsewhere"], ["off", "off"], ["detect", "detect"], ["block", "detect and block"]];

function Choice({ text, document, isFixed, onText, path, label, choices }: FormProps & { path: Path; label: string; choices: readonly (readonly [value: string, label: string])[] }) {
  const value = textAt(document, path);
  const isKnown = choices.some(([choice]) => choice === value);
  return (
    <label>{label} <select name={path.join(".")} value={value} disabled={isFixed} onChange={(event) => onText(withValue(text, path, event.currentTarget.value))}>
      {!isKnown && <option value={value}>{value}</option>}
      {choices.map(([choice, name]) => <option key={choice} value={choice}>{name}</option>)}
    </select></label>
  );
}

function Enforce({ base, ...form }: PartProps) {
  const path = [...base, "enforce"];
  const value = textAt(form.document, path);
  const day = /^at (\d\S*)$/.exec(value)?.[1] ?? "";
  const set = (next: string) => form.onText(withValue(form.text, path, next));
  return (
    <>
      <label>Enforced <select name="enforce" value={day || value === "at" ? "at" : value} disabled={form.isFixed}
        onChange={(event) => set(event.currentTarget.value === "at" ? `at ${new Date(Date.now() + 14 * 86400000).toISOString().slice(0, 10)}` : event.currentTarget.value)}>
        <option value="">as it is said elsewhere</option><option value="at once">at once</option><option value="after learning">after learning</option><option value="at">from a day on</option>
      </select></label>
      {day && <label>From <input type="date" name="enforce-day" value={day.slice(0, 10)} disabled={form.isFixed} onChange={(event) => { if (event.currentTarget.value) set(`at ${event.currentTarget.value}`); }} /></label>}
    </>
  );
}

/** What is being typed stays, whatever is drawn anew meanwhile; it counts when the field is left. */
function useDraft(value: string, take: (text: string) => void) {
  const [draft, set] = useState<string>();
  return {
    value: draft ?? value,
    onInput: (event: { currentTarget: { value: string } }) => set(event.currentTarget.value),
    onChange: (event: { currentTarget: { value: string } }) => { set(undefined); take(event.currentTarget.value); },
  };
}

function Name({ text, document, isFixed, onText }: FormProps) {
  const field = useDraft(textAt(document, ["metadata", "name"]), (name) => onText(withValue(text, ["metadata", "name"], name)));
  return <label>Name <input name="metadata.name" maxLength={128} readOnly={isFixed} autocomplete="off" {...field} /></label>;
}

/** Patterns of a match, one a line. */
function Patterns({ path, label, example, ...form }: FormProps & { path: Path; label: string; example: string }) {
  const field = useDraft(listAt(form.document, path).map(String).join("\n"), (text) => form.onText(withList(form.text, path, text.split("\n").map((line) => line.trim()).filter(Boolean))));
  return <label>{label}, one a line <textarea name={path.join(".")} class="mono" rows={2} placeholder={example} readOnly={form.isFixed} spellcheck={false} {...field} /></label>;
}

function putEntry(text: string, path: Path, written: Written, isNew: boolean): string {
  let now = isNew ? withValue(text, path, { name: written.name || "new" }) : text;
  for (const name of ["name", "reason", "expires"] as const) now = withValue(now, [...path, name], written[name], path.length);
  for (const { facet, values } of written.facets) now = withList(now, [...path, ...facet.path], values, path.length);
  return now;
}

function Entries({ base, member, list, ...form }: PartProps & { member: "rules" | "exclusions"; list: ListName }) {
  const [open, setOpen] = useState<number>();
  const path = [...base, member];
  const entries = listAt(form.document, path) as readonly Entry[];
  const isNew = open === entries.length;
  return (
    <section aria-label={member}>
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
      {open !== undefined && <EntryDialog list={list} entry={entries[open] ?? {}} title={isNew ? `New ${list}` : `Change the ${list}`} onClose={() => setOpen(undefined)}
        onSave={(written) => { form.onText(putEntry(form.text, [...path, open], written, isNew)); return ""; }} />}
    </section>
  );
}

export function DocumentForm(form: FormProps) {
  const kind = textAt(form.document, ["kind"]);
  const base = kind === "Group" ? ["spec", "policy"] : ["spec"];
  const match = ["spec", "match"];
  const hasMatch = kind === "Group" || (kind === "FunctionPolicy" && valueAt(form.document, match) !== undefined);
  return (
    <div class="stack form">
      <Name {...form} />
      {hasMatch && (
        <fieldset class="stack"><legend>Functions that it is for</legend>
          <Patterns {...form} path={[...match, "functions"]} label="Names or ARNs" example="pay-*" />
          <Patterns {...form} path={[...match, "regions"]} label="Regions" example="eu-west-1" />
        </fieldset>
      )}
      {kind === "Group" && <GroupKey {...form} />}
      <fieldset class="fields"><legend>Posture</legend>
        <Choice {...form} path={[...base, "posture"]} label="Posture" choices={modes} />
        <Enforce {...form} base={base} />
        <Choice {...form} path={[...base, "stance"]} label="When Gambeson fails" choices={[["", "as it is said elsewhere"], ["open", "the function runs unprotected"], ["closed", "the function does not run"]]} />
        <Choice {...form} path={[...base, "unlisted"]} label="Off the allowlist, of little risk" choices={[["", "as it is said elsewhere"], ["alert", "alert"], ["review", "for review, never blocked"]]} />
      </fieldset>
      <fieldset class="fields"><legend>Controls</legend>
        {controls.map(([name, label]) => <Choice key={name} {...form} path={[...base, "controls", name]} label={label} choices={[["", "as the posture says"], ...modes.slice(1)]} />)}
      </fieldset>
      <Entries {...form} base={base} member="rules" list="rule" />
      <Entries {...form} base={base} member="exclusions" list="exclusion" />
    </div>
  );
}
