// SPDX-License-Identifier: Apache-2.0
import { ago, fullTime, shortTime } from "~/app/show.ts";

/** A moment: local, with UTC on hover. */
export const Time = ({ at, isRelative = false }: { at: string | undefined; isRelative?: boolean }) =>
  at ? <time dateTime={at} title={fullTime(at)}>{isRelative ? ago(at) : shortTime(at)}</time> : <span class="soft">never</span>;
