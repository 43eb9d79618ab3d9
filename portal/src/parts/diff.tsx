// SPDX-License-Identifier: Apache-2.0
// Two texts as one, what went and what came marked by sign and colour; what stayed is shown around changes only.
import { useMemo } from "preact/hooks";
import { compare, type Line } from "~/parts/lines.ts";

const around = 3;

/** Lines near a change, null where some were left out. */
function near(lines: readonly Line[]): readonly (Line | null)[] {
  const isNear = lines.map(() => false);
  lines.forEach((line, at) => {
    if (line.kind !== "same") isNear.fill(true, Math.max(0, at - around), at + around + 1);
  });
  return lines.flatMap((line, at) => (isNear[at] ? [line] : at === 0 || isNear[at - 1] ? [null] : []));
}

const signs = { same: " ", gone: "−", new: "+" } as const;

export function Diff({ before, after, label }: { before: string; after: string; label: string }) {
  const lines = useMemo(() => near(compare(before, after)), [before, after]);
  if (lines.every((line) => line === null)) return <p class="soft">No difference.</p>;
  return (
    <div class="diff" tabIndex={0} role="region" aria-label={label}>
      <table>
        <tbody>
          {lines.map((line, at) => (line === null
            ? <tr key={at} class="rest"><td colSpan={4}>⋯</td></tr>
            : <tr key={at} class={line.kind}><td class="at">{line.before || ""}</td><td class="at">{line.after || ""}</td><td class="sign">{signs[line.kind]}</td><td><pre>{line.text}</pre></td></tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
