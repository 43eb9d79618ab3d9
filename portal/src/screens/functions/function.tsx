// SPDX-License-Identifier: Apache-2.0
// One function, in tabs.
import type { ComponentType } from "preact";
import { api, must, type Function } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { Link } from "~/parts/link.tsx";
import { Problem } from "~/parts/problem.tsx";
import { State } from "~/parts/tag.tsx";
import { Time } from "~/parts/time.tsx";
import { CoverageTab } from "~/screens/functions/coverage.tsx";
import { EventsTab } from "~/screens/functions/events_tab.tsx";
import { ProtectionTab } from "~/screens/functions/protection.tsx";
import { RulesTab } from "~/screens/functions/rules.tsx";
import { VersionsTab } from "~/screens/functions/versions.tsx";

export interface TabProps { readonly row: Function; readonly again: () => void }

const tabs: readonly { path: string; name: string; Tab: ComponentType<TabProps> }[] = [
  { path: "protection", name: "Runtime Protection", Tab: ProtectionTab },
  { path: "rules", name: "Rules & Exclusions", Tab: RulesTab },
  { path: "events", name: "Threat & Security Events", Tab: EventsTab },
  { path: "versions", name: "Versions", Tab: VersionsTab },
  { path: "coverage", name: "Coverage", Tab: CoverageTab },
];

export function FunctionPage({ id, tab }: { id: string; tab: string }) {
  const { data: row, error, again } = useLoad(() => must(api.GET("/v1/functions/{id}", { params: { path: { id } } })), [id]);
  if (error) return <Problem text={error} />;
  if (!row) return <p class="soft" role="status">Loading…</p>;
  const { path, Tab } = tabs.find((known) => known.path === tab) ?? tabs[0]!;
  return (
    <>
      <p class="soft"><Link to="/functions">Functions</Link> / {row.account} / {row.region}</p>
      <h1>{row.name}</h1>
      <p class="row"><State name={row.state} /><span class="soft">{row.runtime} · agent {row.agent_version} · first seen <Time at={row.first_seen} />, last <Time at={row.last_seen} isRelative /></span></p>
      <nav class="tabs" aria-label="Parts of the function">{tabs.map((one) => (
        <a key={one.path} href={`/functions/${id}/${one.path}`} aria-current={one.path === path ? "page" : undefined} onClick={(event) => { event.preventDefault(); history.pushState(null, "", `/functions/${id}/${one.path}`); dispatchEvent(new PopStateEvent("popstate")); }}>{one.name}</a>
      ))}</nav>
      <Tab row={row} again={again} />
    </>
  );
}
