// SPDX-License-Identifier: Apache-2.0
// Signing in, and making the first administrator with the link that the server printed.
import { useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { Problem } from "~/parts/problem.tsx";
import { go } from "~/app/router.ts";
import { setUp, signIn } from "~/app/session.ts";

function Card({ title, action, isNew, onSubmit, children }: {
  title: string; action: string; isNew: boolean; onSubmit: (name: string, password: string) => Promise<void>; children?: ComponentChildren;
}) {
  const [error, setError] = useState("");
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    await onSubmit(String(data.get("name")), String(data.get("password"))).then(() => setError(""), (reason: Error) => setError(reason.message));
    setBusy(false);
  };
  return (
    <main class="door">
      <form class="card" onSubmit={(event) => void submit(event)}>
        <img src="/icon.svg" alt="" width="44" height="44" />
        <h1>{title}</h1>
        {children}
        <label>Name<input name="name" autocomplete="username" required autofocus maxLength={64} /></label>
        <label>Password<input name="password" type="password" autocomplete={isNew ? "new-password" : "current-password"} required minLength={isNew ? 12 : 1} /></label>
        <Problem text={error} />
        <button class="main" type="submit" disabled={isBusy}>{action}</button>
      </form>
    </main>
  );
}

export function SignIn() {
  return <Card title="Sign in to Gambeson" action="Sign in" isNew={false} onSubmit={signIn} />;
}

export function SetUp() {
  const token = location.hash.slice(1);
  return (
    <Card title="Make the administrator" action="Make it and sign in" isNew onSubmit={async (name, password) => {
      await setUp(token, name, password);
      go("/", true);
    }}>
      {token ? <p class="soft">This link works once. The password has at least 12 characters.</p>
        : <p class="problem">The link is not whole: it ends with # and a token, as the server printed it.</p>}
    </Card>
  );
}
