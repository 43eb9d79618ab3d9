// SPDX-License-Identifier: Apache-2.0
// The log of a function that is being learned: what its sandboxes tell while a policy observes (docs/formats/event.md).
import { Sandbox } from "./seed.mjs";

const always = [
  { kind: "file_read", subject: "/var/task/index.js", arguments: [] },
  { kind: "file_read", subject: "/var/task/lib/orders.js", arguments: [] },
  { kind: "file_read", subject: "/etc/hosts", arguments: [] },
  { kind: "file_write", subject: "/tmp/upload.png", arguments: [] },
  { kind: "process_start", subject: "/usr/bin/convert", arguments: ["convert", "-resize", "200x200", "/tmp/upload.png"] },
  { kind: "name_lookup", subject: "dynamodb.eu-west-1.amazonaws.com", arguments: [] },
  { kind: "net_connect", subject: "10.0.3.7:5432", arguments: [] },
];

const tellsAt = (n) => n <= 4 || (n & (n - 1)) === 0;

/** Lines of SANDBOXES sandboxes of ROW, each of INVOCATIONS invocations that all do the same, and MORE too in the first. */
export function behaviour(row, now, random, sandboxes, invocations, more = []) {
  const texts = [];
  for (let at = 0; at < sandboxes; at++) {
    const start = now - 3600000 + at * 1000;
    const sandbox = new Sandbox(row, start, random);
    for (let n = 1; n <= invocations; n++) {
      const items = [...(tellsAt(n) ? always.map((item) => ({ ...item, n })) : []), ...(at < 2 && n === 1 ? more : [])];
      if (items.length > 0)
        sandbox.add("observations", start + n * 100, { phase: "invoke", request: `${row.name.length}-${at}-${n}`, invocations: n, shape: "api_gateway_v1", source_ip: `198.51.100.${(at * 7 + n) % 250}`, items });
    }
    sandbox.add("progress", start + invocations * 100, { invocations, shapes: { api_gateway_v1: invocations } });
    texts.push(sandbox.lines.join("\n"));
  }
  return texts.join("\n") + "\n";
}
