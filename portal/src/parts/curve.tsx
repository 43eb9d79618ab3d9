// SPDX-License-Identifier: Apache-2.0
// Numbers that fall by orders of magnitude, as a curve on logarithmic axes with the line that they have to get below; a table behind it.
import { useState } from "preact/hooks";
import { count } from "~/app/show.ts";

export interface Point { readonly x: number; readonly y: number; readonly says: string }

/** Drawn smaller where there is little room, so that its words stay as large as the others. */
const widthNow = (): number => (matchMedia("(max-width: 760px)").matches ? 400 : 860);
const height = 240;
const left = 62;
const right = 30;
const top = 14;
const bottom = 42;

const powers = (from: number, to: number): readonly number[] => Array.from({ length: to - from + 1 }, (_, at) => 10 ** (from + at));
const floor = (n: number): number => Math.floor(Math.log10(n) + 1e-9);
const ceil = (n: number): number => Math.ceil(Math.log10(n) - 1e-9);

export const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`;

export function Curve({ points, goal, goalName, xName, yName, label }: { points: readonly Point[]; goal: number; goalName: string; xName: string; yName: string; label: string }) {
  const width = widthNow();
  const [near, setNear] = useState<number>();
  const xs = points.map(({ x }) => Math.max(x, 1));
  const x0 = floor(Math.min(...xs));
  const x1 = Math.max(ceil(Math.max(...xs)), x0 + 1);
  const y0 = floor(Math.min(goal, ...points.map(({ y }) => Math.max(y, goal / 10))));
  const y1 = Math.max(ceil(Math.max(goal, ...points.map(({ y }) => y))), y0 + 1);
  const x = (n: number) => left + ((Math.log10(Math.max(n, 1)) - x0) / (x1 - x0)) * (width - left - right);
  const y = (n: number) => top + ((y1 - Math.log10(Math.max(n, 10 ** y0))) / (y1 - y0)) * (height - top - bottom);
  const find = (event: MouseEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * width;
    setNear(points.reduce((best, point, n) => (Math.abs(x(point.x) - at) < Math.abs(x(points[best]!.x) - at) ? n : best), 0));
  };
  const shown = near === undefined ? undefined : points[near];
  return (
    <figure class="curve">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label} onMouseMove={find} onMouseLeave={() => setNear(undefined)}>
        {powers(y0, y1).map((n) => <g key={n} class="axis"><line x1={left} x2={width - right} y1={y(n)} y2={y(n)} /><text x={left - 8} y={y(n) + 4} text-anchor="end">{percent(n)}</text></g>)}
        {powers(x0, x1).map((n) => <g key={n} class="axis"><line x1={x(n)} x2={x(n)} y1={top} y2={height - bottom} /><text x={x(n)} y={height - bottom + 16} text-anchor="middle">{count(n)}</text></g>)}
        <text x={(left + width - right) / 2} y={height - 6} text-anchor="middle">{xName}</text>
        <text x={0} y={0} text-anchor="middle" transform={`translate(12 ${(top + height - bottom) / 2}) rotate(-90)`}>{yName}</text>
        <line class="goal" x1={left} x2={width - right} y1={y(goal)} y2={y(goal)} />
        <text class="goal-name" x={width - right} y={y(goal) - 5} text-anchor="end">{goalName}</text>
        <polyline points={points.map((point) => `${x(point.x)},${y(point.y)}`).join(" ")} />
        {points.map((point, at) => <circle key={point.x} cx={x(point.x)} cy={y(point.y)} r={at === near ? 5 : 3}><title>{point.says}</title></circle>)}
        {shown && <text class="near" x={Math.min(Math.max(x(shown.x), width === 400 ? 200 : left + 170), width === 400 ? 200 : width - 190)} y={Math.max(y(shown.y) - 12, top + 12)} text-anchor="middle">{shown.says}</text>}
      </svg>
      <details><summary>As a table</summary>
        <table><thead><tr><th>{xName}</th><th>{yName}</th></tr></thead><tbody>{points.map((point) => <tr key={point.x}><td>{count(point.x)}</td><td>{percent(point.y)}</td></tr>)}</tbody></table></details>
    </figure>
  );
}
