// SPDX-License-Identifier: Apache-2.0
// What the server says of a text while it is being written: asked when the keys have been still for a moment.
import { useEffect, useState } from "preact/hooks";
import { api, must, Refusal, type Problem } from "~/app/api.ts";

export interface Verdict {
  readonly state: "asking" | "good" | "wrong" | "none";
  readonly problem?: Problem;
}

const stillMs = 350;

export function useCheck(text: string, isWanted: boolean): Verdict {
  const [verdict, set] = useState<Verdict>({ state: "none" });
  useEffect(() => {
    if (!isWanted) return set({ state: "none" });
    let isLate = false;
    set((old) => ({ ...old, state: "asking" }));
    const timer = setTimeout(() => {
      must(api.POST("/v1/policies/check", { body: { body: text } })).then(
        () => !isLate && set({ state: "good" }),
        (reason: unknown) => !isLate && set({ state: "wrong", problem: reason instanceof Refusal ? reason.problem : { type: "", title: String(reason), status: 0 } }),
      );
    }, stillMs);
    return () => { isLate = true; clearTimeout(timer); };
  }, [text, isWanted]);
  return verdict;
}
