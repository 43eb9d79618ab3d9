// SPDX-License-Identifier: Apache-2.0
// Sentences of events: what stands between backticks is what somebody sent, and reads as code.

export const Sentence = ({ text }: { text: string }) => {
  const parts = text.split("`");
  // An odd number of backticks: they are part of what was sent.
  if (parts.length % 2 === 0) return <>{text}</>;
  return <>{parts.map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part))}</>;
};
