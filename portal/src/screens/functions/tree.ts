// SPDX-License-Identifier: Apache-2.0
// Paths as a tree of folders. Folders with nothing but one folder in them are one line.

export interface Folder<T> {
  readonly path: string;
  readonly folders: readonly Folder<T>[];
  readonly items: readonly T[];
  readonly count: number;
}

interface Growing<T> { folders: Map<string, Growing<T>>; items: T[] }

function finish<T>(growing: Growing<T>, path: string): Folder<T> {
  const folders = [...growing.folders].map(([name, folder]) => finish(folder, `${path}${name}/`)).sort((a, b) => (a.path < b.path ? -1 : 1));
  const [only] = folders;
  if (only && folders.length === 1 && growing.items.length === 0) return only;
  return { path, folders, items: growing.items, count: growing.items.length + folders.reduce((sum, { count }) => sum + count, 0) };
}

/** What does not begin with a slash lies in the root as it is. */
export function treeOf<T>(items: readonly T[], pathOf: (item: T) => string): Folder<T> {
  const root: Growing<T> = { folders: new Map(), items: [] };
  for (const item of items) {
    let at = root;
    const path = pathOf(item);
    const parts = path.startsWith("/") ? path.split("/").slice(1, -1) : [];
    for (const part of parts) {
      const next = at.folders.get(part) ?? { folders: new Map<string, Growing<T>>(), items: [] };
      at.folders.set(part, next);
      at = next;
    }
    at.items.push(item);
  }
  return finish(root, "/");
}

/** `within`: the path of the folder around it. */
export interface Line<T> { readonly level: number; readonly within: string; readonly folder?: Folder<T>; readonly item?: T }

/** The lines to be shown when the folders in OPEN are open. */
export function linesOf<T>(folder: Folder<T>, open: (path: string) => boolean, level = 0, within = ""): readonly Line<T>[] {
  const line = { level, within, folder };
  if (!open(folder.path)) return [line];
  return [line, ...folder.folders.flatMap((inner) => linesOf(inner, open, level + 1, folder.path)), ...folder.items.map((item) => ({ level: level + 1, within: folder.path, item }))];
}
