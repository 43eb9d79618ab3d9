// SPDX-License-Identifier: Apache-2.0
// The text of a document, changed in places: what a form does to it leaves comments, order and all else as they are.
import { isCollection, isMap, isScalar, isSeq, parseDocument, stringify, type Document } from "yaml";
import { compare } from "~/parts/lines.ts";

export type Path = readonly (string | number)[];

const options = { lineWidth: 0, flowCollectionPadding: false } as const;
const isPlain = /^[A-Za-z0-9/]([\w ./-]*[\w/-])?$/;

/** The document of TEXT; undefined when it cannot be read. */
export function read(text: string): Document | undefined {
  const document = parseDocument(text, { uniqueKeys: true });
  return document.errors.length > 0 || (document.contents !== null && !isMap(document.contents)) ? undefined : document;
}

/** What stands at PATH, as plain data; undefined when nothing does. */
export function valueAt(document: Document, path: Path): unknown {
  const node: unknown = document.getIn(path, true);
  return isCollection(node) || isScalar(node) ? node.toJS(document) : node;
}

export function textAt(document: Document, path: Path): string {
  const value = valueAt(document, path);
  return value === undefined || value === null || typeof value === "object" ? "" : String(value);
}

export function listAt(document: Document, path: Path): readonly unknown[] {
  const value = valueAt(document, path);
  return Array.isArray(value) ? value : [];
}

/** DOCUMENT as a text, in which every line that says the same as one of TEXT is written as it is there. */
function written(document: Document, text: string): string {
  const style = { ...options, indentSeq: !/^( *)\w+:[^\n]*\n\1- /m.test(text) };
  const now = document.toString(style);
  const old = read(text)?.toString(style) ?? "";
  const lines = text.split("\n");
  if (old.split("\n").length !== lines.length) return now;
  return compare(old, now).map((line) => (line.kind === "gone" ? undefined : line.kind === "same" ? lines[line.before - 1] : line.text)).filter((line) => line !== undefined).join("\n") + "\n";
}

/** Scalars that stand there already are changed in place, byte for byte. */
function replaced(text: string, document: Document, path: Path, value: string): string | undefined {
  const node: unknown = document.getIn(path, true);
  if (!isScalar(node) || !node.range || node.value === null || node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED") return undefined;
  const [start, end] = node.range;
  const around = (written: string): string => text.slice(0, start) + written + text.slice(end);
  const isThere = (now: string): boolean => { const made = read(now); return made !== undefined && valueAt(made, path) === value; };
  return [isPlain.test(value) ? value : undefined, JSON.stringify(value)].map((form) => form && around(form)).find((now) => now && isThere(now));
}

/** Collections on the way that are written as nothing ("spec:") become ones. */
function open(document: Document, path: Path): void {
  for (let n = 1; n < path.length; n++) {
    const node: unknown = document.getIn(path.slice(0, n), true);
    if (node !== undefined && !isCollection(node)) document.setIn(path.slice(0, n), document.createNode(typeof path[n] === "number" ? [] : {}));
  }
}

/** Take away what stands at PATH, and the collections around that are empty then, down to DEPTH. */
function drop(document: Document, path: Path, depth: number): void {
  document.deleteIn(path);
  for (let n = path.length - 1; n > depth; n--) {
    const around: unknown = document.getIn(path.slice(0, n), true);
    if (!isCollection(around) || around.items.length > 0) return;
    document.deleteIn(path.slice(0, n));
  }
}

/** TEXT with VALUE at PATH; "" or undefined takes away what stood there. A text that cannot be read stays as it is. */
export function withValue(text: string, path: Path, value: unknown, depth = 1): string {
  const document = read(text);
  if (!document) return text;
  if (value === "" || value === undefined) {
    if (document.getIn(path, true) === undefined) return text;
    drop(document, path, depth);
    return written(document, text);
  }
  const place = typeof value === "string" ? replaced(text, document, path, value) : undefined;
  if (place !== undefined) return place;
  open(document, path);
  document.setIn(path, document.createNode(value));
  return written(document, text);
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** TEXT with LIST at PATH: entries that stay keep their comments. */
export function withList(text: string, path: Path, list: readonly unknown[], depth = 1): string {
  const document = read(text);
  if (!document) return text;
  const old = listAt(document, path);
  if (same(old, list)) return text;
  if (list.length === 0) return withValue(text, path, undefined, depth);
  open(document, path);
  const node: unknown = document.getIn(path, true);
  if (!isSeq(node)) {
    document.setIn(path, document.createNode(list));
    return written(document, text);
  }
  for (let at = old.length - 1; at >= 0; at--)
    if (!list.some((value) => same(value, old[at]))) node.delete(at);
  for (const value of list)
    if (!old.some((known) => same(value, known))) node.add(document.createNode(value));
  return written(document, text);
}

/** A value in one line, as a person may write it. */
export const inline = (value: unknown): string => (typeof value === "string" ? value : stringify(value, { ...options, collectionStyle: "flow" }).trim());
