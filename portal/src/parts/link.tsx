// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from "preact";
import { follow } from "~/app/router.ts";

/** A link to a screen of the portal. */
export const Link = ({ to, children, ...rest }: { to: string; children: ComponentChildren; class?: string; title?: string }) =>
  <a href={to} onClick={follow} {...rest}>{children}</a>;
