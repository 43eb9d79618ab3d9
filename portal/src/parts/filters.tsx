// SPDX-License-Identifier: Apache-2.0
// What a list is filtered by, as chips: each is in the address, and one click takes it away.
import { go, place, withQuery } from "~/app/router.ts";
import { className } from "~/app/show.ts";

export interface Filter {
  readonly name: string;
  readonly label: string;
  readonly choices?: readonly string[];
}

const shown = (name: string, value: string): string => (name === "class" ? className(value) : value);

export function Chips({ filters }: { filters: readonly Filter[] }) {
  const { query } = place.value;
  const set = filters.filter(({ name }) => query.get(name));
  if (set.length === 0) return null;
  return (
    <ul class="chips" aria-label="Filters">
      {set.map(({ name, label }) => (
        <li key={name}>
          <button type="button" onClick={() => go(withQuery({ [name]: undefined, cursor: undefined }))} title="Take this filter away">
            {label}: <b>{shown(name, query.get(name) ?? "")}</b> <span aria-hidden="true">×</span>
          </button>
        </li>
      ))}
      <li><button type="button" class="quiet" onClick={() => go(location.pathname)}>Clear all</button></li>
    </ul>
  );
}

export function Choices({ filters }: { filters: readonly Filter[] }) {
  const { query } = place.value;
  return (
    <div class="choices">
      {filters.filter(({ choices }) => choices).map(({ name, label, choices }) => (
        <label key={name}>{label}
          <select value={query.get(name) ?? ""} onChange={(event) => go(withQuery({ [name]: event.currentTarget.value, cursor: undefined }))}>
            <option value="">any</option>
            {choices?.map((choice) => <option key={choice} value={choice}>{shown(name, choice)}</option>)}
          </select>
        </label>
      ))}
    </div>
  );
}

let typing = 0;

/** A text of the query, taken over a moment after the last key. */
export function Search({ name, label }: { name: string; label: string }) {
  return (
    <input type="search" class="search" aria-label={label} placeholder={`${label}  ( / )`} data-search value={place.value.query.get(name) ?? ""}
      onInput={(event) => {
        const { value } = event.currentTarget;
        clearTimeout(typing);
        typing = setTimeout(() => go(withQuery({ [name]: value, cursor: undefined }), true), 250);
      }} />
  );
}
