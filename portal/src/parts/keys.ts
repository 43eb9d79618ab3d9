// SPDX-License-Identifier: Apache-2.0
// Keys of lists: j and k move, Enter opens, / searches.
import { useEffect, useState } from "preact/hooks";

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "SELECT", "TEXTAREA", "BUTTON", "A"].includes(target.tagName));

export function useRows(count: number, open: (at: number) => void): number {
  const [at, setAt] = useState(-1);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      if (event.key === "/") document.querySelector<HTMLInputElement>("[data-search]")?.focus();
      else if (event.key === "j") setAt((n) => Math.min(n + 1, count - 1));
      else if (event.key === "k") setAt((n) => Math.max(n - 1, 0));
      else if (event.key === "Enter" && at >= 0) open(at);
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, [count, at, open]);
  useEffect(() => {
    document.querySelector('tr[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [at]);
  return at;
}
