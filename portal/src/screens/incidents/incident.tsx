// SPDX-License-Identifier: Apache-2.0
// One incident as a timeline.
import { useState } from "preact/hooks";
import { api, must, type Schemas } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { may } from "~/app/session.ts";
import { count } from "~/app/show.ts";
import { Link } from "~/parts/link.tsx";
import { Problem } from "~/parts/problem.tsx";
import { Sentence } from "~/parts/sentence.tsx";
import { Severity, State } from "~/parts/tag.tsx";
import { Time } from "~/parts/time.tsx";
import { techniqueName } from "~/screens/event/known.tsx";
import { readLine } from "~/screens/event/line.ts";
import { sinkText } from "~/screens/event/flow.tsx";

export function IncidentPage({ id }: { id: string }) {
  const { data: incident, error, again } = useLoad(() => must(api.GET("/v1/incidents/{id}", { params: { path: { id } } })), [id]);
  const [problem, setProblem] = useState("");
  if (error) return <Problem text={error} />;
  if (!incident) return <p class="soft" role="status">Loading…</p>;
  const set = async (status: Schemas["Status"]) => {
    await must(api.PATCH("/v1/incidents/{id}", { params: { path: { id } }, body: { status } })).then(again, (reason: Error) => setProblem(reason.message));
  };
  return (
    <>
      <p class="soft"><Link to="/incidents">Incidents</Link> / {incident.id}</p>
      <h1 class="sentence"><Sentence text={incident.title || (incident.kind ?? "")} /></h1>
      <p class="row"><Severity name={incident.severity} /><span class="tag">{incident.status.replace("_", " ")}</span>
        <span class="soft">{count(incident.events)} events, {count(incident.blocked ?? 0)} blocked, {incident.source_ip && <>from <Link to={`/events?source_ip=${encodeURIComponent(incident.source_ip)}`}>{incident.source_ip}</Link>, </>}<Time at={incident.first} /> to <Time at={incident.last} /></span></p>
      {may("analyst") && <div class="row">{incident.status === "open"
        ? <><button type="button" onClick={() => void set("resolved")}>Resolve</button><button type="button" onClick={() => void set("false_alarm")}>False alarm</button></>
        : <button type="button" onClick={() => void set("open")}>Open again</button>}<Problem text={problem} /></div>}
      {incident.attack && incident.attack.length > 0 && <section class="card"><h2>ATT&amp;CK path</h2><ol class="path">{incident.attack.map((technique) => <li key={technique}>{technique} <span class="soft">{techniqueName(technique)}</span></li>)}</ol></section>}
      <section class="card"><h2>Timeline</h2>
        <ol class="timeline">{incident.timeline.map((event) => {
          const { input, activity } = readLine(event.line);
          return (
            <li key={event.id}><Time at={event.time} /> <Severity name={event.severity} /> {event.action && <State name={event.action} />} <Link to={`/event/${event.id}`}>{event.type}</Link>
              <div><Sentence text={event.message} /></div>
              <div class="soft mono clamp">{input ? `${input.path}: ${input.convicting}` : ""}{activity ? ` ${sinkText(activity)}` : ""}</div></li>
          );
        })}</ol></section>
    </>
  );
}
