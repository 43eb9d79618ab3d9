// SPDX-License-Identifier: Apache-2.0
// Long lists: only the rows around what is seen are in the document, all of one height, and what comes behind is asked of the
// server as one gets there.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { RefObject } from "preact";

/** Rows beyond the window's ends, and the step in which the part is moved. */
const beyond = 16;
const step = 8;
/** How many rows before the end the next page is asked for. */
const near = 40;

export interface Windowed {
  readonly body: RefObject<HTMLTableSectionElement | null>;
  readonly from: number;
  readonly to: number;
  /** Pixels of the rows that are left out above and below. */
  readonly above: number;
  readonly below: number;
  readonly reveal: (at: number) => void;
}

export function useWindowed(count: number, height: number): Windowed {
  const body = useRef<HTMLTableSectionElement>(null);
  const [first, setFirst] = useState(0);
  const [seen, setSeen] = useState(() => Math.ceil(innerHeight / height));
  useEffect(() => {
    let frame = 0;
    const look = () => {
      frame = 0;
      const top = body.current?.getBoundingClientRect().top ?? 0;
      setFirst(Math.max(0, Math.floor(-top / height / step) * step));
      setSeen(Math.ceil(innerHeight / height));
    };
    const listen = () => { frame ||= requestAnimationFrame(look); };
    addEventListener("scroll", listen, { passive: true });
    addEventListener("resize", listen);
    return () => {
      removeEventListener("scroll", listen);
      removeEventListener("resize", listen);
      cancelAnimationFrame(frame);
    };
  }, [height]);
  const reveal = useCallback((at: number) => {
    const top = (body.current?.getBoundingClientRect().top ?? 0) + at * height;
    const head = document.querySelector(".top")?.getBoundingClientRect().bottom ?? 0;
    if (top < head) scrollBy(0, top - head);
    else if (top + height > innerHeight) scrollBy(0, top + height - innerHeight);
  }, [height]);
  const from = Math.max(0, Math.min(first - beyond, count));
  const to = Math.min(count, first + seen + beyond + step);
  return { body, from, to, above: from * height, below: (count - to) * height, reveal };
}

/** Call MORE when the last rows come near and there are more. */
export function useEnd(isNear: boolean, more: (() => Promise<void>) | undefined): void {
  const isAsking = useRef(false);
  useEffect(() => {
    if (!isNear || !more || isAsking.current) return;
    isAsking.current = true;
    void more().finally(() => { isAsking.current = false; });
  }, [isNear, more]);
}

export const isNearEnd = ({ to }: Windowed, count: number): boolean => to + near >= count;
