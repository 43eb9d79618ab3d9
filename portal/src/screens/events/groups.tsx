// SPDX-License-Identifier: Apache-2.0
// How many events there are of each value of a member.
import { api, must } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { go, place, withQuery } from "~/app/router.ts";
import { className, count } from "~/app/show.ts";
import { Problem } from "~/parts/problem.tsx";
import { eventQuery } from "~/screens/events/query.ts";

const members = ["type", "class", "severity", "action", "function", "source_ip", "account", "region", "control"] as const;
type Member = (typeof members)[number];

function Counts({ by }: { by: Member }) {
  const query = eventQuery();
  const { data, error } = useLoad(() => must(api.GET("/v1/events/counts", { params: { query: { ...query, by } } })), [by, JSON.stringify(query)]);
  const most = Math.max(1, ...(data?.counts ?? []).map((row) => row.count));
  return (
    <>
      <Problem text={error} />
      <ul class="groups card">
        {data?.counts.filter((row) => row.value).map((row) => (
          <li key={row.value}>
            <button type="button" class="quiet" onClick={() => go(withQuery({ [by]: row.value, group: undefined, cursor: undefined }))}>{row.name ?? (by === "class" ? className(row.value) : row.value)}</button>
            <meter min={0} max={most} value={row.count} aria-label={row.name ?? row.value} /><span>{count(row.count)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

export function Groups() {
  const by = place.value.query.get("group");
  const known = members.find((member) => member === by);
  return (
    <div>
      <label class="soft groups-choice">Group by <select value={known ?? ""} onChange={(event) => go(withQuery({ group: event.currentTarget.value }))}>
        <option value="">nothing</option>
        {members.map((member) => <option key={member} value={member}>{member.replace("_", " ")}</option>)}
      </select></label>
      {known && <Counts by={known} />}
    </div>
  );
}
