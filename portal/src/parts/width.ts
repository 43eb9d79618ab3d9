// SPDX-License-Identifier: Apache-2.0
// How wide an element is, in pixels: charts are drawn in them, so that their letters are of one size on every screen.
import { useCallback, useRef, useState } from "preact/hooks";

const unknown = 860;
const least = 240;

export function useWidth(): readonly [number, (element: HTMLElement | null) => void] {
  const [width, set] = useState(unknown);
  const observer = useRef<ResizeObserver | undefined>(undefined);
  const hold = useCallback((element: HTMLElement | null) => {
    observer.current?.disconnect();
    if (!element) return;
    observer.current = new ResizeObserver(() => set(Math.max(least, Math.round(element.clientWidth))));
    observer.current.observe(element);
  }, []);
  return [width, hold];
}
