// SPDX-License-Identifier: Apache-2.0
// A channel, new or as it is, as a form. Secrets that stand there as *** stay what they are.
import { useState } from "preact/hooks";
import { api, must, type Schemas } from "~/app/api.ts";
import { Dialog } from "~/parts/dialog.tsx";
import { Problem } from "~/parts/problem.tsx";
import { filterLists, kinds, type Field } from "~/screens/settings/channel_kinds.ts";
import { words } from "~/screens/settings/form.tsx";

type Channel = Schemas["Channel"];
type Json = Record<string, unknown>;

const shown = (value: unknown): string => (Array.isArray(value) ? value.join(", ") : typeof value === "string" || typeof value === "number" ? String(value) : "");

function Input({ field, value }: { field: Field; value: unknown }) {
  const name = `config.${field.name}`;
  if (field.choices)
    return (
      <label>{field.label} <select name={name}>{field.choices.map((choice) => <option key={choice} value={choice} selected={choice === shown(value)}>{choice}</option>)}</select></label>
    );
  const rest = { name, defaultValue: shown(value), placeholder: field.hint ?? "", required: field.isRequired ?? false };
  return (
    <label>{field.label}{field.isRequired ? "" : " (may be empty)"} {field.is === "secret" ? <input type="password" autocomplete="new-password" {...rest} />
      : field.is === "number" ? <input type="number" {...rest} /> : <input type="text" autocomplete="off" spellcheck={false} {...rest} />}</label>
  );
}

/** What the form says, as the API takes it; what is empty is left out. */
function read(fields: FormData, kind: string): Schemas["ChannelFields"] {
  const config: Json = {};
  for (const { name, is } of kinds[kind]?.fields ?? []) {
    const text = String(fields.get(`config.${name}`) ?? "").trim();
    if (text) config[name] = is === "list" ? words(fields, `config.${name}`) : is === "number" ? Number(text) : text;
  }
  const filter: Json = {};
  for (const { name } of filterLists) {
    const list = String(fields.get(`filter.${name}`) ?? "").split(",").map((one) => one.trim()).filter(Boolean);
    if (list.length > 0) filter[name] = list;
  }
  return {
    name: String(fields.get("name")).trim(), severity: String(fields.get("severity")), window: Number(fields.get("window")), enabled: fields.get("enabled") === "on",
    config: config as Schemas["ChannelFields"]["config"] & object, filter: filter as Schemas["ChannelFields"]["filter"] & object,
  };
}

export function ChannelDialog({ channel, onClose, onDone }: { channel: Channel | undefined; onClose: () => void; onDone: () => void }) {
  const [kind, setKind] = useState(channel?.kind ?? "slack");
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  const config = (channel?.config ?? {}) as Json;
  const filter = (channel?.filter ?? {}) as Json;
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    const body = read(new FormData(event.currentTarget as HTMLFormElement), kind);
    setBusy(true);
    await must(channel ? api.PATCH("/v1/channels/{id}", { params: { path: { id: String(channel.id) } }, body }) : api.POST("/v1/channels", { body: { ...body, kind } }))
      .then(onDone, (reason: Error) => setProblem(reason.message));
    setBusy(false);
  };
  return (
    <Dialog title={channel ? `Change ${channel.name}` : "Add a channel"} onClose={onClose}>
      <form class="stack" onSubmit={(event) => void save(event)}>
        <label>Kind <select value={kind} disabled={channel !== undefined} onChange={(event) => setKind(event.currentTarget.value)}>
          {Object.entries(kinds).map(([value, { name }]) => <option key={value} value={value}>{name}</option>)}</select></label>
        <label>Name <input name="name" required maxLength={64} defaultValue={channel?.name ?? ""} autocomplete="off" /></label>
        <div class="stack" key={kind}>{kinds[kind]?.fields.map((field) => <Input key={field.name} field={field} value={config[field.name]} />)}</div>
        <div class="row">
          <label>At least <select name="severity">{["info", "low", "medium", "high", "critical"].map((name) => <option key={name} value={name} selected={name === (channel?.severity ?? "high")}>{name}</option>)}</select></label>
          <label>What is alike within <input name="window" type="number" min={0} max={86400} defaultValue={String(channel?.window ?? 60)} required /> seconds is one message</label>
        </div>
        <details open={Object.keys(filter).length > 0}><summary>Only some events</summary>
          <div class="stack">{filterLists.map(({ name, label }) => <label key={name}>{label} <input name={`filter.${name}`} defaultValue={shown(filter[name])} placeholder="all; several with commas" autocomplete="off" /></label>)}</div>
        </details>
        <label class="check"><input type="checkbox" name="enabled" defaultChecked={channel?.enabled ?? true} /> It tells</label>
        <Problem text={problem} />
        <div class="row"><button class="main" type="submit" disabled={isBusy}>{channel ? "Save" : "Add"}</button></div>
      </form>
    </Dialog>
  );
}
