// SPDX-License-Identifier: Apache-2.0
// What stands around an event: the request's timeline, and its neighbours by sender and by function.
import { api, must, type Event, type Schemas } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { Link } from "~/parts/link.tsx";
import { Sentence } from "~/parts/sentence.tsx";
import { Severity } from "~/parts/tag.tsx";
import { Time } from "~/parts/time.tsx";

type Whole = Schemas["EventWhole"];

/** How many events of a request are read whole, with their lines. */
const wholeMax = 20;

const request = async (event: Event): Promise<readonly Event[]> => (event.request ? (await must(api.GET("/v1/events", { params: { query: { request: event.request, limit: 50 } } }))).events : []);

/** The events of the request of EVENT, the earliest first, and the first of them whole. */
export async function loadRequest(event: Event): Promise<{ events: readonly Event[]; whole: readonly Whole[] }> {
  const events = [...await request(event)].reverse();
  const whole = await Promise.all(events.slice(0, wholeMax).map(({ id }) => must(api.GET("/v1/events/{id}", { params: { path: { id } } }))));
  return { events, whole };
}

export function Timeline({ event, events }: { event: Event; events: readonly Event[] }) {
  if (events.length < 2) return null;
  const begin = Date.parse(events[0]?.time ?? "");
  return (
    <section class="card span12"><h2>The request's timeline</h2>
      <ol class="timeline">{events.map((other) => (
        <li key={other.id} aria-current={other.id === event.id ? "true" : undefined}>
          <span class="soft" title={other.time}>+{Date.parse(other.time) - begin} ms</span> <Severity name={other.severity} /> <Link to={`/event/${other.id}`}>{other.type || other.kind}</Link> <span class="soft"><Sentence text={other.message} /></span>
        </li>
      ))}</ol>
    </section>
  );
}

function Latest({ title, events, to, own }: { title: string; events: readonly Event[]; to: string; own: string }) {
  const others = events.filter(({ id }) => id !== own).slice(0, 5);
  return (
    <section class="card span6"><div class="head"><h2>{title}</h2><Link to={to}>All</Link></div>
      {others.length === 0 ? <p class="soft">None but this one.</p> : (
        <ul class="near">{others.map((other) => (
          <li key={other.id}><Severity name={other.severity} /> <Link to={`/event/${other.id}`}>{other.type || other.kind}</Link> <span class="soft"><Time at={other.time} isRelative /> {other.function_name}</span></li>
        ))}</ul>
      )}
    </section>
  );
}

export function Neighbours({ event }: { event: Event }) {
  const { data } = useLoad(async () => Promise.all([
    event.source_ip ? must(api.GET("/v1/events", { params: { query: { source_ip: event.source_ip, limit: 6 } } })) : undefined,
    event.function ? must(api.GET("/v1/events", { params: { query: { function: event.function, limit: 6, ...(event.type ? { type: event.type } : {}) } } })) : undefined,
  ]), [event.id]);
  const [sender, kind] = data ?? [];
  return (
    <>
      {sender && <Latest title="Latest from this address" events={sender.events} own={event.id} to={`/events?source_ip=${encodeURIComponent(event.source_ip ?? "")}`} />}
      {kind && <Latest title="Latest of this kind on this function" events={kind.events} own={event.id} to={`/events?function=${event.function}${event.type ? `&type=${encodeURIComponent(event.type)}` : ""}`} />}
    </>
  );
}
