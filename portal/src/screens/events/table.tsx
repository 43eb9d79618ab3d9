// SPDX-License-Identifier: Apache-2.0
import { useCallback } from "preact/hooks";
import type { Event } from "~/app/api.ts";
import { Gap } from "~/parts/gap.tsx";
import { Link } from "~/parts/link.tsx";
import { useRows } from "~/parts/keys.ts";
import { Sentence } from "~/parts/sentence.tsx";
import { Severity, State } from "~/parts/tag.tsx";
import { Time } from "~/parts/time.tsx";
import { isNearEnd, useEnd, useWindowed } from "~/parts/windowed.ts";

/** Of a row, as style.css has it. */
const rowHeight = 62;
const columns = ["Time", "Severity", "What", "Function", "From", "Action"];

function Row({ event, at, isChosen, onOpen }: { event: Event; at: number; isChosen: boolean; onOpen: (event: Event) => void }) {
  return (
    <tr aria-selected={isChosen} aria-rowindex={at + 2} onClick={(click) => (click.target as Element).closest("a") === null && onOpen(event)}>
      <td class="when"><Time at={event.time} /></td>
      <td><Severity name={event.severity} /></td>
      <td><Link to={`/event/${event.id}`}>{event.type || event.kind}</Link><div class="soft cut" title={event.message}><Sentence text={event.message} /></div></td>
      <td>{event.function ? <Link to={`/functions/${event.function}`}>{event.function_name ?? event.function}</Link> : ""}</td>
      <td class="mono">{event.source_ip ?? ""}</td>
      <td>{event.action ? <State name={event.action} /> : ""} {event.status !== "open" && <span class="tag">{event.status.replace("_", " ")}</span>}</td>
    </tr>
  );
}

/** MORE brings the page behind, when there is one: it is called as one gets there. */
export function EventTable({ events, onOpen, more }: { events: readonly Event[]; onOpen: (event: Event) => void; more?: (() => Promise<void>) | undefined }) {
  const open = useCallback((at: number) => {
    const event = events[at];
    if (event) onOpen(event);
  }, [events]);
  const part = useWindowed(events.length, rowHeight);
  const chosen = useRows(events.length, open, part.reveal);
  useEnd(isNearEnd(part, events.length), more);
  return (
    <div class="scroll card" tabIndex={0}>
      <table class="events windowed" aria-rowcount={more ? -1 : events.length + 1}>
        <thead><tr>{columns.map((name) => <th key={name}>{name}</th>)}</tr></thead>
        <tbody ref={part.body}>
          <Gap pixels={part.above} columns={columns.length} />
          {events.slice(part.from, part.to).map((event, n) => <Row key={event.id} event={event} at={part.from + n} isChosen={part.from + n === chosen} onOpen={onOpen} />)}
          <Gap pixels={part.below} columns={columns.length} />
        </tbody>
      </table>
    </div>
  );
}
