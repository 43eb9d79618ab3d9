// SPDX-License-Identifier: Apache-2.0
// Who is told, who may come in, and what was changed by whom.
import type { ComponentType } from "preact";
import { may } from "~/app/session.ts";
import { Link } from "~/parts/link.tsx";
import { Account } from "~/screens/settings/account.tsx";
import { Audit } from "~/screens/settings/audit.tsx";
import { Keys } from "~/screens/settings/keys.tsx";
import { Notifications } from "~/screens/settings/notifications.tsx";
import { Retention } from "~/screens/settings/retention.tsx";
import { SignInWays } from "~/screens/settings/sign_in.tsx";
import { Tokens } from "~/screens/settings/tokens.tsx";
import { Users } from "~/screens/settings/users.tsx";

const parts: readonly { path: string; name: string; Part: ComponentType; role: "viewer" | "operator" | "admin" }[] = [
  { path: "account", name: "Your account", Part: Account, role: "viewer" },
  { path: "tokens", name: "API tokens", Part: Tokens, role: "viewer" },
  { path: "notifications", name: "Notifications", Part: Notifications, role: "operator" },
  { path: "keys", name: "Policy key", Part: Keys, role: "viewer" },
  { path: "users", name: "Users", Part: Users, role: "admin" },
  { path: "sign-in", name: "Sign-in", Part: SignInWays, role: "admin" },
  { path: "retention", name: "Retention", Part: Retention, role: "admin" },
  { path: "audit", name: "Audit log", Part: Audit, role: "admin" },
];

export default function SettingsScreen({ id }: { id: string }) {
  const open = parts.filter(({ role }) => may(role));
  const { path, Part } = open.find((part) => part.path === id) ?? open[0]!;
  return (
    <>
      <div class="head"><h1>Settings</h1></div>
      <nav class="tabs" aria-label="Settings">{open.map((part) => <Link key={part.path} to={`/settings/${part.path}`} {...(part.path === path ? { class: "current" } : {})}>{part.name}</Link>)}</nav>
      <Part />
    </>
  );
}
