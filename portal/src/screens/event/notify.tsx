// SPDX-License-Identifier: Apache-2.0
// Tell a channel of this event now.
import { useState } from "preact/hooks";
import { api, must, type Event } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { Dialog } from "~/parts/dialog.tsx";
import { Link } from "~/parts/link.tsx";
import { Problem } from "~/parts/problem.tsx";

export function Notify({ event, onClose, onDone }: { event: Event; onClose: () => void; onDone: (said: string) => void }) {
  const { data, error } = useLoad(() => must(api.GET("/v1/channels", { params: { query: { limit: 200 } } })), []);
  const [problem, setProblem] = useState("");
  const channels = data?.items ?? [];
  const send = async (submitted: SubmitEvent) => {
    submitted.preventDefault();
    const channel = channels.find(({ id }) => String(id) === new FormData(submitted.currentTarget as HTMLFormElement).get("channel"));
    if (!channel) return;
    await must(api.POST("/v1/channels/{id}/events", { params: { path: { id: String(channel.id) } }, body: { event: event.id } }))
      .then(() => onDone(`${channel.name} is told.`), (reason: Error) => setProblem(reason.message));
  };
  return (
    <Dialog title="Notify" onClose={onClose}>
      <Problem text={error || problem} />
      {data && channels.length === 0 && <p class="soft">There is no channel yet: <Link to="/settings/notifications">make one</Link>.</p>}
      {channels.length > 0 && (
        <form class="stack" onSubmit={(submitted) => void send(submitted)}>
          <label>Channel <select name="channel">{channels.map(({ id, name, kind }) => <option key={id} value={String(id)}>{name} ({kind})</option>)}</select></label>
          <div class="row"><button class="main" type="submit">Send</button></div>
        </form>
      )}
    </Dialog>
  );
}
