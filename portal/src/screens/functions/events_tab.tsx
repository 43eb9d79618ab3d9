// SPDX-License-Identifier: Apache-2.0
import { api, must } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { go } from "~/app/router.ts";
import { Link } from "~/parts/link.tsx";
import { Problem } from "~/parts/problem.tsx";
import { EventTable } from "~/screens/events/table.tsx";
import type { TabProps } from "~/screens/functions/function.tsx";

export function EventsTab({ row }: TabProps) {
  const { data, error } = useLoad(() => must(api.GET("/v1/events", { params: { query: { function: row.id, limit: 50 } } })), [row.id]);
  return (
    <>
      <p><Link to={`/events?function=${row.id}`}>Show them on the page of all events</Link></p>
      <Problem text={error} />
      <EventTable events={data?.events ?? []} onOpen={(event) => go(`/event/${event.id}`)} />
      {data?.events.length === 0 && <p class="soft empty">Nothing was found in this function.</p>}
    </>
  );
}
