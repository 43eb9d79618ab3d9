// SPDX-License-Identifier: Apache-2.0
// What the flow check does about events that were too large, and what a caller gets whose event was blocked.
import { Choice, isWithin, modes, Section, Text, type PartProps } from "~/screens/policies/fields.tsx";
import { textAt } from "~/screens/policies/text.ts";

export function AnswersSection(form: PartProps) {
  const limit = [...form.base, "flow", "onLimit"];
  const body = [...form.base, "block", "body"];
  const { document } = form;
  return (
    <Section title="Limits and answers" path={[...form.base, isWithin(form.wrong, [...form.base, "flow"]) ? "flow" : "block"]} wrong={form.wrong}
      says={[textAt(document, limit) && `flow of large events: ${textAt(document, limit)}`, textAt(document, body) && "an answer of its own"]}>
      <div class="fields"><Choice {...form} path={limit} label="Flow of input, for events too large to be looked at wholly" choices={modes} /></div>
      <Text {...form} path={body} label="Answer to a blocked HTTP event" example='{"message":"no"}' />
    </Section>
  );
}
