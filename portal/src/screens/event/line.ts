// SPDX-License-Identifier: Apache-2.0
// The line of a finding (docs/formats/event.md), read with care: it is an attacker's text in places, and may lack anything.

export interface Input { readonly path: string; readonly origin: string; readonly before: string; readonly convicting: string; readonly behind: string; readonly isCut: boolean; readonly isMasked: boolean }
export interface Activity { readonly kind: string; readonly subject: string; readonly object: string; readonly arguments: readonly string[]; readonly pid: number | undefined }
export interface Process { readonly pid: number; readonly path: string; readonly arguments: readonly string[] }
export interface Line {
  readonly input: Input | undefined;
  readonly activity: Activity | undefined;
  /** Who did it and who stood above, the nearest first. */
  readonly processes: readonly Process[];
  readonly attack: readonly string[];
  readonly cwe: number | undefined;
  readonly confidence: string;
  readonly isCited: boolean;
  readonly rule: { readonly name: string; readonly reason: string } | undefined;
}

type Json = Record<string, unknown>;
const object = (value: unknown): Json | undefined => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);
const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : []);

/** Offsets are in the UTF-8 of the value. */
function readInput(value: Json | undefined): Input | undefined {
  if (!value) return undefined;
  const bytes = new TextEncoder().encode(text(value.value));
  const from = Math.min(number(value.from) ?? 0, bytes.length);
  const end = Math.min(from + (number(value.length) ?? 0), bytes.length);
  const decode = (start: number, stop: number) => new TextDecoder().decode(bytes.subarray(start, stop));
  return {
    path: text(value.path), origin: text(value.origin), before: decode(0, from), convicting: decode(from, end), behind: decode(end, bytes.length),
    isCut: value.cut === true, isMasked: value.masked === true,
  };
}

const processesMax = 8;

function readProcesses(value: unknown): readonly Process[] {
  return (Array.isArray(value) ? value : []).slice(0, processesMax).flatMap((item): Process[] => {
    const one = object(item);
    const pid = number(one?.pid);
    return one && pid !== undefined ? [{ pid, path: text(one.path), arguments: texts(one.arguments) }] : [];
  });
}

function readRule(value: Json | undefined): Line["rule"] {
  const rule = { name: text(value?.name), reason: text(value?.reason) };
  return rule.name || rule.reason ? rule : undefined;
}

export function readLine(line: unknown): Line {
  const whole = object(line) ?? {};
  const activity = object(whole.activity);
  return {
    input: readInput(object(whole.input)),
    activity: activity && { kind: text(activity.kind), subject: text(activity.subject), object: text(activity.object), arguments: texts(activity.arguments), pid: number(activity.pid) },
    processes: readProcesses(whole.processes),
    attack: texts(whole.attack),
    cwe: number(whole.cwe),
    confidence: text(whole.confidence),
    isCited: whole.cited === true,
    rule: readRule(object(whole.rule)),
  };
}
