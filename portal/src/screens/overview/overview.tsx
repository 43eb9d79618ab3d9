// SPDX-License-Identifier: Apache-2.0
// What happened, and what wants doing.
import { useState } from "preact/hooks";
import { api, must, type Schemas } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { go } from "~/app/router.ts";
import { className, count } from "~/app/show.ts";
import { Bars } from "~/parts/bars.tsx";
import { Link } from "~/parts/link.tsx";
import { Problem } from "~/parts/problem.tsx";
import { FirstSteps } from "~/screens/overview/first_steps.tsx";

const dayMs = 86400000;
const hourMs = 3600000;
/** Of so many of the newest events, about, the server counts addresses. */
const addressesMax = 50000;
/** At most so many addresses are told to be new. */
const newMax = 100;

type Overview = Awaited<ReturnType<typeof load>>;
const load = (days: number) => must(api.GET("/v1/overview", { params: { query: { days } } }));

const states = ["unprotected", "learning", "detecting", "blocking"] as const;

function Numbers({ overview, days }: { overview: Overview; days: number }) {
  const { attacks, functions } = overview;
  const change = attacks.before === 0 ? "" : `${attacks.seen >= attacks.before ? "+" : "−"}${Math.abs(Math.round((attacks.seen / attacks.before - 1) * 100))} % against the ${days} days before`;
  return (
    <>
      <section class="card span3"><h2>Attacks seen</h2><div class="number"><Link to={`/events?severity=medium&from=${since(days)}`}>{count(attacks.seen)}</Link></div><p class="soft">{change}</p></section>
      <section class="card span3"><h2>Blocked</h2><div class="number"><Link to={`/events?action=blocked&from=${since(days)}`}>{count(attacks.blocked)}</Link></div>
        <p class="soft">{attacks.seen ? `${Math.round((attacks.blocked / attacks.seen) * 100)} % of them` : ""}</p></section>
      <section class="card span6"><h2>Functions</h2>
        <ul class="states">{states.map((state) => (
          <li key={state}><Link to={`/functions?state=${state}`}><b>{count(functions[state] ?? 0)}</b> {state}</Link></li>
        ))}</ul></section>
    </>
  );
}

const since = (days: number): string => new Date(Date.now() - days * dayMs).toISOString().slice(0, 19) + "Z";

function Top({ title, note, rows, to }: { title: string; note?: string | undefined; rows: readonly Schemas["Count"][]; to: (row: Schemas["Count"]) => string }) {
  return (
    <section class="card span4"><h2>{title}</h2>
      {note && <p class="soft">{note}</p>}
      {rows.filter((row) => row.value).length === 0 ? <p class="soft">None.</p> : (
        <ol class="top-list">{rows.filter((row) => row.value).map((row) => (
          <li key={row.value}><Link to={to(row)}>{row.name ?? row.value}</Link><span>{count(row.count)}</span></li>
        ))}</ol>
      )}
    </section>
  );
}

function Fresh({ overview }: { overview: Overview }) {
  const fresh = overview.is_new;
  const yesterday = since(1);
  const lines = [
    fresh.functions ? { text: `${count(fresh.functions)} ${fresh.functions === 1 ? "function" : "functions"} seen for the first time`, to: "/functions?sort=-first_seen" } : undefined,
    fresh.attackers ? { text: `${count(fresh.attackers)}${fresh.attackers >= newMax ? " or more" : ""} ${fresh.attackers === 1 ? "address" : "addresses"} not among the attackers before`, to: `/events?group=source_ip&from=${yesterday}` } : undefined,
    ...fresh.types.map((type) => ({ text: `First ${type}`, to: `/events?type=${encodeURIComponent(type)}&from=${yesterday}` })),
  ].flatMap((line) => line ?? []);
  return (
    <section class="card span4"><h2>New since yesterday</h2>
      {lines.length === 0 ? <p class="soft">Nothing new.</p> : <ul class="top-list">{lines.map(({ text, to }) => <li key={text}><Link to={to}>{text}</Link></li>)}</ul>}
    </section>
  );
}

function Learning({ overview }: { overview: Overview }) {
  return (
    <section class="card span6"><h2>Learning</h2>
      {overview.learning.length === 0 ? <p class="soft">No function is learning.</p> : (
        <table><thead><tr><th>Function</th><th>Progress</th></tr></thead>
          <tbody>{overview.learning.map((row) => (
            <tr key={row.id}><td><Link to={`/functions/${row.id}`}>{row.name}</Link></td>
              <td><progress max={100} value={row.learning_percent ?? 0} aria-label={`${row.name}: learned`} /> {row.learning_percent ?? 0} %</td></tr>
          ))}</tbody></table>
      )}
    </section>
  );
}

function Gaps({ overview }: { overview: Overview }) {
  return (
    <section class="card span6"><h2>Gaps in sight</h2>
      {overview.gaps.length === 0 ? <p class="soft">None was told.</p> : (
        <table><thead><tr><th>Function</th><th>Why</th><th>Times</th></tr></thead>
          <tbody>{overview.gaps.map((gap) => (
            <tr key={gap.function + gap.reason}><td><Link to={`/functions/${gap.function}/coverage`}>{gap.function_name ?? gap.function}</Link></td><td>{gap.reason.replaceAll("_", " ")}</td><td>{count(gap.count)}</td></tr>
          ))}</tbody></table>
      )}
    </section>
  );
}

export default function OverviewScreen() {
  const [days, setDays] = useState(7);
  const { data, error } = useLoad(() => load(days), [days]);
  const step = days > 3 ? dayMs : hourMs;
  const isEmpty = data && states.every((state) => !data.functions[state]);
  return (
    <>
      <div class="head"><h1>Overview</h1>
        <label class="soft">Last <select value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
          {[1, 7, 30, 90].map((n) => <option key={n} value={n}>{n === 1 ? "24 hours" : `${n} days`}</option>)}</select></label></div>
      <Problem text={error} />
      {isEmpty && <FirstSteps />}
      {data && !isEmpty && (
        <div class="grid">
          <Numbers overview={data} days={days} />
          <section class="card span12"><h2>Attacks over time</h2>
            <Bars buckets={data.series} from={Date.now() - days * dayMs} to={Date.now()} step={step} name={className} label={`Attacks of the last ${days} days by class`}
              onPick={(time, key) => go(`/events?${key && `class=${encodeURIComponent(key)}&`}from=${encodeURIComponent(time.slice(0, 19) + "Z")}&to=${encodeURIComponent(new Date(Date.parse(time) + step).toISOString().slice(0, 19) + "Z")}`)} />
          </section>
          <Top title="Most attacked functions" rows={data.top_functions} to={(row) => `/events?function=${row.value}`} />
          <Top title="Attackers" note={data.attacks.seen > addressesMax ? `Of the newest ${count(addressesMax)} attacks` : undefined} rows={data.top_attackers} to={(row) => `/events?source_ip=${encodeURIComponent(row.value)}`} />
          <Fresh overview={data} />
          <Learning overview={data} />
          <Gaps overview={data} />
        </div>
      )}
    </>
  );
}
