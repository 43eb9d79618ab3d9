// SPDX-License-Identifier: Apache-2.0
// Lists of entries with members of their own, each made and changed in a dialog; members that the dialog does not know stay as they are.
import { useState } from "preact/hooks";
import { Dialog } from "~/parts/dialog.tsx";
import { Problem } from "~/parts/problem.tsx";
import { lineOf, valuesOf, type Entry } from "~/screens/policies/entry.ts";
import { rowsOf, type Choices, type FormProps } from "~/screens/policies/fields.tsx";
import { listAt, withList, withValue, type Path } from "~/screens/policies/text.ts";

export interface Member {
  readonly name: string;
  readonly label: string;
  readonly example?: string;
  /** A list: one value a line, or any of SET. */
  readonly isList?: boolean;
  readonly set?: Choices;
  /** One of these. */
  readonly choices?: Choices;
}
interface Kind {
  readonly noun: string;
  readonly members: readonly Member[];
  readonly nameOf: (entry: Entry, at: number) => string;
  readonly says: (entry: Entry) => readonly string[];
}

const textOf = (value: unknown): string => (value === undefined || value === null ? "" : String(value));
const linesOf = (entry: Entry, name: string): string => { const list = entry[name]; return Array.isArray(list) ? list.map((value) => lineOf(name, value)).join("\n") : ""; };

function Field({ member, value, onValue }: { member: Member; value: string; onValue: (value: string) => void }) {
  const { name, label, example = "", isList = false, set, choices } = member;
  const input = (event: { currentTarget: { value: string } }) => onValue(event.currentTarget.value);
  if (set) {
    const chosen = value.split("\n").filter(Boolean);
    const toggle = (one: string) => onValue((chosen.includes(one) ? chosen.filter((other) => other !== one) : [...chosen, one]).join("\n"));
    return <fieldset class="set"><legend>{label}</legend>{set.map(([one, words]) => <label key={one} class="check"><input type="checkbox" name={name} value={one} checked={chosen.includes(one)} onChange={() => toggle(one)} /> {words}</label>)}</fieldset>;
  }
  if (choices) return <label>{label} <select name={name} value={value} onChange={input}>{choices.map(([one, words]) => <option key={one} value={one}>{words}</option>)}</select></label>;
  if (isList) return <label>{label}, one a line <textarea name={name} class="mono" rows={rowsOf(value, 16)} placeholder={example} spellcheck={false} value={value} onInput={input} /></label>;
  return <label>{label} <input name={name} maxLength={1024} placeholder={example} value={value} onInput={input} autocomplete="off" spellcheck={false} /></label>;
}

type Values = Readonly<Record<string, string>>;

function RecordDialog({ kind, entry, title, onSave, onClose }: { kind: Kind; entry: Entry; title: string; onSave: (values: Values) => string; onClose: () => void }) {
  const [values, setValues] = useState<Values>(() => Object.fromEntries(kind.members.map(({ name, isList, set }) => [name, isList || set ? linesOf(entry, name) : textOf(entry[name])])));
  const [problem, setProblem] = useState("");
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    const wrong = Object.values(values).every((value) => value.trim() === "") ? `Say something of the ${kind.noun}.` : onSave(values);
    setProblem(wrong);
    if (!wrong) onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="stack" onSubmit={save}>
        {kind.members.map((member) => <Field key={member.name} member={member} value={values[member.name] ?? ""} onValue={(value) => setValues({ ...values, [member.name]: value })} />)}
        <Problem text={problem} />
        <div class="row"><button class="main" type="submit">Put it into the text</button></div>
      </form>
    </Dialog>
  );
}

/** TEXT with VALUES in the entry at PATH; throws with the line that cannot be read. */
function put(text: string, path: Path, kind: Kind, values: Values, isNew: boolean): string {
  const made = kind.members.map((member) => {
    const value = (values[member.name] ?? "").trim();
    return { member, value: member.isList || member.set ? valuesOf({ key: member.name, label: member.label }, value) : value };
  });
  if (isNew) return withValue(text, path, Object.fromEntries(made.filter(({ value }) => value.length > 0).map(({ member, value }) => [member.name, value])));
  return made.reduce((now, { member, value }) => {
    const place = [...path, member.name];
    return typeof value === "string" ? withValue(now, place, value, path.length) : withList(now, place, value, path.length);
  }, text);
}

export function Records({ kind, title, path, ...form }: FormProps & { kind: Kind; title: string; path: Path }) {
  const [open, setOpen] = useState<number>();
  const entries = listAt(form.document, path).map((entry): Entry => (typeof entry === "object" && entry !== null ? (entry as Entry) : {}));
  const isNew = open === entries.length;
  const save = (at: number) => (values: Values): string => {
    try {
      form.onText(put(form.text, [...path, at], kind, values, isNew));
      return "";
    } catch (reason) {
      return (reason as Error).message;
    }
  };
  return (
    <section aria-label={title} data-member={path.join(".")}>
      <div class="head"><h4>{title}</h4>{!form.isFixed && <button type="button" onClick={() => setOpen(entries.length)}>Add {/^[aeiou]/.test(kind.noun) ? "an" : "a"} {kind.noun}</button>}</div>
      {entries.length > 0 && <ul class="entries">{entries.map((entry, at) => {
        const name = kind.nameOf(entry, at);
        return (
          <li key={at}>
            <div><b>{name}</b>{kind.says(entry).filter(Boolean).map((line) => <div key={line} class="clamp soft">{line}</div>)}</div>
            {!form.isFixed && <div class="row"><button type="button" onClick={() => setOpen(at)} aria-label={`Edit the ${kind.noun} ${name}`}>Edit</button>
              <button type="button" class="quiet" onClick={() => form.onText(withValue(form.text, [...path, at], undefined))} aria-label={`Remove the ${kind.noun} ${name}`}>Remove</button></div>}
          </li>
        );
      })}</ul>}
      {open !== undefined && <RecordDialog kind={kind} entry={entries[open] ?? {}} title={isNew ? `New ${kind.noun}` : `Change the ${kind.noun}`} onClose={() => setOpen(undefined)} onSave={save(open)} />}
    </section>
  );
}
