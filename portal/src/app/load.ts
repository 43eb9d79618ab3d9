// SPDX-License-Identifier: Apache-2.0
// Data of a screen: loaded when what it depends on changes, loaded anew on demand, never shown when it came too late.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Refusal } from "~/app/api.ts";

export interface Loaded<T> {
  readonly data: T | undefined;
  readonly error: string;
  readonly isLoading: boolean;
  readonly again: () => void;
}

export function useLoad<T>(load: () => Promise<T>, on: readonly unknown[]): Loaded<T> {
  const [state, set] = useState<{ data: T | undefined; error: string; isLoading: boolean }>({ data: undefined, error: "", isLoading: true });
  const [round, setRound] = useState(0);
  const turn = useRef(0);
  useEffect(() => {
    const mine = ++turn.current;
    set((old) => ({ ...old, isLoading: true }));
    load().then(
      (data) => mine === turn.current && set({ data, error: "", isLoading: false }),
      (reason: unknown) => mine === turn.current && set({ data: undefined, error: reason instanceof Refusal ? reason.message : String(reason), isLoading: false }),
    );
  }, [...on, round]);
  const again = useCallback(() => setRound((n) => n + 1), []);
  return { ...state, again };
}
