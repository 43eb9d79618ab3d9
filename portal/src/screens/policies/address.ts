// SPDX-License-Identifier: Apache-2.0
import type { Schemas } from "~/app/api.ts";

export type Kind = "AccountPolicy" | "Group" | "FunctionPolicy";
export type Stored = Schemas["PolicyDocument"];

export const kinds: readonly Kind[] = ["AccountPolicy", "Group", "FunctionPolicy"];
export const kindNames: Readonly<Record<Kind, string>> = { AccountPolicy: "Account", Group: "Group", FunctionPolicy: "Function" };

/** Names of documents are any text (ARNs, say), so they stand in the query. */
export const addressOf = (kind: string, name: string): string => `/policies/${kind}?${new URLSearchParams({ name }).toString()}`;

const heads: Readonly<Record<Kind, string>> = {
  AccountPolicy: "metadata: {name: account}\nspec:\n",
  Group: "metadata: {name: new-group}\nspec:\n  match:\n    functions: [\"new-*\"]   # of groups that match, the closest counts\n  policy:\n",
  FunctionPolicy: "metadata: {name: new-function}   # the function's name or ARN\nspec:\n",
};

export const draftOf = (kind: Kind): string => {
  const space = kind === "Group" ? "    " : "  ";
  return `apiVersion: gambeson/v1\nkind: ${kind}\n${heads[kind]}${space}posture: detect           # off, detect, block: caps every control\n${space}enforce: after learning\n`;
};
