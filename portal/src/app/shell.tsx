// SPDX-License-Identifier: Apache-2.0
// What stands around every screen: navigation, who is signed in, light and dark.
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { follow, place } from "~/app/router.ts";
import { leave, session } from "~/app/session.ts";
import { useSearchKey } from "~/parts/keys.ts";

const screens = [
  { path: "/", name: "Overview" },
  { path: "/events", name: "Events" },
  { path: "/incidents", name: "Incidents" },
  { path: "/functions", name: "Functions" },
  { path: "/policies", name: "Policies & Groups" },
  { path: "/settings", name: "Settings" },
] as const;

type Theme = "system" | "light" | "dark";
const theme = signal<Theme>((localStorage.getItem("theme") as Theme | null) ?? "system");

function wear(next: Theme): void {
  theme.value = next;
  localStorage.setItem("theme", next);
  document.documentElement.dataset.theme = next;
}
document.documentElement.dataset.theme = theme.value;

const themes: readonly Theme[] = ["system", "light", "dark"];

export function Shell({ children }: { children: ComponentChildren }) {
  const first = place.value.parts[0] ?? "";
  useSearchKey();
  return (
    <div class="shell">
      <a class="skip" href="#main">Skip to content</a>
      <header class="top">
        <a class="brand" href="/" onClick={follow}><img src="/icon.svg" alt="" width="24" height="24" />Gambeson</a>
        <nav aria-label="Screens">
          {screens.map(({ path, name }) => (
            <a key={path} href={path} onClick={follow} aria-current={path === `/${first}` ? "page" : undefined}>{name}</a>
          ))}
        </nav>
        <div class="who">
          <select aria-label="Theme" value={theme.value} onChange={(e) => wear(e.currentTarget.value as Theme)}>
            {themes.map((name) => <option key={name} value={name}>{name}</option>)}
          </select>
          <span class="name" title={`Role: ${session.value?.role ?? ""}`}>{session.value?.name}</span>
          <button type="button" class="quiet" onClick={() => void leave()}>Sign out</button>
        </div>
      </header>
      <main id="main" tabIndex={-1}>{children}</main>
    </div>
  );
}
