// SPDX-License-Identifier: Apache-2.0
// What each kind of channel wants to know (docs/TELL.md).

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly is?: "url" | "secret" | "list" | "number";
  readonly isRequired?: boolean;
  readonly choices?: readonly string[];
  readonly hint?: string;
}
export interface Kind { readonly name: string; readonly fields: readonly Field[] }

const contents = ["text", "json", "ocsf", "ecs", "cef"];
const aws: readonly Field[] = [
  { name: "access_key", label: "Access key", hint: "empty: as the server is" }, { name: "secret_key", label: "Secret key", is: "secret" },
  { name: "session_token", label: "Session token", is: "secret" }, { name: "endpoint", label: "Endpoint", is: "url", hint: "empty: AWS's own" },
];

export const kinds: Readonly<Record<string, Kind>> = {
  slack: { name: "Slack", fields: [{ name: "url", label: "Incoming webhook", is: "secret", isRequired: true, hint: "https://…" }] },
  teams: { name: "Microsoft Teams", fields: [{ name: "url", label: "Workflow or webhook", is: "secret", isRequired: true, hint: "https://…" }] },
  pagerduty: { name: "PagerDuty", fields: [{ name: "routing_key", label: "Routing key", is: "secret", isRequired: true, hint: "32 characters, Events v2" }, { name: "url", label: "URL", is: "url", hint: "of another region" }] },
  email: { name: "E-mail", fields: [
    { name: "server", label: "Server", isRequired: true, hint: "host:port" }, { name: "tls", label: "Encryption", choices: ["starttls", "tls", "none"] }, { name: "user", label: "User" },
    { name: "password", label: "Password", is: "secret" }, { name: "from", label: "From", isRequired: true }, { name: "to", label: "To", is: "list", isRequired: true, hint: "1 to 20 addresses" }] },
  webhook: { name: "Webhook", fields: [
    { name: "url", label: "URL", is: "url", isRequired: true }, { name: "format", label: "Format", choices: ["json", "ocsf", "ecs", "cef", "text", "otlp", "asff"] },
    { name: "secret", label: "Secret that signs", is: "secret", hint: "16 characters at least" }, { name: "authorization", label: "Authorization header", is: "secret" },
    { name: "account", label: "Account", hint: "of asff" }, { name: "region", label: "Region", hint: "of asff" }] },
  sns: { name: "Amazon SNS", fields: [{ name: "topic", label: "Topic (ARN)", isRequired: true, hint: "arn:aws:sns:…" }, { name: "content", label: "Content", choices: contents }, ...aws] },
  securityhub: { name: "AWS Security Hub", fields: [{ name: "account", label: "Account", isRequired: true }, { name: "region", label: "Region", isRequired: true }, ...aws] },
  syslog: { name: "Syslog", fields: [
    { name: "server", label: "Server", isRequired: true, hint: "host:port" }, { name: "transport", label: "Transport", choices: ["tls", "tcp", "udp"] },
    { name: "content", label: "Content", choices: contents }, { name: "facility", label: "Facility", is: "number", hint: "13" }] },
};

/** Lists of a filter: of each that is there one must fit. */
export const filterLists: readonly { readonly name: string; readonly label: string }[] = [
  { name: "functions", label: "Functions" }, { name: "accounts", label: "Accounts" }, { name: "regions", label: "Regions" }, { name: "groups", label: "Groups" }, { name: "tags", label: "Tags (key=value)" },
  { name: "types", label: "Types" }, { name: "classes", label: "Classes" }, { name: "controls", label: "Controls" }, { name: "actions", label: "Actions" }, { name: "kinds", label: "Kinds" },
];
