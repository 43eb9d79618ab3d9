// SPDX-License-Identifier: Apache-2.0
// The time of events as bars: one click narrows to a bar, and out again by the chip.
import { api, must } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { go, place, withQuery } from "~/app/router.ts";
import { className } from "~/app/show.ts";
import { Bars } from "~/parts/bars.tsx";

const hourMs = 3600000;
const dayMs = 24 * hourMs;
const text = (ms: number): string => new Date(ms).toISOString().slice(0, 19) + "Z";

export function Brush() {
  const { query } = place.value;
  const to = Date.parse(query.get("to") ?? "") || Date.now();
  const from = Date.parse(query.get("from") ?? "") || to - 7 * dayMs;
  const bucket = to - from > 4 * dayMs ? "day" : "hour";
  const step = bucket === "day" ? dayMs : hourMs;
  const chosen = query.get("function");
  const { data } = useLoad(
    () => must(api.GET("/v1/events/series", { params: { query: { bucket, by: "class", from: text(from), to: text(to), ...(chosen ? { function: chosen } : {}) } } })),
    [bucket, query.get("from"), query.get("to"), chosen],
  );
  if (!data || data.buckets.length === 0) return null;
  // What has no class is no finding: sandboxes start all the time.
  const buckets = data.buckets.map(({ time, counts: { other: _, ...counts } }) => ({ time, counts }));
  return (
    <div class="card brush">
      <Bars buckets={buckets} from={from} to={to} step={step} name={className} label="Events over time by class" height={110}
        onPick={(time) => go(withQuery({ from: text(Date.parse(time)), to: text(Date.parse(time) + step), cursor: undefined }))} />
    </div>
  );
}
