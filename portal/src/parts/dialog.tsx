// SPDX-License-Identifier: Apache-2.0
// A question that has to be answered before anything else: the browser's own dialog, which keeps the focus and closes by Escape.
import { useEffect, useId, useRef } from "preact/hooks";
import type { ComponentChildren } from "preact";

export function Dialog({ title, onClose, children, isWide = false }: { title: string; onClose: () => void; children: ComponentChildren; isWide?: boolean }) {
  const box = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const before = document.activeElement;
    box.current?.showModal();
    return () => { if (before instanceof HTMLElement && before.isConnected) before.focus(); };
  }, []);
  return (
    <dialog ref={box} class={isWide ? "wide" : undefined} aria-labelledby={heading} onClose={onClose}>
      <div class="head"><h2 id={heading}>{title}</h2><button type="button" class="quiet" aria-label="Close" onClick={() => box.current?.close()}>×</button></div>
      {children}
    </dialog>
  );
}
