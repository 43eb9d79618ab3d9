// SPDX-License-Identifier: Apache-2.0
// A document as a form. Each change goes into the text, which is what is stored.
import { Text, type FormProps } from "~/screens/policies/fields.tsx";
import { GroupKey } from "~/screens/policies/group_key.tsx";
import { AllowSection } from "~/screens/policies/sections/allow.tsx";
import { AnswersSection } from "~/screens/policies/sections/answers.tsx";
import { EntriesSection } from "~/screens/policies/sections/entries.tsx";
import { FirewallSection } from "~/screens/policies/sections/firewall.tsx";
import { BudgetsSection, DecoysSection, DriftSection, ForbiddenSection, HygieneSection } from "~/screens/policies/sections/guards.tsx";
import { MatchSection } from "~/screens/policies/sections/match.tsx";
import { PostureSection } from "~/screens/policies/sections/posture.tsx";
import { textAt } from "~/screens/policies/text.ts";

export function DocumentForm(form: FormProps) {
  const kind = textAt(form.document, ["kind"]);
  const part = { ...form, base: kind === "Group" ? ["spec", "policy"] : ["spec"] };
  return (
    <div class="stack form">
      <Text {...form} path={["metadata", "name"]} label="Name" />
      {kind !== "AccountPolicy" && <MatchSection {...form} path={["spec", "match"]} kind={kind} />}
      {kind === "Group" && <GroupKey {...form} />}
      <PostureSection {...part} />
      <FirewallSection {...part} />
      <AllowSection {...part} />
      <EntriesSection {...part} member="rules" list="rule" />
      <EntriesSection {...part} member="exclusions" list="exclusion" />
      <ForbiddenSection {...part} />
      <DriftSection {...part} />
      <DecoysSection {...part} />
      <BudgetsSection {...part} />
      <HygieneSection {...part} />
      <AnswersSection {...part} />
    </div>
  );
}
