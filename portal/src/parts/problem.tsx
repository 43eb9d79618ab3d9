// SPDX-License-Identifier: Apache-2.0
/** What went wrong, told to screen readers too; nothing when there is nothing. */
export const Problem = ({ text }: { text: string }) => (text ? <p class="problem" role="alert">{text}</p> : null);
