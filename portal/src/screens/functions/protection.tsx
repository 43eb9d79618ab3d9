// SPDX-License-Identifier: Apache-2.0
// What the function does, what of it is allowed, and what happens to the rest.
import { useState } from "preact/hooks";
import { ActivityCard } from "~/screens/functions/activity.tsx";
import { LearningCard } from "~/screens/functions/learning.tsx";
import { Switches } from "~/screens/functions/switches.tsx";
import type { TabProps } from "~/screens/functions/function.tsx";

export function ProtectionTab({ row, again }: TabProps) {
  const [version, setVersion] = useState(0);
  const changed = () => { again(); setVersion((n) => n + 1); };
  return (
    <div class="stack">
      <Switches row={row} again={changed} />
      <LearningCard row={row} again={changed} />
      <ActivityCard row={row} version={version} />
    </div>
  );
}
