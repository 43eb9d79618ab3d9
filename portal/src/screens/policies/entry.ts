// SPDX-License-Identifier: Apache-2.0
// A rule or an exclusion as documents have it, and as lines that a person writes: one pattern a line.
import { parse } from "yaml";
import { inline, type Path } from "~/screens/policies/text.ts";

export type Entry = Readonly<Record<string, unknown>>;
export type ListName = "rule" | "exclusion";

export interface Facet {
  readonly key: string;
  readonly path: Path;
  readonly label: string;
  readonly example: string;
}

/** What a function does, as allowlists, rules and exclusions say it. */
export const activities: readonly Facet[] = [
  { key: "files.read", path: ["files", "read"], label: "Files read", example: "/etc/passwd\n/var/task/**" },
  { key: "files.write", path: ["files", "write"], label: "Files written", example: "/tmp/*.png" },
  { key: "files.any", path: ["files", "any"], label: "Files read and written", example: "/tmp/cache/**" },
  { key: "files.map", path: ["files", "map"], label: "Libraries", example: "/opt/lib/**" },
  { key: "processes", path: ["processes"], label: "Processes", example: "/usr/bin/convert -resize <number>x<number> /tmp/<word>.png *" },
  { key: "commands", path: ["commands"], label: "Command lines", example: "ls -l <path>" },
  { key: "hosts", path: ["hosts"], label: "Hosts", example: "*.example.com" },
  { key: "addresses", path: ["addresses"], label: "Addresses", example: "10.0.0.0/8:5432" },
  { key: "awsApis", path: ["awsApis"], label: "AWS APIs", example: "s3:GetObject" },
  { key: "http", path: ["http"], label: "HTTP requests", example: "GET example.com /orders/*" },
  { key: "kinds", path: ["kinds"], label: "Whole kinds", example: "memory_executable" },
];

export const facets: readonly Facet[] = [
  ...activities, { key: "inputs", path: ["inputs"], label: "Inputs (exceptions of the firewall)", example: "{classes: [xss], paths: [body.comment]}" },
];

/** Whom an entry of a document is for; all functions where nothing is said. */
export const scopes: readonly Facet[] = [
  { key: "scope.functions", path: ["scope", "functions"], label: "Only for functions", example: "pay-*" },
  { key: "scope.groups", path: ["scope", "groups"], label: "Only for groups", example: "payments" },
  { key: "scope.accounts", path: ["scope", "accounts"], label: "Only for accounts", example: "123456789012" },
  { key: "scope.regions", path: ["scope", "regions"], label: "Only for regions", example: "eu-west-1" },
  { key: "scope.runtimes", path: ["scope", "runtimes"], label: "Only for runtimes", example: "nodejs*" },
  { key: "scope.versions", path: ["scope", "versions"], label: "Only for versions", example: "$LATEST" },
  { key: "scope.aliases", path: ["scope", "aliases"], label: "Only for aliases", example: "live" },
];

/** Of exclusions only. */
export const facetsOf = (list: ListName): readonly Facet[] => (list === "rule" ? activities : facets);

function at(entry: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => (typeof value === "object" && value !== null ? (value as Record<string, unknown>)[part] : undefined), entry);
}

const known = ["method", "host", "path"];

/** Whether TEXT is read as itself when it stands in a line. */
const isBare = (key: string, text: string): boolean => text !== "" && !/^[{"]|^\s|\s$|[\n\r]/.test(text) && !((key === "processes" || key === "http") && /\s/.test(text));

/** One value as a line. */
export function lineOf(key: string, value: unknown): string {
  if (typeof value === "string") return isBare(key, value) ? value : JSON.stringify(value);
  if (key === "http" && typeof value === "object" && value !== null && Object.entries(value).every(([name, text]) => known.includes(name) && typeof text === "string" && !/\s/.test(text))) {
    const { method = "", host = "", path = "" } = value as Record<string, string>;
    return [method, host, path].filter(Boolean).join(" ");
  }
  return inline(value);
}

export const linesAt = (entry: Entry, facet: Facet): string => {
  const value = at(entry, facet.path);
  return Array.isArray(value) ? value.map((one) => lineOf(facet.key, one)).join("\n") : "";
};

/** A line as a value: `{…}` is YAML as it stands, words behind a program are its arguments. */
function valueOf(key: string, line: string): unknown {
  if (line.startsWith("{") || line.startsWith('"')) return parse(line) as unknown;
  const words = line.split(/\s+/);
  if (key === "processes" && words.length > 1) return { executable: words[0], arguments: words.slice(1) };
  if (key === "http") {
    const method = words.find((word) => /^[A-Z-]+$/.test(word));
    const path = words.find((word) => word.startsWith("/"));
    const host = words.find((word) => word !== method && word !== path);
    return { ...(method ? { method } : {}), ...(host ? { host } : {}), ...(path ? { path } : {}) };
  }
  return line;
}

/** Throws with the line that cannot be read. */
export function valuesOf(facet: { readonly key: string; readonly label: string }, text: string): readonly unknown[] {
  return text.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => {
    try {
      return valueOf(facet.key, line);
    } catch {
      throw new Error(`${facet.label}: this line cannot be read: ${line}`);
    }
  });
}

/** What an entry is about, in a few words. */
export function subjects(entry: Entry): readonly { label: string; text: string }[] {
  return [...facets, ...scopes].flatMap((facet) => {
    const lines = linesAt(entry, facet).split("\n").filter(Boolean);
    return lines.length > 0 ? [{ label: facet.label, text: lines.slice(0, 3).join(", ") + (lines.length > 3 ? ` and ${lines.length - 3} more` : "") }] : [];
  });
}
