// SPDX-License-Identifier: Apache-2.0
// The way of the text: from who sent it by the input through the function to the sink, with what convicts it marked at both ends.
import type { Event } from "~/app/api.ts";
import { Link } from "~/parts/link.tsx";
import type { Activity, Input, Line } from "~/screens/event/line.ts";

const verbs: Readonly<Record<string, string>> = {
  process_start: "starts", file_read: "reads", file_write: "writes", file_create: "creates", file_delete: "deletes", connect: "connects to",
  name_lookup: "looks up", datagram: "sends to", library_map: "maps", memory_executable: "makes memory executable",
};

export const sinkText = (activity: Activity): string => `${verbs[activity.kind] ?? activity.kind.replaceAll("_", " ")} ${activity.subject}`.trim();

export const Marked = ({ input }: { input: Input }) => (
  <pre class="value" tabIndex={0}>{input.before}<mark>{input.convicting}</mark>{input.behind}{input.isCut && <span class="soft"> … (longer)</span>}</pre>
);

/** TEXT with the first place of WHAT in it marked. */
function Found({ text, what }: { text: string; what: string }) {
  const at = what ? text.indexOf(what) : -1;
  if (at < 0) return <>{text}</>;
  return <>{text.slice(0, at)}<mark>{what}</mark>{text.slice(at + what.length)}</>;
}

/** What of the input arrives in the sink's text: all of it, or without the character that broke out. */
function arriving(input: Input, text: string): string {
  const bare = input.convicting.replace(/^[;&|\s]+/, "").trim();
  return [input.convicting, bare, input.before + input.convicting].find((part) => part.length > 1 && text.includes(part)) ?? "";
}

export function Flow({ event, line }: { event: Event; line: Line }) {
  const { input, activity } = line;
  if (!input) return null;
  const end = activity && (activity.arguments.join(" ") || activity.object || activity.subject);
  return (
    <ol class="flow" aria-label="From the input to the sink">
      {event.source_ip && <li><span class="soft">sent by</span><b><Link to={`/events?source_ip=${encodeURIComponent(event.source_ip)}`}>{event.source_ip}</Link></b></li>}
      <li><span class="soft">{input.origin || "input"}</span><b>{input.path}</b><code class="clamp"><mark>{input.convicting || input.before}</mark></code></li>
      <li class={event.control === "firewall" && event.action === "blocked" ? "sink" : undefined}><span class="soft">{event.control === "firewall" ? "seen by the firewall of" : "function"}</span><b>{event.function_name ?? "the function"}</b></li>
      {activity && end !== undefined && (
        <li class="sink"><span class="soft">{event.action === "blocked" ? "stopped at the sink" : "sink"}</span><b>{sinkText(activity)}</b><code class="clamp"><Found text={end} what={arriving(input, end)} /></code></li>
      )}
      {!activity && event.action === "blocked" && <li class="stopped"><span class="soft">sink</span><b>never reached</b></li>}
    </ol>
  );
}
