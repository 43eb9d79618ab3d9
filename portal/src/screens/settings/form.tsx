// SPDX-License-Identifier: Apache-2.0
// A form that says what is wrong, and is empty once it went well.
import { useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { Problem } from "~/parts/problem.tsx";

export function Form({ action, onSubmit, children }: { action: string; onSubmit: (fields: FormData) => Promise<void>; children: ComponentChildren }) {
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setBusy(true);
    await onSubmit(new FormData(form)).then(() => { setProblem(""); form.reset(); }, (reason: Error) => setProblem(reason.message));
    setBusy(false);
  };
  return <form class="row" onSubmit={(event) => void submit(event)}>{children}<button class="main" type="submit" disabled={isBusy}>{action}</button><Problem text={problem} /></form>;
}

export const roles = ["viewer", "analyst", "operator", "admin"] as const;

export const RoleChoice = ({ name, value }: { name: string; value?: string }) => (
  <label>Role <select name={name} value={value}>{roles.map((role) => <option key={role} value={role}>{role}</option>)}</select></label>
);

/** "a b" of a field as a list. */
export const words = (fields: FormData, name: string): string[] => String(fields.get(name) ?? "").split(/[\s,]+/).filter(Boolean);
