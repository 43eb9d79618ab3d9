// SPDX-License-Identifier: Apache-2.0
// All text that is drawn goes through here: what cannot be seen in it, or turns its direction, is spelt out (\u{202e}), as in our
// messages to people. Texts of events are an attacker's.
import { Fragment, options, type ComponentChild, type VNode } from "preact";

// Controls but tab and line feed; soft hyphen; what has no width; what turns the direction; byte order mark; tags; private use.
const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\p{Co}\p{Cs}\u{e0000}-\u{e0fff}]/gu;

export const visible = (text: string): string =>
  text.replace(hidden, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);

function spell(child: ComponentChild): ComponentChild {
  if (typeof child === "string") return visible(child);
  return Array.isArray(child) ? (child as ComponentChild[]).map(spell) : child;
}

const before = options.vnode;
options.vnode = (vnode: VNode) => {
  if (typeof vnode.type === "string" || vnode.type === Fragment) {
    const props = vnode.props as Record<string, unknown>;
    props.children = spell(props.children as ComponentChild);
    for (const name of ["title", "aria-label", "placeholder"]) if (typeof props[name] === "string") props[name] = visible(props[name]);
  }
  before?.(vnode);
};
