// SPDX-License-Identifier: Apache-2.0
// Times and numbers as people read them: local, with UTC beside.

const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });
const number = new Intl.NumberFormat();

const units: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1],
];

const date = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", timeZone: "UTC" });

/** A day of UTC, as counts are kept by. */
export const dayOnly = (time: string): string => date.format(new Date(time));
const dayOfYear = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });

/** A day of UTC with its year, as documents have them. */
export const dayOf = (time: string): string => dayOfYear.format(new Date(time));
export const shortTime = (time: string): string => day.format(new Date(time));
export const fullTime = (time: string): string => `${whole.format(new Date(time))} (${time} UTC)`;
export const count = (n: number): string => number.format(n);

/** "3 min. ago" */
export function ago(time: string, now = Date.now()): string {
  const seconds = (Date.parse(time) - now) / 1000;
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size || unit === "second") return relative.format(Math.trunc(seconds / size), unit);
  }
  return time;
}

export const severities = ["critical", "high", "medium", "low"] as const;

const classNames: Readonly<Record<string, string>> = {
  cmdi: "Command injection", codei: "Code injection", csvi: "CSV injection", lfi: "File inclusion", nosqli: "NoSQL injection",
  sqli: "SQL injection", xss: "Cross-site scripting", xxe: "XML external entity", ssrf: "Request forgery", ssti: "Template injection",
  deser: "Deserialization", jndi: "JNDI lookup", ldapi: "LDAP injection", xpathi: "XPath injection", crlf: "Header injection",
  redirect: "Open redirect", proto: "Prototype pollution", jwt: "Forged token", graphql: "GraphQL abuse", source: "Known bad source", limit: "Input limit",
};

/** What a class of findings is for people; a kind of activity reads as it is. */
export const className = (name: string): string => classNames[name] ?? name.replaceAll("_", " ");
