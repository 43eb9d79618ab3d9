// SPDX-License-Identifier: Apache-2.0
// Who calls: lists of addresses with a reputation, and how the client's address is known.
import type { Entry } from "~/screens/policies/entry.ts";
import { Choice, Lines, Text, type FormProps } from "~/screens/policies/fields.tsx";
import { Records } from "~/screens/policies/records.tsx";
import type { Path } from "~/screens/policies/text.ts";

const kind = {
  noun: "list of sources",
  members: [
    { name: "name", label: "Name", example: "scanners" },
    { name: "category", label: "Category", example: "scanner" },
    { name: "mode", label: "What is done about calls from there", choices: [["", "as all lists"], ["off", "nothing"], ["detect", "reported"], ["block", "reported and blocked"], ["allow", "allowed, whatever other lists say"]] },
    { name: "networks", label: "Addresses, blocks and ranges", example: "192.0.2.0/24\n198.51.100.1-198.51.100.9\n2001:db8::/32", isList: true },
    { name: "date", label: "Date of its data", example: "2026-11-20" },
    { name: "file", label: "File beside the document; for documents that the CLI compiles", example: "lists/scanners.txt" },
  ],
  nameOf: (entry: Entry, at: number) => String(entry["name"] ?? `no. ${at + 1}`),
  says: (entry: Entry) => [
    [entry["mode"] ? String(entry["mode"]) : "", entry["category"] ? String(entry["category"]) : "", entry["date"] ? `of ${String(entry["date"])}` : ""].filter(Boolean).join(", "),
    entry["file"] ? `file ${String(entry["file"])}` : "", Array.isArray(entry["networks"]) ? entry["networks"].slice(0, 4).map(String).join(", ") + (entry["networks"].length > 4 ? ` and ${entry["networks"].length - 4} more` : "") : "",
  ],
} as const;

export function Sources({ path, ...form }: FormProps & { path: Path }) {
  const client = [...path, "clientAddress"];
  return (
    <fieldset class="stack"><legend>Who calls</legend>
      <div class="fields">
        <Choice {...form} path={[...path, "mode"]} label="Calls from listed addresses" choices={[["", "as it is said elsewhere: reported"], ["off", "off"], ["detect", "detect"], ["block", "detect and block"]]} />
        <Text {...form} path={[...client, "trustedHops"]} label="Trusted hops of X-Forwarded-For" example="1" isNumber />
        <Text {...form} path={[...client, "header"]} label="Header that a proxy in front sets" example="cloudfront-viewer-address" />
      </div>
      <Lines {...form} path={[...client, "trustedProxies"]} label="Trusted proxies" example="10.0.0.0/8" />
      <Records {...form} kind={kind} title="Lists" path={[...path, "lists"]} />
    </fieldset>
  );
}
