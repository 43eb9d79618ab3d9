// SPDX-License-Identifier: Apache-2.0
// Counts over time as stacked bars, with axes that can be read and a table behind them for who cannot see them.
import { useWidth } from "~/parts/width.ts";
import { count, dayOnly, shortTime } from "~/app/show.ts";

export interface Bucket {
  readonly time: string;
  readonly counts: Readonly<Record<string, number>>;
}

/** Room for the name of a moment. */
const tickWidth = 92;
const head = 10;
const left = 44;
const bottom = 24;
const colours = ["#b45309", "#0f766e", "#7c3aed", "#be123c", "#1d4ed8", "#4d7c0f", "#a16207", "#64748b"];

/** How many kinds have a colour of their own; the rest is one. */
const kindsMax = 8;
const rest = "other kinds";

/** The next number of 1, 2, 4, 6, 8, 10, 20 … that is not below N. */
function roundUp(n: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(n, 1)));
  return [1, 2, 4, 6, 8, 10].map((step) => step * power).find((step) => step >= n) ?? n;
}

function fill(buckets: readonly Bucket[], from: number, to: number, step: number): readonly Bucket[] {
  const known = new Map(buckets.map((bucket) => [Math.floor(Date.parse(bucket.time) / step), bucket]));
  const all: Bucket[] = [];
  for (let at = Math.floor(from / step); at <= Math.floor(to / step); at++)
    all.push(known.get(at) ?? { time: new Date(at * step).toISOString(), counts: {} });
  return all;
}

const countBy = (buckets: readonly Bucket[]): Map<string, number> => {
  const totals = new Map<string, number>();
  for (const bucket of buckets)
    for (const [key, n] of Object.entries(bucket.counts)) totals.set(key, (totals.get(key) ?? 0) + n);
  return new Map([...totals].sort((a, b) => b[1] - a[1]));
};

/** The most frequent kinds by themselves, what is left as one. */
function gather(buckets: readonly Bucket[]): { all: readonly Bucket[]; totals: ReadonlyMap<string, number> } {
  const totals = countBy(buckets);
  if (totals.size <= kindsMax) return { all: buckets, totals };
  const own = new Set([...totals.keys()].slice(0, kindsMax - 1));
  const all = buckets.map((bucket) => {
    const counts: Record<string, number> = {};
    for (const [key, n] of Object.entries(bucket.counts)) {
      const kind = own.has(key) ? key : rest;
      counts[kind] = (counts[kind] ?? 0) + n;
    }
    return { time: bucket.time, counts };
  });
  return { all, totals: new Map([...[...own].map((key): [string, number] => [key, totals.get(key) ?? 0]), [rest, [...totals].filter(([key]) => !own.has(key)).reduce((a, [, n]) => a + n, 0)]]) };
}

/** Short enough for the room left of the axis: "250K". */
const short = new Intl.NumberFormat("en", { notation: "compact" });

const sum = (bucket: Bucket): number => Object.values(bucket.counts).reduce((a, b) => a + b, 0);

export function Bars({ buckets, from, to, step, name, label, height = 220, onPick }: {
  buckets: readonly Bucket[]; from: number; to: number; step: number; name: (key: string) => string; label: string; height?: number;
  onPick?: (time: string, key: string) => void;
}) {
  const [width, figure] = useWidth();
  const { all, totals } = gather(fill(buckets, from, to, step));
  const keys = [...totals.keys()];
  const top = roundUp(Math.max(1, ...all.map(sum)));
  const slot = (width - left) / all.length;
  const y = (n: number) => head + (height - bottom - head) * (1 - n / top);
  const every = Math.ceil((all.length * tickWidth) / (width - left));
  const tick = step >= 86400000 ? dayOnly : shortTime;
  return (
    <figure class="bars" ref={figure}>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
        {(top % 2 === 0 ? [0, 0.5, 1] : [0, 1]).map((part) => (
          <g key={part} class="axis">
            <line x1={left} x2={width} y1={y(top * part)} y2={y(top * part)} />
            <text x={left - 6} y={y(top * part) + 4} text-anchor="end">{short.format(Math.round(top * part))}</text>
          </g>
        ))}
        {all.map((bucket, at) => {
          let below = 0;
          return (
            <g key={bucket.time}>
              {keys.map((key, number) => {
                const n = bucket.counts[key] ?? 0;
                if (n === 0) return null;
                const high = y(below + n);
                const box = <rect x={left + at * slot + slot * 0.1} y={high} width={slot * 0.8} height={Math.max(y(below) - high, 1)} fill={colours[number % colours.length]}
                  class={onPick ? "pick" : undefined} onClick={() => onPick?.(bucket.time, key === rest ? "" : key)}><title>{`${tick(bucket.time)}: ${count(n)} ${name(key)}`}</title></rect>;
                below += n;
                return <g key={key}>{box}</g>;
              })}
              {at % every === 0 && <text class="tick" {...(left + at * slot + Math.max(slot, tickWidth) > width + 1 ? { x: width, "text-anchor": "end" } : { x: left + at * slot })} y={height - 6}>{tick(bucket.time)}</text>}
            </g>
          );
        })}
      </svg>
      <figcaption>
        {keys.map((key, number) => (
          <span key={key}><i class="dot" ref={(dot) => { if (dot) dot.style.background = colours[number % colours.length] ?? ""; }} />{name(key)} {count(totals.get(key) ?? 0)}</span>
        ))}
      </figcaption>
    </figure>
  );
}
