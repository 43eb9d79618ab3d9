// SPDX-License-Identifier: Apache-2.0
// Paths as a tree of folders. What comes in one page is a tree at once; of more, each folder is asked for when it is opened.
import { useMemo, useState } from "preact/hooks";
import { usePages } from "~/app/pages.ts";
import { count } from "~/app/show.ts";
import { Problem } from "~/parts/problem.tsx";
import { loadActivity, type ActivityPage, type Wanted } from "~/screens/functions/activity_page.ts";
import { Head, indent, Row, type Activity } from "~/screens/functions/activity_rows.tsx";
import type { Asked } from "~/screens/functions/rule_dialog.tsx";
import { linesOf, treeOf } from "~/screens/functions/tree.ts";

type OnAsk = (asked: Asked) => void;

const keyOf = (item: Activity): string => `${item.activity} ${item.value} ${item.origin} ${item.rule ?? ""}`;

function FolderRow({ path, within, n, level, isOpen, onToggle }: { path: string; within: string; n: number; level: number; isOpen: boolean; onToggle: () => void }) {
  return (
    <tr class="folder"><td class={`mono ${indent(level)}`} colSpan={8}><button type="button" class="quiet cell" aria-expanded={isOpen} onClick={onToggle}>
      <span aria-hidden="true">{isOpen ? "▾" : "▸"}</span> {path.slice(within.length)} <span class="soft">{count(n)}</span></button></td></tr>
  );
}

export function Tree({ items, onAsk }: { items: readonly Activity[]; onAsk: OnAsk }) {
  const tree = useMemo(() => treeOf(items, ({ value }) => value), [items]);
  const [turned, turn] = useState<ReadonlySet<string>>(new Set());
  const isSmall = items.length <= 60;
  const isOpen = (path: string) => (isSmall || path === tree.path) !== turned.has(path);
  const toggle = (path: string) => turn((old) => { const now = new Set(old); if (!now.delete(path)) now.add(path); return now; });
  return (
    <table><Head first="Path" />
      <tbody>{linesOf(tree, isOpen).map(({ level, within, folder, item }) => (folder
        ? <FolderRow key={`${folder.path} /`} path={folder.path} within={within} n={folder.count} level={level} isOpen={isOpen(folder.path)} onToggle={() => toggle(folder.path)} />
        : item && <Row key={keyOf(item)} item={item} level={level} within={within} onAsk={onAsk} />))}</tbody></table>
  );
}

/** What lies in FOLDER: the folders in it, closed, then what lies in it itself, page by page. */
function Inside({ wanted, folder, level, version, onAsk }: { wanted: Wanted; folder: string; level: number; version: unknown; onAsk: OnAsk }) {
  const { items, first, more, error, isLoading } = usePages<Activity, ActivityPage>(loadActivity({ ...wanted, folder }), [JSON.stringify(wanted), folder, version]);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const toggle = (path: string) => setOpen((old) => { const now = new Set(old); if (!now.delete(path)) now.add(path); return now; });
  const folders = [...(first?.folders ?? [])].sort((a, b) => (a.path < b.path ? -1 : 1));
  if (error) return <tr><td colSpan={8}><Problem text={error} /></td></tr>;
  if (isLoading && !first) return <tr><td colSpan={8} class={`soft ${indent(level)}`}>…</td></tr>;
  return (
    <>
      {folders.flatMap(({ path, count: n }) => [
        <FolderRow key={path} path={path} within={folder} n={n} level={level} isOpen={open.has(path)} onToggle={() => toggle(path)} />,
        open.has(path) && <Inside key={`${path} in`} wanted={wanted} folder={path} level={level + 1} version={version} onAsk={onAsk} />,
      ])}
      {items.map((item) => <Row key={keyOf(item)} item={item} level={level} within={folder} onAsk={onAsk} />)}
      {more && <tr><td colSpan={8} class={indent(level)}><button type="button" onClick={() => void more()}>More of {folder} <span class="soft">{count((first?.total ?? 0) - items.length)}</span></button></td></tr>}
    </>
  );
}

export const Folders = (props: { wanted: Wanted; version: unknown; onAsk: OnAsk }) => (
  <table><Head first="Path" /><tbody><Inside {...props} folder="/" level={0} /></tbody></table>
);
