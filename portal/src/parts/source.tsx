// SPDX-License-Identifier: Apache-2.0
// A text being written, with numbers of lines and a mark where something is wrong.
import { useEffect, useRef } from "preact/hooks";

export interface Place { readonly line: number; readonly column: number }

/** Where LINE and COLUMN (in bytes of UTF-8, as the server counts) stand in TEXT. */
export function offsetOf(text: string, { line, column }: Place): number {
  let at = 0;
  for (let n = 1; n < line; n++) {
    const end = text.indexOf("\n", at);
    if (end < 0) return text.length;
    at = end + 1;
  }
  const end = text.indexOf("\n", at);
  const bytes = new TextEncoder().encode(text.slice(at, end < 0 ? text.length : end)).slice(0, Math.max(column - 1, 0));
  return at + new TextDecoder().decode(bytes).length;
}

export function goTo(area: HTMLTextAreaElement, place: Place): void {
  const at = offsetOf(area.value, place);
  area.focus();
  area.setSelectionRange(at, at);
  area.scrollTop = Math.max(0, (place.line - 5) * parseFloat(getComputedStyle(area).lineHeight));
}

export function Source({ text, wrong, isFixed = false, label, onText }: {
  text: string; wrong?: Place | undefined; isFixed?: boolean; label: string; onText: (text: string) => void;
}) {
  const area = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const scroll = () => { if (gutter.current && area.current) gutter.current.scrollTop = area.current.scrollTop; };
  useEffect(scroll, [text]);
  const lines = text.split("\n").length;
  return (
    <div class="source">
      <div class="gutter" ref={gutter} aria-hidden="true">
        {Array.from({ length: lines }, (_, at) => <span key={at} class={wrong?.line === at + 1 ? "wrong" : undefined}>{at + 1}</span>)}
      </div>
      <textarea ref={area} value={text} readOnly={isFixed} aria-label={label} aria-invalid={wrong !== undefined} spellcheck={false} autocomplete="off" autocapitalize="off" wrap="off"
        rows={Math.min(Math.max(lines + 1, 18), 40)} onScroll={scroll} onInput={(event) => onText(event.currentTarget.value)} />
    </div>
  );
}
