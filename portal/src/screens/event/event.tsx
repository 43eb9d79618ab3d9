// SPDX-License-Identifier: Apache-2.0
// One event, the plain sentence first.
import { api, must, type Schemas } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { Link } from "~/parts/link.tsx";
import { Problem } from "~/parts/problem.tsx";
import { Sentence } from "~/parts/sentence.tsx";
import { Severity, State } from "~/parts/tag.tsx";
import { Time } from "~/parts/time.tsx";
import { readLine } from "~/screens/event/line.ts";
import { Actions } from "~/screens/event/actions.tsx";
import { Neighbours, Timeline, loadRequest } from "~/screens/event/around.tsx";
import { Flow, Marked } from "~/screens/event/flow.tsx";
import { Known } from "~/screens/event/known.tsx";
import { Processes } from "~/screens/event/processes.tsx";

type Whole = Schemas["EventWhole"];

const trust: Readonly<Record<string, string>> = {
  yes: "The line is signed by the agent, and whole.", no: "Lines of this sandbox were forged or changed.",
  pending: "Its signature has not come yet.", unsigned: "The agent of this sandbox signs nothing.",
};

function Facts({ event }: { event: Whole }) {
  return (
    <dl class="facts">
      <dt>Time</dt><dd><Time at={event.time} /></dd>
      <dt>Function</dt><dd>{event.function ? <Link to={`/functions/${event.function}`}>{event.function_name ?? event.function}</Link> : "unknown"} <span class="soft">{event.account} {event.region}</span></dd>
      {event.source_ip && <><dt>From</dt><dd><Link to={`/events?source_ip=${encodeURIComponent(event.source_ip)}`}>{event.source_ip}</Link></dd></>}
      {event.request && <><dt>Request</dt><dd><Link to={`/events?request=${encodeURIComponent(event.request)}`}><span class="mono">{event.request}</span></Link></dd></>}
      <dt>Why</dt><dd>{event.control}{event.reason ? `: ${event.reason.replaceAll("_", " ")}` : ""}</dd>
      <dt>Trust</dt><dd>{trust[event.authentic]}</dd>
    </dl>
  );
}

export default function EventScreen({ id }: { id: string }) {
  const { data: event, error, again } = useLoad(() => must(api.GET("/v1/events/{id}", { params: { path: { id } } })), [id]);
  const { data: request } = useLoad(async () => (event ? loadRequest(event) : undefined), [event?.id]);
  const { data: row } = useLoad(async () => (event?.function ? must(api.GET("/v1/functions/{id}", { params: { path: { id: event.function } } })) : undefined), [event?.function]);
  if (error) return <Problem text={error} />;
  if (!event || event.id !== id) return <p class="soft" role="status">Loading…</p>;
  const line = readLine(event.line);
  return (
    <>
      <p class="soft"><Link to="/events">Events</Link> / {event.type || event.kind}</p>
      <h1 class="sentence"><Sentence text={event.message || event.type || `${event.kind}`} /></h1>
      <p class="row"><Severity name={event.severity} />{event.action && <State name={event.action} />}<span class="tag">{event.status.replace("_", " ")}</span>
        {line.confidence && <span class="soft">{line.confidence} confidence</span>}{line.isCited && <span class="soft">The text only mentions the attack.</span>}</p>
      <Actions event={event} line={line} onDone={again} />
      <div class="grid">
        {line.input && <section class="card span12"><h2>From input to sink</h2><Flow event={event} line={line} /></section>}
        {line.input && <section class="card span12"><h2>Input: <span class="mono">{line.input.path}</span>{line.input.isMasked && <span class="soft"> (what stands around is masked)</span>}</h2><Marked input={line.input} /></section>}
        <section class="card span6"><h2>What and where</h2><Facts event={event} /></section>
        <section class="card span6"><h2>Known as</h2><Known line={line} />{line.rule && <p>Decided by {line.rule.name ? <>the rule <b>{line.rule.name}</b></> : "a rule without a name"}{line.rule.reason && <>: {line.rule.reason}</>}.</p>}</section>
        {line.activity && <section class="card span12"><h2>What the function did</h2><Processes event={event} others={request?.whole ?? []} runtime={row?.runtime ?? ""} /></section>}
        {request && <Timeline event={event} events={request.events} />}
        <Neighbours event={event} />
        <section class="card span12"><details><summary>The line of the log</summary><pre class="value" tabIndex={0}>{JSON.stringify(event.line, null, 2)}</pre></details></section>
      </div>
    </>
  );
}
