// SPDX-License-Identifier: Apache-2.0
// Channels: where events are told, how it goes, and what was given up.
import { useState } from "preact/hooks";
import { api, must, type Schemas } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { count } from "~/app/show.ts";
import { Dialog } from "~/parts/dialog.tsx";
import { Link } from "~/parts/link.tsx";
import { Problem } from "~/parts/problem.tsx";
import { Time } from "~/parts/time.tsx";
import { ChannelDialog } from "~/screens/settings/channel_dialog.tsx";
import { kinds } from "~/screens/settings/channel_kinds.ts";

type Channel = Schemas["Channel"];
type State = Schemas["Message"]["state"];
const states: readonly State[] = ["dead", "waiting", "sending", "sent"];
const stateNames: Readonly<Record<State, string>> = { dead: "given up", waiting: "waiting", sending: "being sent", sent: "sent" };

function Messages({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  const [state, setState] = useState<State>(channel.status.dead > 0 ? "dead" : channel.status.waiting > 0 ? "waiting" : "sent");
  const [said, say] = useState("");
  const [problem, setProblem] = useState("");
  const path = { id: String(channel.id) };
  const { data, error, again } = useLoad(() => must(api.GET("/v1/channels/{id}/messages", { params: { path, query: { state, limit: 100 } } })), [state]);
  const resend = async (message?: number) => {
    const { resent } = await must(api.POST("/v1/channels/{id}/resend", { params: { path }, body: message === undefined ? {} : { message } })).catch((reason: Error) => { setProblem(reason.message); return { resent: 0 }; });
    say(`${count(resent)} are on their way again.`);
    again();
  };
  return (
    <Dialog title={`Messages of ${channel.name}`} onClose={onClose} isWide>
      <div class="row"><label>State <select value={state} onChange={(event) => setState(event.currentTarget.value as State)}>{states.map((name) => <option key={name} value={name}>{stateNames[name]}</option>)}</select></label>
        {state === "dead" && (data?.items.length ?? 0) > 0 && <button type="button" onClick={() => void resend()}>Send all again</button>}</div>
      {said && <p role="status">{said}</p>}
      <Problem text={error || problem} />
      <div class="scroll" tabIndex={0}><table><thead><tr><th>Made</th><th>Event</th><th>Events</th><th>Tries</th><th>What went wrong</th><th></th></tr></thead>
        <tbody>{data?.items.map((message) => (
          <tr key={message.id}><td><Time at={message.created ?? undefined} /></td><td><Link to={`/event/${message.event}`}><span class="mono">{message.event}</span></Link></td><td>{count(message.count)}</td><td>{count(message.attempts)}</td><td>{message.error}</td>
            <td>{message.state === "dead" && <button type="button" onClick={() => void resend(message.id)}>Again</button>}</td></tr>
        ))}</tbody></table></div>
      {data?.items.length === 0 && <p class="soft">None.</p>}
    </Dialog>
  );
}

function Row({ channel, onChange, onEdit, onMessages }: { channel: Channel; onChange: () => void; onEdit: () => void; onMessages: () => void }) {
  const [said, say] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [isAsked, ask] = useState(false);
  const path = { id: String(channel.id) };
  const { status } = channel;
  const test = async () => {
    setBusy(true);
    say("Sending…");
    await must(api.POST("/v1/channels/{id}/test", { params: { path } }))
      .then(({ delivered, reason, duration_ms }) => say(delivered ? `Arrived in ${count(duration_ms ?? 0)} ms.` : `Not delivered: ${reason ?? "no reason was given"}`), (reason: Error) => say(reason.message));
    setBusy(false);
  };
  const remove = async () => {
    if (!isAsked) { ask(true); return; }
    await must(api.DELETE("/v1/channels/{id}", { params: { path } })).then(onChange, (reason: Error) => say(reason.message));
  };
  return (
    <tr>
      <td><b>{channel.name}</b><div class="soft">{kinds[channel.kind]?.name ?? channel.kind}</div></td>
      <td>{channel.severity}<div class="soft">{Object.keys((channel.filter ?? {}) as object).length > 0 ? "some events" : "all events"}</div></td>
      <td>{channel.enabled ? <span class={status.failures > 0 ? "tag high" : "tag good"}>{status.failures > 0 ? "failing" : "on"}</span> : <span class="tag">off</span>}<div class="soft"><Time at={status.last_sent ?? undefined} isRelative /></div></td>
      <td>{count(status.sent)} sent, {count(status.waiting)} wait, {count(status.dead)} given up{status.last_error && <div class="soft">{status.last_error}</div>}</td>
      <td><div class="row"><button type="button" disabled={isBusy} onClick={() => void test()} aria-label={`Test ${channel.name}`}>Test</button><button type="button" onClick={onMessages} aria-label={`Messages of ${channel.name}`}>Messages</button><button type="button" onClick={onEdit} aria-label={`Change ${channel.name}`}>Change</button>
        <button type="button" onClick={() => void remove()} onBlur={() => ask(false)} aria-label={isAsked ? `Really delete ${channel.name}` : `Delete ${channel.name}`}>{isAsked ? "Really delete" : "Delete"}</button></div><p role="status" class="soft">{said}</p></td>
    </tr>
  );
}

export function Notifications() {
  const { data, error, again } = useLoad(() => must(api.GET("/v1/channels", { params: { query: { limit: 200 } } })), []);
  const [edited, edit] = useState<Channel | "new">();
  const [read, setRead] = useState<Channel>();
  const done = () => { edit(undefined); again(); };
  return (
    <section class="card"><div class="head"><h2>Channels</h2><button type="button" class="main" onClick={() => edit("new")}>Add a channel</button></div>
      <Problem text={error} />
      {data?.items.length === 0 && <p class="soft">Nobody is told of anything yet. A channel tells Slack, Teams, PagerDuty, mail, a webhook, SNS, Security Hub or syslog what is found from its making on.</p>}
      {data && data.items.length > 0 && (
        <div class="scroll"><table><thead><tr><th>Name</th><th>At least</th><th>State</th><th>Messages</th><th></th></tr></thead>
          <tbody>{data.items.map((channel) => <Row key={channel.id} channel={channel} onChange={again} onEdit={() => edit(channel)} onMessages={() => setRead(channel)} />)}</tbody></table></div>
      )}
      {edited && <ChannelDialog channel={edited === "new" ? undefined : edited} onClose={() => edit(undefined)} onDone={done} />}
      {read && <Messages channel={read} onClose={() => { setRead(undefined); again(); }} />}
    </section>
  );
}
