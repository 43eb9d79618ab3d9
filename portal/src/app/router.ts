// SPDX-License-Identifier: Apache-2.0
// Addresses of screens: /SCREEN/ID/TAB?QUERY. What is filtered and chosen is in the address, so that it can be shared.
import { signal } from "@preact/signals";

export interface Place {
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

const here = (): Place => ({
  parts: location.pathname.split("/").filter(Boolean).map(decodeURIComponent),
  query: new URLSearchParams(location.search),
});

export const place = signal<Place>(here());

addEventListener("popstate", () => {
  place.value = here();
});

/** Go to an address of the portal. `replace` leaves no trace in the history: for filters being typed. */
export function go(address: string, replace = false): void {
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  place.value = here();
  if (!replace) scrollTo(0, 0);
}

/** The address of the screen in hand with some members of its query changed; an empty value takes one away. */
export function withQuery(changes: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams(place.value.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  const text = query.toString();
  return location.pathname + (text ? `?${text}` : "");
}

/** For onClick of links: the browser's own ways (new tab, download) stay. */
export function follow(event: MouseEvent): void {
  const link = event.currentTarget as HTMLAnchorElement;
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || link.target) return;
  event.preventDefault();
  go(link.pathname + link.search);
}
