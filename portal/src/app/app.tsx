// SPDX-License-Identifier: Apache-2.0
// Which screen an address shows. Screens are loaded when they are first wanted.
import { useEffect, useState } from "preact/hooks";
import type { ComponentType } from "preact";
import { isSignedOut } from "~/app/api.ts";
import { place } from "~/app/router.ts";
import { session } from "~/app/session.ts";
import { Shell } from "~/app/shell.tsx";
import { SetUp, SignIn } from "~/screens/signin/signin.tsx";

type Screen = ComponentType<{ id: string; tab: string }>;

const screens: Readonly<Record<string, { name: string; load: () => Promise<{ default: Screen }> }>> = {
  "": { name: "Overview", load: () => import("~/screens/overview/overview.tsx") },
  events: { name: "Events", load: () => import("~/screens/events/events.tsx") },
  event: { name: "Event", load: () => import("~/screens/event/event.tsx") },
  incidents: { name: "Incidents", load: () => import("~/screens/incidents/incidents.tsx") },
  functions: { name: "Functions", load: () => import("~/screens/functions/functions.tsx") },
  policies: { name: "Policies & Groups", load: () => import("~/screens/policies/policies.tsx") },
  settings: { name: "Settings", load: () => import("~/screens/settings/settings.tsx") },
};

function Page({ name, id, tab }: { name: string; id: string; tab: string }) {
  const [shown, show] = useState<{ name: string; screen: Screen }>();
  const entry = screens[name];
  useEffect(() => {
    document.title = entry ? `${entry.name} · Gambeson` : "Not found · Gambeson";
    void entry?.load().then((module) => show({ name, screen: module.default }));
  }, [name]);
  if (!entry) return <section><h1>Not found</h1><p class="soft">There is no screen at this address.</p></section>;
  if (shown?.name !== name) return <p class="soft" role="status">Loading…</p>;
  return <shown.screen id={id} tab={tab} />;
}

export function App() {
  const [name = "", id = "", tab = ""] = place.value.parts;
  if (name === "setup") return <SetUp />;
  if (session.value === undefined) return null;
  if (session.value === null || isSignedOut.value) return <SignIn />;
  return <Shell><Page name={name} id={id} tab={tab} /></Shell>;
}
