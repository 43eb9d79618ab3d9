// SPDX-License-Identifier: Apache-2.0
// One document: form and text side by side, checked while it is written, its history, and whom it is for.
import { useEffect, useRef, useState } from "preact/hooks";
import { api, must } from "~/app/api.ts";
import { useLoad } from "~/app/load.ts";
import { go, place, withQuery } from "~/app/router.ts";
import { may } from "~/app/session.ts";
import { Link } from "~/parts/link.tsx";
import { Problem } from "~/parts/problem.tsx";
import { goTo, offsetOf, Source } from "~/parts/source.tsx";
import { Time } from "~/parts/time.tsx";
import { addressOf, draftOf, kindNames, type Kind, type Stored } from "~/screens/policies/address.ts";
import { useCheck, type Verdict } from "~/screens/policies/check.ts";
import { DocumentForm } from "~/screens/policies/form.tsx";
import { History } from "~/screens/policies/history.tsx";
import { Remove } from "~/screens/policies/remove.tsx";
import { Save } from "~/screens/policies/save.tsx";
import { Users } from "~/screens/policies/users.tsx";
import { pathAt, read } from "~/screens/policies/text.ts";

function Said({ verdict, onGo }: { verdict: Verdict; onGo: () => void }) {
  const { problem } = verdict;
  return (
    <div class={`said ${verdict.state}`} role="status" aria-live="polite">
      {verdict.state === "good" && <span>✓ The document is good, by itself and beside all others.</span>}
      {verdict.state === "asking" && <span class="soft">Checking …</span>}
      {verdict.state === "wrong" && problem && (
        <span>{problem.line ? <button type="button" class="quiet at" onClick={onGo}>line {problem.line}, column {problem.column}</button> : ""} {problem.detail ?? problem.title}</span>
      )}
    </div>
  );
}

function Editor({ kind, loaded, again }: { kind: Kind; loaded: Stored | undefined; again: () => void }) {
  const [stored, setStored] = useState(loaded);
  const before = stored?.body ?? "";
  const [text, setText] = useState(before || draftOf(kind));
  const [asked, ask] = useState<"save" | "remove">();
  const box = useRef<HTMLDivElement>(null);
  const isFixed = !may("operator");
  const isChanged = text !== before;
  const verdict = useCheck(text, !isFixed && isChanged);
  const document = read(text);
  const wrong = verdict.state === "wrong" && verdict.problem?.line ? { line: verdict.problem.line, column: verdict.problem.column ?? 1 } : undefined;
  const isAtRisk = useRef(false);
  isAtRisk.current = isChanged && stored !== undefined;
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => { if (isAtRisk.current) event.preventDefault(); };
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, []);
  const toPlace = () => { const area = box.current?.querySelector<HTMLTextAreaElement>(".source textarea"); if (area && wrong) goTo(area, wrong); };
  return (
    <div class="editor" ref={box}>
      <section class="card" aria-label="Form">
        {document ? <DocumentForm text={text} document={document} isFixed={isFixed} wrong={wrong && pathAt(document, offsetOf(text, wrong))} onText={setText} /> : <p class="soft">The text cannot be read as YAML yet; the form comes back when it can.</p>}
      </section>
      <section class="card" aria-label="Text">
        <Source text={text} wrong={wrong} isFixed={isFixed} label="The document as YAML" onText={setText} />
        <Said verdict={verdict} onGo={toPlace} />
        {isFixed ? <p class="soft">Operators and administrators change documents.</p> : (
          <div class="row">
            <button type="button" class="main" disabled={!isChanged || verdict.state !== "good"} onClick={() => ask("save")}>{stored ? "Look at the change and save …" : "Look at what it does and save …"}</button>
            {stored && <button type="button" disabled={!isChanged} onClick={() => setText(before)}>Undo all</button>}
            {stored && <button type="button" class="quiet" onClick={() => ask("remove")}>Delete …</button>}
          </div>
        )}
      </section>
      {asked === "save" && <Save text={text} stored={stored} onClose={() => ask(undefined)} onSaved={(made) => { ask(undefined); if (stored) { setStored(made); setText(made.body ?? ""); again(); } else go(addressOf(made.kind, made.name)); }} />}
      {asked === "remove" && stored && <Remove stored={stored} onClose={() => ask(undefined)} onGone={() => go("/policies")} />}
    </div>
  );
}

export function DocumentPage({ kind }: { kind: Kind }) {
  const { query } = place.value;
  const name = query.get("name") ?? "";
  const view = query.get("view") ?? "edit";
  const { data, error, again } = useLoad(() => (name ? must(api.GET("/v1/policies/{kind}/{name}", { params: { path: { kind, name } } })) : Promise.resolve(undefined)), [kind, name]);
  const isThere = data?.name === name;
  return (
    <>
      <p class="soft"><Link to="/policies">Policies & Groups</Link> / {kindNames[kind]}</p>
      <div class="head"><h1>{name || `New ${kind === "Group" ? "group" : `policy of ${kind === "AccountPolicy" ? "the account" : "a function"}`}`}</h1>
        {data && <span class="soft">revision {data.revision} by {data.author}, <Time at={data.time} isRelative />{data.comment ? `: ${data.comment}` : ""}</span>}</div>
      {name && <nav class="tabs" aria-label="Parts of the document">
        <Link to={withQuery({ view: undefined, from: undefined, to: undefined })} {...(view === "edit" ? { class: "current" } : {})}>Edit</Link>
        <Link to={withQuery({ view: "history" })} {...(view === "history" ? { class: "current" } : {})}>History</Link>
        <Link to={withQuery({ view: "functions", from: undefined, to: undefined })} {...(view === "functions" ? { class: "current" } : {})}>Functions</Link>
      </nav>}
      <Problem text={error} />
      {name && view === "functions" ? <Users kind={kind} name={name} /> : name && view === "history" ? data && <History kind={kind} stored={data} again={again} />
        : (isThere || !name) && <Editor key={`${name} ${data?.revision ?? 0}`} kind={kind} loaded={data} again={again} />}
    </>
  );
}
