// SPDX-License-Identifier: Apache-2.0
// The filters of events, as they stand in the address.
import { place } from "~/app/router.ts";
import { severities } from "~/app/show.ts";
import type { Filter } from "~/parts/filters.tsx";

export const filters: readonly Filter[] = [
  { name: "severity", label: "At least", choices: severities },
  { name: "class", label: "Class", choices: ["cmdi", "codei", "sqli", "nosqli", "xss", "xxe", "lfi", "csvi", "ssrf", "ssti", "deser", "jndi", "file_read", "file_write", "process_start", "connect"] },
  { name: "action", label: "Action", choices: ["blocked", "observed"] },
  { name: "status", label: "Status", choices: ["open", "false_alarm", "excepted", "resolved"] },
  { name: "type", label: "Type" },
  { name: "control", label: "Control" },
  { name: "function", label: "Function" },
  { name: "account", label: "Account" },
  { name: "region", label: "Region" },
  { name: "source_ip", label: "From address" },
  { name: "request", label: "Request" },
  { name: "from", label: "Since" },
  { name: "to", label: "Before" },
  { name: "text", label: "Text" },
];

/** The members of the address's query that the API takes. */
export function eventQuery(): Record<string, string> {
  const known = new Set(filters.map(({ name }) => name));
  return Object.fromEntries([...place.value.query].filter(([name, value]) => known.has(name) && value));
}
