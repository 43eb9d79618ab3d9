// SPDX-License-Identifier: Apache-2.0
// Lists that come in pages: the first when what it depends on changes, the others on demand. A page that comes when the list is
// another one by then is dropped.
import { useCallback, useRef, useState } from "preact/hooks";
import { useLoad } from "~/app/load.ts";

export interface Page<T> { readonly items: readonly T[]; readonly next: string | undefined }

export interface Pages<T, P> {
  readonly items: readonly T[];
  /** The first page as the server gave it. */
  readonly first: P | undefined;
  readonly more: (() => Promise<void>) | undefined;
  readonly error: string;
  readonly isLoading: boolean;
  readonly again: () => void;
}

interface Rest<T> extends Page<T> { readonly of: unknown; readonly error: string }

const none: readonly never[] = [];

export function usePages<T, P extends Page<T>>(load: (cursor?: string) => Promise<P>, on: readonly unknown[]): Pages<T, P> {
  const first = useLoad(() => load(), on);
  const [kept, setKept] = useState<Rest<T>>();
  const now = useRef<P | undefined>(undefined);
  now.current = first.data;
  const rest = kept && kept.of === first.data ? kept : undefined;
  const next = rest ? rest.next : first.data?.next;
  const more = useCallback(async () => {
    const of = now.current;
    if (!of || !next) return;
    await load(next).then(
      (page) => now.current === of && setKept({ of, items: [...(rest?.items ?? none), ...page.items], next: page.next, error: "" }),
      (reason: Error) => now.current === of && setKept({ of, items: rest?.items ?? none, next: undefined, error: reason.message }),
    );
  }, [next, rest]);
  return {
    items: rest ? [...(first.data?.items ?? none), ...rest.items] : (first.data?.items ?? none),
    first: first.data, more: next && !first.isLoading ? more : undefined, error: first.error || (rest?.error ?? ""), isLoading: first.isLoading, again: first.again,
  };
}
