// SPDX-License-Identifier: Apache-2.0
// One function, in tabs.
import { useState } from "preact/hooks";
import type { ComponentType } from "preact";
import { api, must, type Function } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { may } from "~/app/session.ts";
import { Link } from "~/parts/link.tsx";
import { Problem } from "~/parts/problem.tsx";
import { State } from "~/parts/tag.tsx";
import { Time } from "~/parts/time.tsx";
import { CoverageTab } from "~/screens/functions/coverage.tsx";
import { EventsTab } from "~/screens/functions/events_tab.tsx";
import { VersionsTab } from "~/screens/functions/versions.tsx";

export interface TabProps { readonly row: Function; readonly again: () => void }

const tabs: readonly { path: string; name: string; Tab: ComponentType<TabProps> }[] = [
  { path: "events", name: "Threat & Security Events", Tab: EventsTab },
  { path: "versions", name: "Versions", Tab: VersionsTab },
  { path: "coverage", name: "Coverage", Tab: CoverageTab },
];

function Mode({ row, again }: TabProps) {
  const [problem, setProblem] = useState("");
  const set = async (posture: Function["posture"]) => {
    await must(api.PATCH("/v1/functions/{id}", { params: { path: { id: row.id } }, body: { posture: posture ?? "" } })).then(again, (reason: Error) => setProblem(reason.message));
  };
  return (
    <>
      <label>Mode <select value={row.posture ?? ""} disabled={!may("operator")} onChange={(event) => void set(event.currentTarget.value as Function["posture"])}>
        <option value="">as policies say</option><option value="off">off</option><option value="detect">detect</option><option value="block">detect and block</option>
      </select></label>
      <Problem text={problem} />
    </>
  );
}

export function FunctionPage({ id, tab }: { id: string; tab: string }) {
  const { data: row, error, again } = useLoad(() => must(api.GET("/v1/functions/{id}", { params: { path: { id } } })), [id]);
  if (error) return <Problem text={error} />;
  if (!row) return <p class="soft" role="status">Loading…</p>;
  const { path, Tab } = tabs.find((known) => known.path === tab) ?? tabs[0]!;
  return (
    <>
      <p class="soft"><Link to="/functions">Functions</Link> / {row.account} / {row.region}</p>
      <div class="head"><h1>{row.name}</h1><Mode row={row} again={again} /></div>
      <p class="row"><State name={row.state} /><span class="soft">{row.runtime} · agent {row.agent_version} · first seen <Time at={row.first_seen} />, last <Time at={row.last_seen} isRelative /></span></p>
      <nav class="tabs" aria-label="Parts of the function">{tabs.map((one) => (
        <a key={one.path} href={`/functions/${id}/${one.path}`} aria-current={one.path === path ? "page" : undefined} onClick={(event) => { event.preventDefault(); history.pushState(null, "", `/functions/${id}/${one.path}`); dispatchEvent(new PopStateEvent("popstate")); }}>{one.name}</a>
      ))}</nav>
      <Tab row={row} again={again} />
    </>
  );
}
