// SPDX-License-Identifier: Apache-2.0
// Keys: j and k move in lists, Enter opens, / searches.
import { useEffect, useRef, useState } from "preact/hooks";

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "SELECT", "TEXTAREA"].includes(target.tagName));
/** What Enter presses by itself. */
const isPressed = (target: EventTarget | null): boolean => target instanceof HTMLElement && ["BUTTON", "A", "SUMMARY"].includes(target.tagName);

const isOrdinary = (event: KeyboardEvent): boolean => !event.metaKey && !event.ctrlKey && !event.altKey && !isTyping(event.target) && !document.querySelector("dialog[open]");

/** The key / goes to the search of the screen, where there is one. */
export function useSearchKey(): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const field = event.key === "/" && isOrdinary(event) ? document.querySelector<HTMLInputElement>("[data-search]") : null;
      if (!field) return;
      event.preventDefault();
      field.focus();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
}

export function useRows(count: number, open: (at: number) => void, reveal?: (at: number) => void): number {
  const [at, setAt] = useState(-1);
  const now = useRef({ at, count, open });
  now.current = { at, count, open };
  useEffect(() => {
    // Keys may come faster than rows are drawn.
    const move = (to: number) => { now.current.at = to; setAt(to); };
    const listen = (event: KeyboardEvent) => {
      const { at, count, open } = now.current;
      if (!isOrdinary(event)) return;
      if (event.key === "j") move(Math.min(at + 1, count - 1));
      else if (event.key === "k") move(Math.max(at - 1, 0));
      else if (event.key === "Enter" && at >= 0 && !isPressed(event.target)) open(at);
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
  useEffect(() => {
    if (at >= 0 && reveal) reveal(at);
    else document.querySelector('tr[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [at]);
  return at;
}
