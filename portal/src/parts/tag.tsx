// SPDX-License-Identifier: Apache-2.0
// Small words with a colour that says no more than the word does.

export const Severity = ({ name }: { name: string }) => <span class={`tag ${name}`}>{name}</span>;

const stateKinds: Readonly<Record<string, string>> = { blocking: "good", detecting: "medium", learning: "", unprotected: "high", blocked: "good", observed: "medium" };

export const State = ({ name }: { name: string }) => <span class={`tag ${stateKinds[name] ?? ""}`}>{name}</span>;
