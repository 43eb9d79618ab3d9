// SPDX-License-Identifier: Apache-2.0
// Who is signed in.
import { signal } from "@preact/signals";
import { api, csrf, isSignedOut, must, type Schemas } from "~/app/api.ts";

export type User = Schemas["User"];

/** undefined: not known yet; null: nobody. */
export const session = signal<User | null | undefined>(undefined);

function enter(account: Schemas["Account"]): void {
  csrf.value = account.csrf_token;
  session.value = account.user;
  isSignedOut.value = false;
}

export async function whoAmI(): Promise<void> {
  const { data } = await api.GET("/v1/session").catch(() => ({ data: undefined }));
  if (data) enter(data);
  else session.value = null;
}

export async function signIn(name: string, password: string): Promise<void> {
  enter(await must(api.POST("/v1/session", { body: { name, password } })));
}

export async function setUp(token: string, name: string, password: string): Promise<void> {
  enter(await must(api.POST("/v1/setup", { body: { token, name, password } })));
}

export async function leave(): Promise<void> {
  await api.DELETE("/v1/session");
  csrf.value = "";
  session.value = null;
}

const order = ["viewer", "analyst", "operator", "admin"];

/** Whether the one signed in may do what wants at least this role. The server decides; this only spares useless buttons. */
export const may = (role: "viewer" | "analyst" | "operator" | "admin"): boolean =>
  order.indexOf(session.value?.role ?? "") >= order.indexOf(role);
