// SPDX-License-Identifier: Apache-2.0
// What is taken from the function's allowlist and what is added to it: of its own, of its group, of all.
import { useState } from "preact/hooks";
import { api, must, type Schemas } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { may } from "~/app/session.ts";
import { dayOf, fullTime } from "~/app/show.ts";
import { Dialog } from "~/parts/dialog.tsx";
import { Link } from "~/parts/link.tsx";
import { Problem } from "~/parts/problem.tsx";
import { Time } from "~/parts/time.tsx";
import type { TabProps } from "~/screens/functions/function.tsx";
import { RuleDialog, type Asked } from "~/screens/functions/rule_dialog.tsx";
import { addressOf } from "~/screens/policies/address.ts";
import { subjects } from "~/screens/policies/entry.ts";

export type Rule = Schemas["Rule"];
type List = Rule["list"];

export async function rulesOf(id: string): Promise<readonly Rule[]> {
  const all: Rule[] = [];
  for (let cursor: string | undefined; ;) {
    const page: Schemas["RulePage"] = await must(api.GET("/v1/rules", { params: { query: { function: id, limit: 500, ...(cursor ? { cursor } : {}) } } }));
    all.push(...page.items);
    cursor = page.next;
    if (!cursor) return all;
  }
}

const nameOf = (rule: Rule): string => { const name = rule.entry["name"]; return typeof name === "string" ? name : ""; };

function scopeOf({ scope, function_name }: Rule): string {
  if (scope.kind === "function") return function_name ?? scope.name ?? "this function";
  if (scope.kind === "group") return `group ${scope.name ?? ""}`;
  return scope.name ? `account ${scope.name}` : "all functions";
}

function Row({ rule, onEdit, onEnd }: { rule: Rule; onEdit: () => void; onEnd: () => void }) {
  const title = nameOf(rule) || subjects(rule.entry)[0]?.text || rule.id;
  return (
    <tr class={rule.state === "expired" ? "soft" : undefined}>
      <td>{nameOf(rule) && <b>{nameOf(rule)}</b>}{subjects(rule.entry).map(({ label, text }) => <div key={label}><span class="soft">{label}:</span> <span class="mono">{text}</span></div>)}</td>
      <td>{scopeOf(rule)}</td>
      <td>{rule.reason}<div class="soft">{rule.author}{rule.created ? <>, <Time at={rule.created} /></> : ""}</div></td>
      <td>{rule.state === "expired" ? <span class="tag">expired</span> : ""} {rule.expires ? <time dateTime={rule.expires} title={fullTime(rule.expires)}>{dayOf(rule.expires)}</time> : "always"}</td>
      <td>{rule.origin === "document" && rule.document ? <Link to={addressOf(rule.document.kind, rule.document.name)}>in {rule.document.name}{rule.document.line ? `, line ${rule.document.line}` : ""}</Link>
        : may("operator") && <div class="row">
          <button type="button" aria-label={`Edit ${title}`} onClick={onEdit}>Edit</button>
          <button type="button" class="quiet" aria-label={`Delete or end ${title}`} onClick={onEnd}>{rule.state === "expired" ? "Delete …" : "End …"}</button></div>}</td>
    </tr>
  );
}

function End({ rule, onClose, onDone }: { rule: Rule; onClose: () => void; onDone: () => void }) {
  const [problem, setProblem] = useState("");
  const id = rule.id;
  const remove = () => must(api.DELETE("/v1/rules/{id}", { params: { path: { id } } })).then(onDone, (reason: Error) => setProblem(reason.message));
  const set = (event: SubmitEvent) => {
    event.preventDefault();
    const day = String(new FormData(event.currentTarget as HTMLFormElement).get("day"));
    void must(api.PATCH("/v1/rules/{id}", { params: { path: { id } }, body: { expires: `${day}T23:59:59Z` } })).then(onDone, (reason: Error) => setProblem(reason.message));
  };
  return (
    <Dialog title={rule.list === "rule" ? "End this rule?" : "End this exclusion?"} onClose={onClose}>
      <form class="stack" onSubmit={set}>
        <p>{rule.list === "rule" ? "What it forbids is judged by the allowlist again." : "What it let pass is judged by rules and allowlist again."}</p>
        <label>Let it end with a day (UTC) <input type="date" name="day" required min={new Date().toISOString().slice(0, 10)} /></label>
        <Problem text={problem} />
        <div class="row"><button type="submit">End it with that day</button><button type="button" class="main" onClick={() => void remove()}>Delete it now</button></div>
      </form>
    </Dialog>
  );
}

function Section({ list, rules, onAsk, onEnd }: { list: List; rules: readonly Rule[]; onAsk: (asked: Asked) => void; onEnd: (rule: Rule) => void }) {
  const noun = list === "rule" ? "rule" : "exclusion";
  return (
    <section class="card" aria-label={list === "rule" ? "Rules" : "Exclusions"}>
      <div class="head"><h2>{list === "rule" ? "Rules" : "Exclusions"}</h2>{may("operator") && <button type="button" onClick={() => onAsk({ list, entry: {} })}>Add {list === "rule" ? "a rule" : "an exclusion"} …</button>}</div>
      <p class="soft">{list === "rule" ? "They take away: what they match is blocked, or alerted where blocking is off." : "They add: what they match is neither blocked nor alerted, unless a rule says so."}</p>
      {rules.length === 0 ? <p class="soft">There is no {noun} for this function.</p>
        : <div class="scroll"><table><thead><tr><th>What</th><th>For</th><th>Reason</th><th>Until</th><th></th></tr></thead>
          <tbody>{rules.map((rule) => <Row key={rule.id} rule={rule} onEdit={() => onAsk({ list, entry: rule.entry, rule })} onEnd={() => onEnd(rule)} />)}</tbody></table></div>}
    </section>
  );
}

export function RulesTab({ row }: TabProps) {
  const { data, error, again } = useLoad(() => rulesOf(row.id), [row.id]);
  const [asked, ask] = useState<Asked>();
  const [ending, setEnding] = useState<Rule>();
  const [hasOld, setOld] = useState(false);
  const shown = (data ?? []).filter(({ state }) => hasOld || state !== "expired");
  const old = (data ?? []).length - (data ?? []).filter(({ state }) => state !== "expired").length;
  return (
    <div class="stack">
      <Problem text={error} />
      {data && (["rule", "exclusion"] as const).map((list) => <Section key={list} list={list} rules={shown.filter((one) => one.list === list)} onAsk={ask} onEnd={setEnding} />)}
      {old > 0 && <label class="row"><input type="checkbox" checked={hasOld} onChange={(event) => setOld(event.currentTarget.checked)} /> Show {old} that {old === 1 ? "has" : "have"} expired</label>}
      {asked && <RuleDialog row={row} asked={asked} onClose={() => ask(undefined)} onDone={again} />}
      {ending && <End rule={ending} onClose={() => setEnding(undefined)} onDone={() => { setEnding(undefined); again(); }} />}
    </div>
  );
}
