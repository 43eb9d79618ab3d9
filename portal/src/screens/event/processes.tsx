// SPDX-License-Identifier: Apache-2.0
// What the processes of a request did, as a tree: the runtime, what it started, what those started, and what each did.
import type { Schemas } from "~/app/api.ts";
import { Link } from "~/parts/link.tsx";
import { State } from "~/parts/tag.tsx";
import { readLine, type Activity } from "~/screens/event/line.ts";
import { processTree, type Node, type Step } from "~/screens/event/process_tree.ts";
import { sinkText } from "~/screens/event/flow.tsx";

type Whole = Schemas["EventWhole"];

function Arguments({ activity }: { activity: Activity }) {
  if (activity.arguments.length === 0) return activity.object ? <code class="clamp">{activity.object}</code> : null;
  return <ol class="words" aria-label="Arguments">{activity.arguments.map((word, at) => <li key={at}><code>{word}</code></li>)}</ol>;
}

/** What EVENT tells of; OWN is the one that the page is about. */
function Act({ step, own }: { step: Step<Whole>; own: string }) {
  const { event, activity } = step;
  const isHere = event.id === own;
  return (
    <div class={isHere ? "node here" : "node"} {...(isHere ? { "aria-current": "true" } : {})}>
      <span>{isHere ? <b>{sinkText(activity)}</b> : <Link to={`/event/${event.id}`}>{sinkText(activity)}</Link>} {event.action && <State name={event.action} />}</span>
      {activity.pid !== undefined && <span class="soft"> process {activity.pid}</span>}
      <Arguments activity={activity} />
    </div>
  );
}

const commandOf = ({ path, arguments: words }: Node<Whole>): string => (words.length > 1 ? words.slice(1).join(" ") : path ? "" : words.join(" "));

/** A process that no finding is about. */
function Known({ node }: { node: Node<Whole> }) {
  return (
    <div class="node">
      <span>{node.path ? <span class="mono">{node.path}</span> : <span class="soft">ended before it could be asked</span>} <span class="soft">process {node.pid}</span></span>
      {commandOf(node) && <code class="clamp soft">{commandOf(node)}</code>}
    </div>
  );
}

function Branch({ node, own }: { node: Node<Whole>; own: string }) {
  return (
    <li>{node.start ? <Act step={node.start} own={own} /> : <Known node={node} />}
      {node.acts.length + node.children.length > 0 && <Twigs node={node} own={own} />}</li>
  );
}

const Twigs = ({ node, own }: { node: Node<Whole>; own: string }) => (
  <ul>{node.acts.map((step) => <li key={step.event.id}><Act step={step} own={own} /></li>)}
    {node.children.map((child, at) => <Branch key={at} node={child} own={own} />)}</ul>
);

/** EVENT and others of its request. */
export function Processes({ event, others, runtime }: { event: Whole; others: readonly Whole[]; runtime: string }) {
  const seen = new Set([event.id]);
  const all = [event, ...others.filter(({ id }) => !seen.has(id) && seen.add(id))].flatMap((one): Step<Whole>[] => {
    const { activity, processes } = readLine(one.line);
    return activity ? [{ event: one, activity, processes }] : [];
  }).sort((a, b) => a.event.time.localeCompare(b.event.time));
  if (all.length === 0) return null;
  const root = processTree(all);
  return (
    <ul class="tree" aria-label="Processes">
      <li><div class="node"><span><b>{event.function_name ?? "the function"}</b> <span class="soft mono">{runtime}</span></span></div>
        <Twigs node={root} own={event.id} /></li>
    </ul>
  );
}
