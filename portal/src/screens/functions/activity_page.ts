// SPDX-License-Identifier: Apache-2.0
// What a function does, in pages; the server looks for text and verdict.
import { api, must, type Schemas } from "~/app/api.ts";
import type { Page } from "~/app/pages.ts";
import type { Activity } from "~/screens/functions/activity_rows.tsx";

export interface Wanted {
  readonly id: string;
  readonly kind?: Activity["kind"];
  readonly text?: string;
  readonly verdict?: Activity["verdict"] | undefined;
  readonly folder?: string;
  readonly version?: string;
  readonly against?: string;
  readonly difference?: "added" | "removed" | "same";
}

export type ActivityPage = Page<Activity> & Omit<Schemas["FunctionActivityPage"], "items" | "next">;

const most = 500;

export const loadActivity = ({ id, ...wanted }: Wanted) => async (cursor?: string): Promise<ActivityPage> => {
  const query = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value));
  const page = await must(api.GET("/v1/functions/{id}/activity", { params: { path: { id }, query: { ...query, limit: most, ...(cursor ? { cursor } : {}) } } }));
  return { ...page, next: page.next };
};
