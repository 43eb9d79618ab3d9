// SPDX-License-Identifier: Apache-2.0
// What a finding shows: the input with what convicts it, the way to the sink, what is known by name.
import type { Activity, Input, Line } from "~/screens/event/line.ts";

export const Marked = ({ input }: { input: Input }) => (
  <pre class="value" tabIndex={0}>{input.before}<mark>{input.convicting}</mark>{input.behind}{input.isCut && <span class="soft"> … (longer)</span>}</pre>
);

const verbs: Readonly<Record<string, string>> = {
  process_start: "starts", file_read: "reads", file_write: "writes", file_create: "creates", file_delete: "deletes", connect: "connects to",
  name_lookup: "looks up", datagram: "sends to", library_map: "maps", memory_executable: "makes memory executable",
};

export const sinkText = (activity: Activity): string => `${verbs[activity.kind] ?? activity.kind.replaceAll("_", " ")} ${activity.subject}`.trim();

/** From the input to what it did, as a row of boxes. */
export function Flow({ line, functionName }: { line: Line; functionName: string }) {
  const { input, activity } = line;
  if (!input || !activity) return null;
  return (
    <ol class="flow" aria-label="From the input to the sink">
      <li><span class="soft">{input.origin || "input"}</span><b>{input.path}</b><code class="clamp">{input.convicting || input.before}</code></li>
      <li><span class="soft">function</span><b>{functionName}</b></li>
      <li class="sink"><span class="soft">sink</span><b>{sinkText(activity)}</b><code class="clamp">{activity.arguments.join(" ") || activity.object}</code></li>
    </ol>
  );
}

export function Process({ activity }: { activity: Activity }) {
  return (
    <dl class="facts">
      <dt>What</dt><dd>{activity.kind.replaceAll("_", " ")}</dd>
      <dt>Subject</dt><dd class="mono">{activity.subject}</dd>
      {activity.object && <><dt>Object</dt><dd class="mono">{activity.object}</dd></>}
      {activity.arguments.length > 0 && <><dt>Arguments</dt><dd><ol class="arguments">{activity.arguments.map((argument, at) => <li key={at}><code>{argument}</code></li>)}</ol></dd></>}
      {activity.pid !== undefined && <><dt>Process</dt><dd>{activity.pid}</dd></>}
    </dl>
  );
}

const techniques: Readonly<Record<string, string>> = {
  T1190: "Exploit public-facing application", T1059: "Command and scripting interpreter", "T1059.004": "Unix shell", T1552: "Unsecured credentials",
  "T1552.001": "Credentials in files", "T1552.005": "Cloud instance metadata", T1041: "Exfiltration over C2", T1567: "Exfiltration over web service",
  T1071: "Application layer protocol", T1105: "Ingress tool transfer", T1496: "Resource hijacking", T1499: "Endpoint denial of service",
  T1083: "File and directory discovery", T1648: "Serverless execution", T1620: "Reflective code loading", T1055: "Process injection",
};

/** ATT&CK and CWE: links that are followed only by a click. */
export function Known({ line }: { line: Line }) {
  return (
    <ul class="known">
      {line.attack.map((id) => (
        <li key={id}><a rel="noreferrer noopener" target="_blank" href={`https://attack.mitre.org/techniques/${encodeURIComponent(id).replace(".", "/")}/`}>{id}</a> {techniques[id] ?? ""}</li>
      ))}
      {line.cwe !== undefined && <li><a rel="noreferrer noopener" target="_blank" href={`https://cwe.mitre.org/data/definitions/${line.cwe}.html`}>CWE-{line.cwe}</a></li>}
    </ul>
  );
}
