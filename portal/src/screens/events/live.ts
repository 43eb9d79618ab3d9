// SPDX-License-Identifier: Apache-2.0
// New events as they are told.
import { useCallback, useEffect, useState } from "preact/hooks";
import type { Event } from "~/app/api.ts";

const keep = 500;

export function useLive(isOn: boolean, query: string): readonly [readonly Event[], () => void] {
  const [events, set] = useState<readonly Event[]>([]);
  const clear = useCallback(() => set([]), []);
  useEffect(() => {
    if (!isOn) return;
    const source = new EventSource(`/v1/events/stream?${query}`);
    source.addEventListener("event", (told) => {
      const event = JSON.parse((told as MessageEvent<string>).data) as Event;
      set((old) => [event, ...old].slice(0, keep));
    });
    return () => source.close();
  }, [isOn, query]);
  return [events, clear];
}
