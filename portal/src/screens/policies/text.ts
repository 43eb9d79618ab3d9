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

/** The path of what stands at OFFSET of the text, as far as it leads. */
export function pathAt(document: Document, offset: number): Path {
  const path: (string | number)[] = [];
  const isBefore = (node: unknown): boolean => (isScalar(node) || isCollection(node)) && (node.range?.[0] ?? Infinity) <= offset;
  for (let node: unknown = document.contents; ;) {
    if (isMap(node)) {
      const pair = node.items.filter(({ key }) => isBefore(key)).at(-1);
      if (!pair || !isScalar(pair.key)) return path;
      path.push(String(pair.key.value));
      node = pair.value;
    } else if (isSeq(node)) {
      const at = node.items.filter(isBefore).length - 1;
      if (at < 0) return path;
      path.push(at);
      node = node.items[at];
    } else return path;
  }
}

export function textAt(document: Document, path: Path): string {
  const value = valueAt(document, path);
  return value === undefined || value === null || typeof value === "object" ? "" : String(value);
}

export function listAt(document: Document, path: Path): readonly unknown[] {
  const value = valueAt(document, path);
  return Array.isArray(value) ? value : [];
}

interface Block { text: string[]; printed: number[] }

const bare = (text: string): string => text.replaceAll(/[^\S\n]|["']/g, "");

/** Which lines of TEXT are which lines of PRINTED, that says the same in another style: pieces in order, as small as can be. */
function blocksOf(text: string, printed: string): readonly Block[] {
  const lines = text.split("\n");
  const blocks: Block[] = [{ text: [], printed: [] }];
  let isOpen = true;
  for (const { kind, before, after } of compare(bare(text), bare(printed))) {
    if (kind === "same" || !isOpen) blocks.push({ text: [], printed: [] });
    isOpen = kind !== "same";
    const block = blocks[blocks.length - 1]!;
    if (before > 0) block.text.push(lines[before - 1]!);
    if (after > 0) block.printed.push(after);
  }
  // What the printer leaves out (blank lines, say) stays with what is above it.
  return blocks.reduce<Block[]>((kept, block) => {
    const last = kept[kept.length - 1];
    if (block.printed.length === 0 && last) last.text.push(...block.text);
    else if (block.text.length > 0 || block.printed.length > 0) kept.push(block);
    return kept;
  }, []);
}

/** NOW, in which what says the same as in OLD is written as in TEXT, which OLD is printed from. */
function kept(text: string, old: string, now: string): string {
  const changes = compare(old, now);
  const at = new Map<number, number>();
  changes.forEach((line, n) => { if (line.kind === "same") at.set(line.before, n); });
  const made = changes.map((line): readonly string[] => (line.kind === "gone" ? [] : [line.text]));
  for (const { text: mine, printed } of blocksOf(text, old)) {
    const first = at.get(printed[0] ?? 0);
    // Whole, and nothing new in the midst of it.
    if (first === undefined || !printed.every((line, n) => at.get(line) === first + n)) continue;
    printed.forEach((_, n) => { made[first + n] = n === 0 ? mine : []; });
  }
  return made.flat().join("\n") + "\n";
}

/** DOCUMENT as a text, with as much as can be as it stands in TEXT: lines of both styles of lists may be in it, and fit together or not. */
function written(document: Document, text: string): string {
  const wanted = JSON.stringify(document);
  const tried = [true, false].map((indentSeq) => kept(text, read(text)?.toString({ ...options, indentSeq }) ?? "", document.toString({ ...options, indentSeq })));
  return tried.find((now) => JSON.stringify(read(now)) === wanted) ?? document.toString(options);
}

type Scalar = string | number | boolean;
const isPlainValue = (value: unknown): value is Scalar => ["string", "number", "boolean"].includes(typeof value);

/** Scalars that stand there already are changed in place, byte for byte. */
function replaced(text: string, document: Document, path: Path, value: Scalar): string | undefined {
  const node: unknown = document.getIn(path, true);
  if (!isScalar(node) || !node.range || node.value === null || node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED") return undefined;
  const [start, end] = node.range;
  const around = (written: string): string => text.slice(0, start) + written + text.slice(end);
  const isThere = (now: string): boolean => { const made = read(now); return made !== undefined && valueAt(made, path) === value; };
  return [typeof value === "string" && isPlain.test(value) ? value : undefined, JSON.stringify(value)].map((form) => form && around(form)).find((now) => now && isThere(now));
}

/** What on the way is written as nothing ("spec:"), or as something that cannot hold what comes, becomes a collection that can. */
function open(document: Document, path: Path): void {
  for (let n = 1; n < path.length; n++) {
    const node: unknown = document.getIn(path.slice(0, n), true);
    if (node !== undefined && !(typeof path[n] === "number" ? isSeq(node) : isMap(node))) document.setIn(path.slice(0, n), document.createNode(typeof path[n] === "number" ? [] : {}));
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

/** TEXT with VALUE at PATH; undefined, and "" unless it MAY_BE_EMPTY, takes away what stood there. A text that cannot be read stays as it is. */
export function withValue(text: string, path: Path, value: unknown, depth = 1, mayBeEmpty = false): string {
  const document = read(text);
  if (!document) return text;
  if ((value === "" && !mayBeEmpty) || value === undefined) {
    if (document.getIn(path, true) === undefined) return text;
    drop(document, path, depth);
    return written(document, text);
  }
  const place = isPlainValue(value) ? replaced(text, document, path, value) : undefined;
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
