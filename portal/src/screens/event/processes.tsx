// SPDX-License-Identifier: Apache-2.0
// What the processes of a request did, as a tree: the runtime, the processes that findings tell of, and what each did.
import type { Schemas } from "~/app/api.ts";
import { Link } from "~/parts/link.tsx";
import { State } from "~/parts/tag.tsx";
import { readLine, type Activity } from "~/screens/event/line.ts";
import { sinkText } from "~/screens/event/flow.tsx";

type Whole = Schemas["EventWhole"];
interface Step { readonly event: Whole; readonly activity: Activity }

const isStart = ({ activity }: Step): boolean => activity.kind === "process_start";

function Arguments({ activity }: { activity: Activity }) {
  if (activity.arguments.length === 0) return activity.object ? <code class="clamp">{activity.object}</code> : null;
  return <ol class="words" aria-label="Arguments">{activity.arguments.map((word, at) => <li key={at}><code>{word}</code></li>)}</ol>;
}

function Node({ step, own }: { step: Step; own: string }) {
  const { event, activity } = step;
  return (
    <div class={event.id === own ? "node here" : "node"}>
      <span>{event.id === own ? <b>{sinkText(activity)}</b> : <Link to={`/event/${event.id}`}>{sinkText(activity)}</Link>} {event.action && <State name={event.action} />}</span>
      {activity.pid !== undefined && <span class="soft"> process {activity.pid}</span>}
      <Arguments activity={activity} />
    </div>
  );
}

/** EVENT and others of its request. */
export function Processes({ event, others, runtime }: { event: Whole; others: readonly Whole[]; runtime: string }) {
  const seen = new Set([event.id]);
  const all = [event, ...others.filter(({ id }) => !seen.has(id) && seen.add(id))].flatMap((one): Step[] => {
    const { activity } = readLine(one.line);
    return activity ? [{ event: one, activity }] : [];
  }).sort((a, b) => a.event.time.localeCompare(b.event.time));
  if (all.length === 0) return null;
  const starts = all.filter(isStart);
  const pids = new Set(starts.map(({ activity }) => activity.pid));
  const rest = all.filter((step) => !isStart(step));
  const of = (pid: number | undefined) => rest.filter(({ activity }) => activity.pid === pid);
  return (
    <ul class="tree">
      <li><div class="node"><span><b>{event.function_name ?? "the function"}</b> <span class="soft mono">{runtime}</span></span></div>
        <ul>
          {rest.filter(({ activity }) => activity.pid === undefined || !pids.has(activity.pid)).map((step) => <li key={step.event.id}><Node step={step} own={event.id} /></li>)}
          {starts.map((step) => (
            <li key={step.event.id}><Node step={step} own={event.id} />
              {step.activity.pid !== undefined && starts.findIndex(({ activity }) => activity.pid === step.activity.pid) === starts.indexOf(step) && of(step.activity.pid).length > 0 && (
                <ul>{of(step.activity.pid).map((inner) => <li key={inner.event.id}><Node step={inner} own={event.id} /></li>)}</ul>
              )}</li>
          ))}
        </ul>
      </li>
    </ul>
  );
}
