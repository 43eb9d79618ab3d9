// SPDX-License-Identifier: Apache-2.0
// The processes of a request as a tree, put together from what each finding tells of its own. All of it is an attacker's text: any number
// may stand for any process, and nothing need fit.
import type { Activity, Process } from "~/screens/event/line.ts";

export interface Step<Event> { readonly event: Event; readonly activity: Activity; readonly processes: readonly Process[] }
export interface Node<Event> {
  readonly pid: number | undefined;
  path: string;
  arguments: readonly string[];
  /** Its start, where a finding tells of it. */
  start: Step<Event> | undefined;
  /** What else it did. */
  readonly acts: Step<Event>[];
  readonly children: Node<Event>[];
}

const isStart = ({ activity }: Step<unknown>): boolean => activity.kind === "process_start";
const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((word, at) => word === b[at]);

/** What STEPS, the earliest first, tell of; the root stands for the function. */
export function processTree<Event>(steps: readonly Step<Event>[]): Node<Event> {
  const made = (pid: number | undefined): Node<Event> => ({ pid, path: "", arguments: [], start: undefined, acts: [], children: [] });
  const root = made(undefined);
  /** Of each number the latest program: a process may start another in its own place. */
  const latest = new Map<number, Node<Event>>();
  const put = (parent: Node<Event>, pid: number | undefined): Node<Event> => {
    const node = made(pid);
    parent.children.push(node);
    if (pid !== undefined) latest.set(pid, node);
    return node;
  };
  const nearest = (processes: readonly Process[]): Node<Event> =>
    processes.reduceRight((parent, process) => {
      const node = latest.get(process.pid) ?? put(parent, process.pid);
      if (!node.path) node.path = process.path;
      if (node.arguments.length === 0) node.arguments = process.arguments;
      return node;
    }, root);
  for (const step of steps) {
    const { activity } = step;
    const actor = nearest(step.processes);
    const known = activity.pid === undefined ? undefined : latest.get(activity.pid);
    if (!isStart(step)) {
      (step.processes.length > 0 ? actor : known ?? root).acts.push(step);
    } else if (known && known.start && known.path === activity.subject && same(known.arguments, activity.arguments)) {
      known.acts.push(step); // the same start, told again for another reason
    } else {
      const node = put(actor, activity.pid);
      node.path = activity.subject;
      node.arguments = activity.arguments;
      node.start = step;
    }
  }
  return root;
}
