// SPDX-License-Identifier: Apache-2.0
// One event, the plain sentence first.
import { useState } from "preact/hooks";
import { api, must, type Schemas } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { may } from "~/app/session.ts";
import { Link } from "~/parts/link.tsx";
import { Problem } from "~/parts/problem.tsx";
import { Severity, State } from "~/parts/tag.tsx";
import { Time } from "~/parts/time.tsx";
import { readLine } from "~/screens/event/line.ts";
import { Flow, Known, Marked, Process } from "~/screens/event/parts.tsx";

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

function Actions({ event, onDone }: { event: Whole; onDone: () => void }) {
  const [problem, setProblem] = useState("");
  const set = async (status: Schemas["Status"]) => {
    await must(api.PATCH("/v1/events/{id}", { params: { path: { id: event.id } }, body: { status } })).then(onDone, (reason: Error) => setProblem(reason.message));
  };
  if (!may("analyst")) return null;
  return (
    <div class="row">
      {event.status === "open"
        ? <><button type="button" onClick={() => void set("false_alarm")}>Mark as false alarm</button><button type="button" onClick={() => void set("resolved")}>Resolve</button></>
        : <button type="button" onClick={() => void set("open")}>Open again</button>}
      <Problem text={problem} />
    </div>
  );
}

function Neighbours({ event }: { event: Whole }) {
  const { data } = useLoad(async () => (event.request
    ? must(api.GET("/v1/events", { params: { query: { request: event.request, limit: 50 } } })) : { events: [] }), [event.id]);
  const others = data?.events ?? [];
  if (others.length < 2) return null;
  return (
    <section class="card span12"><h2>The request's timeline</h2>
      <ol class="timeline">{[...others].reverse().map((other) => (
        <li key={other.id} aria-current={other.id === event.id ? "true" : undefined}>
          <Time at={other.time} /> <Severity name={other.severity} /> <Link to={`/event/${other.id}`}>{other.type}</Link> <span class="soft">{other.message}</span>
        </li>
      ))}</ol>
    </section>
  );
}

export default function EventScreen({ id }: { id: string }) {
  const { data: event, error, again } = useLoad(() => must(api.GET("/v1/events/{id}", { params: { path: { id } } })), [id]);
  if (error) return <Problem text={error} />;
  if (!event) return <p class="soft" role="status">Loading…</p>;
  const line = readLine(event.line);
  return (
    <>
      <p class="soft"><Link to="/events">Events</Link> / {event.type}</p>
      <h1 class="sentence">{event.message || event.type}</h1>
      <p class="row"><Severity name={event.severity} />{event.action && <State name={event.action} />}<span class="tag">{event.status.replace("_", " ")}</span>
        {line.confidence && <span class="soft">{line.confidence} confidence</span>}{line.isCited && <span class="soft">The text only mentions the attack.</span>}</p>
      <Actions event={event} onDone={again} />
      <div class="grid">
        <section class="card span6"><h2>What and where</h2><Facts event={event} /></section>
        <section class="card span6"><h2>Known as</h2><Known line={line} />{line.rule && <p>Decided by the rule <b>{line.rule}</b>.</p>}</section>
        {line.input && <section class="card span12"><h2>Input: <span class="mono">{line.input.path}</span>{line.input.isMasked && <span class="soft"> (masked)</span>}</h2><Marked input={line.input} /></section>}
        {line.input && line.activity && <section class="card span12"><h2>From input to sink</h2><Flow line={line} functionName={event.function_name ?? "function"} /></section>}
        {line.activity && <section class="card span12"><h2>What the function did</h2><Process activity={line.activity} /></section>}
        <Neighbours event={event} />
        <section class="card span12"><details><summary>The line of the log</summary><pre class="value" tabIndex={0}>{JSON.stringify(event.line, null, 2)}</pre></details></section>
      </div>
    </>
  );
}
