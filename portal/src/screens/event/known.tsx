// SPDX-License-Identifier: Apache-2.0
// What a finding is known by.
import type { Line } from "~/screens/event/line.ts";

const techniques: Readonly<Record<string, string>> = {
  T1190: "Exploit public-facing application", T1059: "Command and scripting interpreter", "T1059.004": "Unix shell", T1552: "Unsecured credentials",
  "T1552.001": "Credentials in files", "T1552.005": "Cloud instance metadata", T1041: "Exfiltration over C2", T1567: "Exfiltration over web service",
  T1071: "Application layer protocol", T1105: "Ingress tool transfer", T1496: "Resource hijacking", T1499: "Endpoint denial of service",
  T1083: "File and directory discovery", T1648: "Serverless execution", T1620: "Reflective code loading", T1055: "Process injection",
};

export const techniqueName = (id: string): string => techniques[id] ?? "";

const weaknesses: Readonly<Record<number, string>> = {
  20: "Improper input validation", 22: "Path traversal", 77: "Command injection", 78: "OS command injection", 79: "Cross-site scripting", 89: "SQL injection",
  90: "LDAP injection", 91: "XML injection", 93: "CRLF injection", 94: "Code injection", 113: "HTTP response splitting", 347: "Improper verification of a signature",
  502: "Deserialization of untrusted data", 601: "Open redirect", 611: "XML external entity", 643: "XPath injection", 917: "Expression language injection",
  918: "Server-side request forgery", 943: "Injection into a data query", 1236: "Formula elements in CSV", 1321: "Prototype pollution", 1336: "Template injection",
};

/** ATT&CK and CWE: links that are followed only by a click. */
export function Known({ line }: { line: Line }) {
  if (line.attack.length === 0 && line.cwe === undefined) return <p class="soft">Nothing of ATT&amp;CK or CWE.</p>;
  return (
    <ul class="known">
      {line.attack.map((id) => (
        <li key={id}><a rel="noreferrer noopener" target="_blank" href={`https://attack.mitre.org/techniques/${encodeURIComponent(id).replace(".", "/")}/`}>{id}</a> {techniqueName(id)}</li>
      ))}
      {line.cwe !== undefined && <li><a rel="noreferrer noopener" target="_blank" href={`https://cwe.mitre.org/data/definitions/${line.cwe}.html`}>CWE-{line.cwe}</a> {weaknesses[line.cwe] ?? ""}</li>}
    </ul>
  );
}
