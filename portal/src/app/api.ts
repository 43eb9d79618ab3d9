// SPDX-License-Identifier: Apache-2.0
// The REST API, typed by its OpenAPI document (types/api.d.ts is made of it by the build).
import { signal } from "@preact/signals";
import createClient from "openapi-fetch";
import type { components, paths } from "#api";

export type Schemas = components["schemas"];
export type Event = Schemas["Event"];
export type Function = Schemas["Function"];
export type Problem = Schemas["Problem"];

/** What protects changes against other sites' pages: told at sign-in. */
export const csrf = signal("");

/** Set when a request was answered 401: the shell shows the sign-in then. */
export const isSignedOut = signal(false);

export const api = createClient<paths>({ baseUrl: location.origin });

api.use({
  onRequest({ request }) {
    if (request.method !== "GET" && csrf.value) request.headers.set("X-CSRF-Token", csrf.value);
    return request;
  },
  onResponse({ response, schemaPath }) {
    if (response.status === 401 && schemaPath !== "/v1/session") isSignedOut.value = true;
    return response;
  },
});

/** The data of an answer, or its problem as an error. */
export class Refusal extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title);
  }
}

export async function must<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await answer.catch((reason: unknown) => {
    throw new Refusal({ type: "", title: "The server cannot be reached", status: 0, detail: String(reason) });
  });
  if (response.ok) return data as T;
  const problem = error as Problem | undefined;
  throw new Refusal(problem?.title ? problem : { type: "", title: `The server answered ${response.status}`, status: response.status });
}
