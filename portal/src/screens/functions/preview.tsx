// SPDX-License-Identifier: Apache-2.0
// What a rule or exclusion would have changed: what was recorded is judged without it and with it.
import { useState } from "preact/hooks";
import { api, must, type Schemas } from "~/app/api.ts";
import { count } from "~/app/show.ts";
import { Link } from "~/parts/link.tsx";
import { Problem } from "~/parts/problem.tsx";

type Preview = Schemas["RulePreview"];

const words: Readonly<Record<string, string>> = { allow: "allowed", observe: "observed", report: "alerted", deny: "blocked" };

function Said({ preview }: { preview: Preview }) {
  return (
    <div role="status" class="trial">
      <p><b>{preview.changed === 0 ? "Nothing that was recorded would be judged otherwise" : `${count(preview.changed)} would be judged otherwise`}</b>, of {count(preview.examined)} findings and activities of {count(preview.functions)} function{preview.functions === 1 ? "" : "s"}{preview.truncated ? "; there is more than was looked at" : ""}.</p>
      {preview.conflict && <p class="problem">{preview.conflict}</p>}
      {preview.examples.length > 0 && <div class="scroll"><table><thead><tr><th>What</th><th>Where</th><th>Now</th><th>Then</th></tr></thead>
        <tbody>{preview.examples.map((one, at) => (
          <tr key={at}><td><span class="soft">{one.kind.replaceAll("_", " ")}</span> <span class="mono">{[one.subject, ...(one.arguments ?? []).slice(1)].join(" ")}</span></td>
            <td>{one.event ? <Link to={`/event/${one.event}`}>a finding</Link> : "seen"} in {one.function_name}</td><td>{words[one.before] ?? one.before}</td><td><b>{words[one.after] ?? one.after}</b></td></tr>
        ))}</tbody></table></div>}
    </div>
  );
}

export function PreviewButton({ bodyOf }: { bodyOf: () => Schemas["RuleMake"] | string }) {
  const [preview, setPreview] = useState<Preview>();
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  const look = async () => {
    const body = bodyOf();
    setPreview(undefined);
    setProblem(typeof body === "string" ? body : "");
    if (typeof body === "string") return;
    setBusy(true);
    await must(api.POST("/v1/rules/preview", { body })).then(setPreview, (reason: Error) => setProblem(reason.message));
    setBusy(false);
  };
  return (
    <>
      <div class="row"><button type="button" disabled={isBusy} onClick={() => void look()}>{isBusy ? "Judging what was recorded …" : "What would it change?"}</button></div>
      <Problem text={problem} />
      {preview && <Said preview={preview} />}
    </>
  );
}
