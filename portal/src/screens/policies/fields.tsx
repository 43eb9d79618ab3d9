// SPDX-License-Identifier: Apache-2.0
// What the sections of a document's form are made of. Each field shows what stands at its place in the text, and writes there.
import { useEffect, useRef, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import type { Document } from "yaml";
import { lineOf, valuesOf } from "~/screens/policies/entry.ts";
import { listAt, textAt, valueAt, withList, withValue, type Path } from "~/screens/policies/text.ts";

export interface FormProps {
  readonly text: string;
  readonly document: Document;
  readonly isFixed: boolean;
  /** Where the server finds something wrong. */
  readonly wrong?: Path | undefined;
  readonly onText: (text: string) => void;
}
/** BASE: the path of the policy in the document. */
export type PartProps = FormProps & { readonly base: Path };
type FieldProps = FormProps & { readonly path: Path; readonly label: string };

export type Choices = readonly (readonly [value: string, label: string])[];

export const modes: Choices = [["", "as it is said elsewhere"], ["off", "off"], ["detect", "detect"], ["block", "detect and block"]];
export const controlModes: Choices = [["", "as the posture says"], ...modes.slice(1)];

export const isWithin = (path: Path | undefined, base: Path): boolean => path !== undefined && base.every((part, at) => path[at] === part);
const wrongAt = ({ wrong, path }: { wrong?: Path | undefined; path: Path }): { "aria-invalid"?: "true" } => (isWithin(wrong, path) ? { "aria-invalid": "true" } : {});

/** What is being typed stays, whatever is drawn anew meanwhile; it counts when the field is left. TAKE says what is wrong with it. */
export function useDraft(value: string, take: (text: string) => string | void) {
  const [draft, setDraft] = useState<string>();
  const [problem, setProblem] = useState("");
  return {
    problem,
    field: {
      value: draft ?? value,
      onInput: (event: { currentTarget: { value: string } }) => setDraft(event.currentTarget.value),
      onChange: (event: { currentTarget: { value: string } }) => {
        const said = take(event.currentTarget.value) ?? "";
        setProblem(said);
        setDraft(said ? event.currentTarget.value : undefined);
      },
    },
  };
}

const Said = ({ text }: { text: string }) => (text ? <span class="said wrong" role="alert">{text}</span> : null);

/** A value of a few; those that are true and false are no text. */
export function Choice({ path, label, choices, isTruth = false, isInTable = false, ...form }: FieldProps & { choices: Choices; isTruth?: boolean; isInTable?: boolean }) {
  const value = textAt(form.document, path);
  const isKnown = choices.some(([choice]) => choice === value);
  const take = (next: string) => form.onText(withValue(form.text, path, isTruth && next ? next === "true" : next));
  const select = (
    <select name={path.join(".")} value={value} disabled={form.isFixed} {...(isInTable ? { "aria-label": label } : {})} {...wrongAt({ ...form, path })} onChange={(event) => take(event.currentTarget.value)}>
      {!isKnown && <option value={value}>{value}</option>}
      {choices.map(([choice, name]) => <option key={choice} value={choice}>{name}</option>)}
    </select>
  );
  return isInTable ? select : <label>{label} {select}</label>;
}

/** One line of text; a number where IS_NUMBER. */
export function Text({ path, label, example = "", isNumber = false, ...form }: FieldProps & { example?: string; isNumber?: boolean }) {
  const { field, problem } = useDraft(textAt(form.document, path), (text) => {
    const said = text.trim();
    if (isNumber && said && !/^\d{1,9}$/.test(said)) return "A whole number.";
    form.onText(withValue(form.text, path, isNumber && said ? Number(said) : said));
    return "";
  });
  return <label>{label} <input name={path.join(".")} maxLength={1024} {...(isNumber ? { inputMode: "numeric" } : {})} placeholder={example} readOnly={form.isFixed} autocomplete="off" spellcheck={false} {...wrongAt({ ...form, path })} {...field} /><Said text={problem} /></label>;
}

export const rowsOf = (text: string, most = 12): number => Math.min(Math.max(text.split("\n").length, 2), most);

/** A list, one value a line. KEY says how values are written that are no plain text. */
export function Lines({ path, label, example = "", name = path.at(-1) as string, ...form }: FieldProps & { example?: string; name?: string }) {
  const there = listAt(form.document, path);
  const { field, problem } = useDraft(there.map((value) => lineOf(name, value)).join("\n"), (text) => {
    try {
      // A number stays one where its digits stay.
      form.onText(withList(form.text, path, valuesOf({ key: name, label }, text).map((value) => there.find((old) => typeof old === "number" && String(old) === value) ?? value)));
      return "";
    } catch (reason) {
      return (reason as Error).message;
    }
  });
  return <label>{label}, one a line <textarea name={path.join(".")} class="mono" rows={rowsOf(field.value)} placeholder={example} readOnly={form.isFixed} spellcheck={false} {...wrongAt({ ...form, path })} {...field} /><Said text={problem} /></label>;
}

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** Names and values, `name=value` a line. */
export function Pairs({ path, label, example = "", ...form }: FieldProps & { example?: string }) {
  const there = valueAt(form.document, path);
  const pairs = isMap(there) ? there : {};
  const { field, problem } = useDraft(Object.entries(pairs).map(([name, value]) => `${name}=${value === null ? "" : String(value)}`).join("\n"), (text) => {
    const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
    const odd = lines.find((line) => line.indexOf("=") < 1);
    if (odd) return `This line is no name=value: ${odd}`;
    const wanted = new Map(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
    let now = form.text;
    for (const name of Object.keys(pairs)) if (!wanted.has(name)) now = withValue(now, [...path, name], undefined);
    for (const [name, value] of wanted) if (String(pairs[name] ?? "") !== value || !(name in pairs)) now = withValue(now, [...path, name], value, 1, true);
    form.onText(now);
    return "";
  });
  return <label>{label}, name=value, one a line <textarea name={path.join(".")} class="mono" rows={rowsOf(field.value)} placeholder={example} readOnly={form.isFixed} spellcheck={false} {...wrongAt({ ...form, path })} {...field} /><Said text={problem} /></label>;
}

/** A part of the form that opens, with what stands in it in a few words; by itself where something is wrong. */
export function Section({ title, says, path, wrong, isOpen = false, children }: { title: string; says: readonly string[]; path: Path; wrong?: Path | undefined; isOpen?: boolean; children: ComponentChildren }) {
  const box = useRef<HTMLDetailsElement>(null);
  const isWrong = isWithin(wrong, path);
  useEffect(() => { if (isOpen && box.current) box.current.open = true; }, []);
  useEffect(() => { if (isWrong && box.current) box.current.open = true; }, [isWrong]);
  return (
    <details class="section" ref={box} data-member={path.join(".")}>
      <summary><h3>{title}</h3> {isWrong && <b class="said wrong">something is wrong here</b>} <span class="soft">{says.filter(Boolean).join(", ") || "nothing said"}</span></summary>
      <div class="stack">{children}</div>
    </details>
  );
}

/** How many there are of WHAT at PATH, for a section's few words; "" when none. */
export function counted({ document }: FormProps, path: Path, one: string, many: string): string {
  const n = listAt(document, path).length;
  return n === 0 ? "" : `${n} ${n === 1 ? one : many}`;
}
