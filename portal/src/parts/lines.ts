// SPDX-License-Identifier: Apache-2.0
// The shortest way from one text to another, line by line (Myers' greedy algorithm, its steps bounded).

export interface Line {
  readonly kind: "same" | "gone" | "new";
  readonly text: string;
  /** Numbers in the text before and after, from 1; 0: it is not in that one. */
  readonly before: number;
  readonly after: number;
}

const stepsMax = 1000;

/** Whether step STEPS came to diagonal K from above it, by what the step before had reached: diagonals -STEPS+1 … STEPS-1 at K + STEPS. */
const isDown = (reach: Int32Array, steps: number, k: number): boolean =>
  k === -steps || (k !== steps && reach[k - 1 + steps]! < reach[k + 1 + steps]!);

/** For each step, how far each diagonal had been reached before it; undefined when the texts have too little in common to be worth it. */
function walk(a: readonly string[], b: readonly string[]): readonly Int32Array[] | undefined {
  const trace: Int32Array[] = [];
  let reach = new Int32Array([0, 0, 0]);
  for (let steps = 0; steps <= Math.min(a.length + b.length, stepsMax); steps++) {
    trace.push(reach);
    const next = new Int32Array(2 * steps + 5).fill(-1);
    for (let k = -steps; k <= steps; k += 2) {
      let x = steps === 0 ? 0 : isDown(reach, steps, k) ? reach[k + 1 + steps]! : reach[k - 1 + steps]! + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      next[k + steps + 1] = x;
      if (x >= a.length && x - k >= b.length) return trace;
    }
    reach = next;
  }
  return undefined;
}

type Mark = readonly [kind: Line["kind"], text: string];

function middle(a: readonly string[], b: readonly string[]): Mark[] {
  const trace = walk(a, b);
  if (!trace) return [...a.map((text): Mark => ["gone", text]), ...b.map((text): Mark => ["new", text])];
  const marks: Mark[] = [];
  let x = a.length;
  let y = b.length;
  for (let steps = trace.length - 1; steps >= 0; steps--) {
    const reach = trace[steps]!;
    const k = x - y;
    const down = isDown(reach, steps, k);
    const from = down ? k + 1 : k - 1;
    const fromX = steps === 0 ? 0 : reach[from + steps]!;
    const fromY = steps === 0 ? 0 : fromX - from;
    while (x > fromX && y > fromY) { marks.push(["same", a[x - 1]!]); x -= 1; y -= 1; }
    if (steps > 0) marks.push(down ? ["new", b[y - 1]!] : ["gone", a[x - 1]!]);
    x = fromX;
    y = fromY;
  }
  return marks.reverse();
}

const split = (text: string): string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

/** All lines of both texts. */
export function compare(before: string, after: string): readonly Line[] {
  const a = split(before);
  const b = split(after);
  let head = 0;
  while (head < Math.min(a.length, b.length) && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const same = (lines: readonly string[]) => lines.map((text): Mark => ["same", text]);
  const marks = [...same(a.slice(0, head)), ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)), ...same(a.slice(a.length - tail))];
  let left = 0;
  let right = 0;
  return marks.map(([kind, text]) => ({ kind, text, before: kind === "new" ? 0 : ++left, after: kind === "gone" ? 0 : ++right }));
}
