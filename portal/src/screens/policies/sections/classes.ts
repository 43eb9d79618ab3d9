// SPDX-License-Identifier: Apache-2.0
// The classes of attacks that the input firewall knows (docs/FIREWALL.md).
import type { Choices } from "~/screens/policies/fields.tsx";

export const classes: Choices = [
  ["cmdi", "Commands of a shell"], ["codei", "Code"], ["sqli", "SQL"], ["nosqli", "NoSQL"], ["xss", "Scripts in pages"], ["lfi", "Files and paths"], ["ssrf", "Requests of the server"],
  ["xxe", "XML entities"], ["ssti", "Templates"], ["ldapi", "LDAP"], ["deser", "Serialised objects"], ["jndi", "JNDI look-ups"], ["proto", "Prototype pollution"],
  ["csvi", "Formulas of spreadsheets"], ["crlf", "Line ends in headers"], ["redirect", "Redirects"], ["jwt", "Forged tokens"], ["graphql", "GraphQL"],
];
