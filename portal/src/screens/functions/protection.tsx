// SPDX-License-Identifier: Apache-2.0
// What the function does, what of it is allowed, and what happens to the rest.
import { LearningCard } from "~/screens/functions/learning.tsx";
import { Switches } from "~/screens/functions/switches.tsx";
import type { TabProps } from "~/screens/functions/function.tsx";

export function ProtectionTab(props: TabProps) {
  return (
    <div class="stack">
      <Switches {...props} />
      <LearningCard {...props} />
    </div>
  );
}
