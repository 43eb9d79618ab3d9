// SPDX-License-Identifier: Apache-2.0
// What a rule or exclusion would change of what was recorded, before it is made.
import { api, must, type Schemas } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { count } from "~/app/show.ts";
import { Link } from "~/parts/link.tsx";
import { Problem } from "~/parts/problem.tsx";

type Make = Schemas["RuleMake"];

/** How many examples are shown; the rest is a number. */
const shownMax = 8;

export function RulePreview({ rule }: { rule: Make }) {
  const { data, error, isLoading } = useLoad(() => must(api.POST("/v1/rules/preview", { body: rule })), [JSON.stringify(rule)]);
  if (error) return <Problem text={error} />;
  if (!data || isLoading) return <p class="soft" role="status">What was recorded is judged anew…</p>;
  return (
    <div class="preview" role="status">
      <p>{data.changed === 0 ? `Nothing of ${count(data.examined)} recorded findings and activities` : <><b>{count(data.changed)}</b> of {count(data.examined)} recorded findings and activities</>} would have been judged otherwise, in {count(data.functions)} {data.functions === 1 ? "function" : "functions"}{data.truncated ? "; there is more than was looked at" : ""}.</p>
      {data.conflict && <p class="problem">{data.conflict}</p>}
      {data.examples.length > 0 && (
        <div class="scroll" tabIndex={0}><table><thead><tr><th>What</th><th>Where</th><th>Now</th><th>Then</th></tr></thead>
          <tbody>{data.examples.slice(0, shownMax).map((example, at) => (
            <tr key={at}><td>{example.kind.replaceAll("_", " ")} <code class="clamp">{[example.subject, ...(example.arguments ?? []).slice(1)].join(" ")}</code></td>
              <td>{example.event ? <Link to={`/event/${example.event}`}>{example.function_name}</Link> : example.function_name}</td><td>{String(example.before)}</td><td>{String(example.after)}</td></tr>
          ))}</tbody></table></div>
      )}
      {data.examples.length > shownMax && <p class="soft">and {count(data.changed - shownMax)} more</p>}
    </div>
  );
}
