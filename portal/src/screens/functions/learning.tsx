// SPDX-License-Identifier: Apache-2.0
// How far learning is, what it still waits for, and the allowlist that it proposes.
import { useState } from "preact/hooks";
import { api, must, type Schemas } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { may } from "~/app/session.ts";
import { count, shortTime } from "~/app/show.ts";
import { Curve, percent } from "~/parts/curve.tsx";
import { Dialog } from "~/parts/dialog.tsx";
import { Diff } from "~/parts/diff.tsx";
import { Problem } from "~/parts/problem.tsx";
import { Time } from "~/parts/time.tsx";
import type { TabProps } from "~/screens/functions/function.tsx";

type Learning = Schemas["Learning"];

const oneIn = (share: number): string => count(Math.round(1 / share));

function sentence(learning: Learning): string {
  const last = learning.points.at(-1);
  if (learning.state === "profiling" || !last) return "Nothing of its newest code was seen yet. Functions are learned from what their sandboxes tell while a policy observes, or without any policy.";
  const seen = `${count(last.invocations)} invocations were seen`;
  if (learning.percent >= 100) return `Learning has ended: ${seen}, and the chance that the next one does something unlisted is at most ${percent(learning.bound)}.`;
  return `${seen}, about ${count(Math.max(last.needed - last.invocations, 0))} are to go. The next one does something that no other did with a chance of at most ${percent(learning.bound)}; learning ends when that is below ${percent(learning.epsilon)} (1 in ${oneIn(learning.epsilon)}), which is said wrongly in at most ${percent(learning.delta)} of all cases.`;
}

function Chart({ learning }: { learning: Learning }) {
  const points = learning.points.map((point) => ({ x: point.invocations, y: point.bound, says: `${count(point.invocations)} invocations: at most ${percent(point.bound)} (${shortTime(point.time)})` }));
  if (points.length === 0) return null;
  return <Curve points={points} goal={learning.epsilon} goalName={`ends below ${percent(learning.epsilon)}`} xName="invocations seen" yName="chance of something unlisted, at most" label="Learning: the bound by invocations" />;
}

function Approve({ id, proposal, current, onClose, onDone }: { id: string; proposal: { revision: number; body: string }; current: string; onClose: () => void; onDone: () => void }) {
  const [problem, setProblem] = useState("");
  const approve = () => must(api.POST("/v1/functions/{id}/allowlist/approve", { params: { path: { id } }, body: { revision: proposal.revision } })).then(onDone, (reason: Error) => setProblem(reason.message));
  return (
    <Dialog title={current ? "Put the new allowlist in force?" : "Put the proposed allowlist in force?"} onClose={onClose} isWide>
      <div class="stack">
        <p class="soft">What is not on it is a finding from then on, and is blocked where the function blocks.</p>
        <Diff before={current} after={proposal.body} label="The proposed allowlist against the one in force" />
        <Problem text={problem} />
        <div class="row"><button type="button" class="main" onClick={() => void approve()}>Approve</button><button type="button" onClick={onClose}>Not yet</button></div>
      </div>
    </Dialog>
  );
}

function Drop({ id, onClose, onDone }: { id: string; onClose: () => void; onDone: () => void }) {
  const [problem, setProblem] = useState("");
  const drop = () => must(api.DELETE("/v1/functions/{id}/allowlist", { params: { path: { id } } })).then(onDone, (reason: Error) => setProblem(reason.message));
  return (
    <Dialog title="Take the allowlist out of force?" onClose={onClose}>
      <p>Nothing is unlisted then. Learning goes on, and proposes one again.</p>
      <Problem text={problem} />
      <div class="row"><button type="button" class="main" onClick={() => void drop()}>Take it out</button><button type="button" onClick={onClose}>Keep it</button></div>
    </Dialog>
  );
}

export function LearningCard({ row, again }: TabProps) {
  const learning = useLoad(() => must(api.GET("/v1/functions/{id}/learning", { params: { path: { id: row.id } } })), [row.id]);
  const lists = useLoad(() => must(api.GET("/v1/functions/{id}/allowlist", { params: { path: { id: row.id } } })), [row.id]);
  const [asked, ask] = useState<"approve" | "drop">();
  const done = () => { ask(undefined); learning.again(); lists.again(); again(); };
  const proposal = lists.data?.proposal;
  const current = lists.data?.allowlist;
  const isNew = proposal && proposal.body !== current?.body;
  return (
    <section class="card" aria-label="Learning">
      <div class="head"><h2>Learning</h2>{learning.data && <span><progress max={100} value={learning.data.percent} aria-label="Learned" /> {learning.data.percent} %</span>}</div>
      <Problem text={learning.error || lists.error} />
      {learning.data && <><p>{sentence(learning.data)}</p><Chart learning={learning.data} /></>}
      {isNew && <p class="row"><span><b>An allowlist is proposed</b>, <Time at={proposal.time} isRelative />{current ? ", and differs from the one in force" : ""}.</span>{may("operator") && <button type="button" class="main" onClick={() => ask("approve")}>Look at it and approve …</button>}</p>}
      {current && <p class="row"><span>An allowlist is in force, by {current.author}, <Time at={current.time} isRelative />.</span>{may("operator") && <button type="button" class="quiet" onClick={() => ask("drop")}>Take it out of force …</button>}</p>}
      {asked === "approve" && proposal && <Approve id={row.id} proposal={proposal} current={current?.body ?? ""} onClose={() => ask(undefined)} onDone={done} />}
      {asked === "drop" && <Drop id={row.id} onClose={() => ask(undefined)} onDone={done} />}
    </section>
  );
}
