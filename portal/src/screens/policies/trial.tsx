// SPDX-License-Identifier: Apache-2.0
// What a change would do to each function, before it is made.
import { useState } from "preact/hooks";
import { api, must, type Schemas } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { count } from "~/app/show.ts";
import { Diff } from "~/parts/diff.tsx";
import { Link } from "~/parts/link.tsx";
import { Problem } from "~/parts/problem.tsx";

type Example = Schemas["PolicyTrial"]["examples"][number];
type Change = { body: string } | { remove: { kind: string; name: string } };

const many = (n: number, noun: string): string => `${count(n)} ${noun}${n === 1 ? "" : "s"}`;

function Effect({ effect }: { effect: Example }) {
  const [isOpen, open] = useState(false);
  const hasTexts = effect.before !== undefined && effect.after !== undefined;
  return (
    <li>
      <div class="row">
        <Link to={`/functions/${effect.function}`}>{effect.name}</Link> <span class="soft">{effect.account} {effect.region}</span>
        {effect.refused ? <span class="tag high">cannot be made</span> : ""}
        {hasTexts && !effect.refused && <button type="button" aria-expanded={isOpen} onClick={() => open(!isOpen)} aria-label={`What changes for ${effect.name}`}>What changes</button>}
      </div>
      {effect.refused && <p class="problem">{effect.refused}</p>}
      {isOpen && <Diff before={effect.before ?? ""} after={effect.after ?? ""} label={`The policy of ${effect.name}`} />}
    </li>
  );
}

export function Trial({ change }: { change: Change }) {
  const { data, error, isLoading } = useLoad(() => must(api.POST("/v1/policies/dry-run", { body: change })), [JSON.stringify(change)]);
  if (isLoading) return <p class="soft" role="status">Trying it on every function …</p>;
  if (!data) return <Problem text={error} />;
  const isHard = data.refused > 0;
  return (
    <section aria-label="What it does" class="trial">
      <p role="status">{data.functions === 0 ? "No function was heard of yet, so nothing changes now." : <>
        <b>{data.changed === 0 ? "No function's policy changes" : `The policy of ${many(data.changed, "function")} changes`}</b>, of {many(data.functions, "function")}{data.is_complete ? "" : " that were looked at in the time there is"}; it is for {count(data.applies)}.</>}</p>
      {isHard && <p class="problem" role="alert">For {many(data.refused, "function")} no policy could be made any more{"body" in change ? ", so it is not taken" : "; what was published last stays in force there"}.</p>}
      {data.examples.length > 0 && <ul class="known effects">{data.examples.map((effect) => <Effect key={effect.function} effect={effect} />)}</ul>}
      {data.examples.length < data.changed && <p class="soft">And {count(data.changed - data.examples.length)} more.</p>}
    </section>
  );
}
