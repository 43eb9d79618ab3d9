// SPDX-License-Identifier: Apache-2.0
// All events, the latest first.
import { useEffect, useState } from "preact/hooks";
import { api, must, type Event } from "~/app/api.ts";
import { usePages, type Page } from "~/app/pages.ts";
import { go, place } from "~/app/router.ts";
import { Chips, Choices, Search } from "~/parts/filters.tsx";
import { Problem } from "~/parts/problem.tsx";
import { Brush } from "~/screens/events/brush.tsx";
import { Groups } from "~/screens/events/groups.tsx";
import { useLive } from "~/screens/events/live.ts";
import { eventQuery, filters } from "~/screens/events/query.ts";
import { EventTable } from "~/screens/events/table.tsx";
import { Views } from "~/screens/events/views.tsx";

const open = (event: Event) => go(`/event/${event.id}`);

const pageSize = 100;
const patience = 20;

/** A page; the server ends a long search early, and it is gone on with. */
async function load(cursor?: string): Promise<Page<Event>> {
  const events: Event[] = [];
  let next = cursor;
  for (let turn = 0; turn < patience; turn++) {
    const page = await must(api.GET("/v1/events", { params: { query: { ...eventQuery(), limit: pageSize - events.length, ...(next ? { cursor: next } : {}) } } }));
    events.push(...page.events);
    next = page.next;
    if (!next || !page.is_partial || events.length >= pageSize) break;
  }
  return { items: events, next };
}

export default function EventsScreen() {
  const key = new URLSearchParams(eventQuery()).toString();
  const pages = usePages<Event, Page<Event>>(load, [key]);
  const [isLive, setLive] = useState(false);
  const [fresh, clearFresh] = useLive(isLive, key);
  useEffect(clearFresh, [pages.first]);
  const ids = new Set(fresh.map(({ id }) => id));
  const events = fresh.length > 0 ? [...fresh, ...pages.items.filter(({ id }) => !ids.has(id))] : pages.items;
  return (
    <>
      <div class="head"><h1>Events</h1>
        <div class="row">
          <label><input type="checkbox" checked={isLive} onChange={(event) => setLive(event.currentTarget.checked)} /> Live</label>
          <Views />
          <a class="button" href={`/v1/events/export?format=csv&${key}`} download>CSV</a>
          <a class="button" href={`/v1/events/export?format=ndjson&${key}`} download>NDJSON</a>
        </div>
      </div>
      <div class="row"><Search name="text" label="Search messages and subjects" /><Choices filters={filters} /></div>
      <Chips filters={filters} />
      <Brush />
      <Groups />
      <Problem text={pages.error} />
      <EventTable events={events} onOpen={open} more={pages.more} />
      {!pages.isLoading && events.length === 0 && <p class="soft empty">{place.value.query.toString() ? "No event is like that." : "Nothing was found yet."}</p>}
    </>
  );
}
