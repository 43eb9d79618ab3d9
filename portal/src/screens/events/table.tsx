// SPDX-License-Identifier: Apache-2.0
import { useCallback } from "preact/hooks";
import type { Event } from "~/app/api.ts";
import { Link } from "~/parts/link.tsx";
import { useRows } from "~/parts/keys.ts";
import { Sentence } from "~/parts/sentence.tsx";
import { Severity, State } from "~/parts/tag.tsx";
import { Time } from "~/parts/time.tsx";

export function EventTable({ events, onOpen }: { events: readonly Event[]; onOpen: (event: Event) => void }) {
  const open = useCallback((at: number) => {
    const event = events[at];
    if (event) onOpen(event);
  }, [events]);
  const chosen = useRows(events.length, open);
  return (
    <div class="scroll card">
      <table class="events">
        <thead><tr><th>Time</th><th>Severity</th><th>What</th><th>Function</th><th>From</th><th>Action</th></tr></thead>
        <tbody>
          {events.map((event, at) => (
            <tr key={event.id} aria-selected={at === chosen} onClick={(click) => (click.target as Element).closest("a") === null && onOpen(event)}>
              <td class="when"><Time at={event.time} /></td>
              <td><Severity name={event.severity} /></td>
              <td><Link to={`/event/${event.id}`}>{event.type || event.kind}</Link><div class="soft clamp"><Sentence text={event.message} /></div></td>
              <td>{event.function ? <Link to={`/functions/${event.function}`}>{event.function_name ?? event.function}</Link> : ""}</td>
              <td class="mono">{event.source_ip ?? ""}</td>
              <td>{event.action ? <State name={event.action} /> : ""}{event.status !== "open" && <span class="tag">{event.status.replace("_", " ")}</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
