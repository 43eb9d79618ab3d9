// SPDX-License-Identifier: Apache-2.0
// The key and the secret that bind functions to a group. The document has the key and the secret's hash; the secret is shown once.
import { useState } from "preact/hooks";
import { api, must } from "~/app/api.ts";
import { Problem } from "~/parts/problem.tsx";
import type { FormProps } from "~/screens/policies/fields.tsx";
import { textAt, withValue } from "~/screens/policies/text.ts";

const graceMs = 14 * 86400000;

export function GroupKey({ text, document, isFixed, onText }: FormProps) {
  const [secret, setSecret] = useState("");
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  const key = textAt(document, ["spec", "key"]);
  const hash = textAt(document, ["spec", "secretHash"]);
  const previous = textAt(document, ["spec", "previous", "expires"]);
  const make = async () => {
    setBusy(true);
    setProblem("");
    await must(api.POST("/v1/group-keys")).then((made) => {
      let now = withValue(text, ["spec", "key"], key || made.key);
      now = withValue(now, ["spec", "secretHash"], made.secret_hash);
      if (hash) now = withValue(now, ["spec", "previous"], { secretHash: hash, expires: new Date(Date.now() + graceMs).toISOString().slice(0, 10) });
      onText(now);
      setSecret(made.secret);
    }, (reason: Error) => setProblem(reason.message));
    setBusy(false);
  };
  return (
    <fieldset class="stack"><legend>Key and secret</legend>
      {key ? <p>Functions deployed with the key <code>{key}</code> and its secret are in this group, whatever it matches.{previous && <> The secret before is good until {previous}.</>}</p>
        : <p class="soft">Functions may also be bound to this group by a key and a secret that their deployment has.</p>}
      {secret && <p class="made" role="status">Copy the secret now, it is not shown again, and save the document: <code>{secret}</code></p>}
      <Problem text={problem} />
      {!isFixed && <div class="row">
        <button type="button" disabled={isBusy || secret !== ""} onClick={() => void make()}>{key ? "Replace the secret" : "Make a key and a secret"}</button>
        {previous && !secret && <button type="button" class="quiet" onClick={() => onText(withValue(text, ["spec", "previous"], undefined))}>End the secret before now</button>}
        {key && !secret && <button type="button" class="quiet" onClick={() => onText(["key", "secretHash", "previous"].reduce((now, name) => withValue(now, ["spec", name], undefined), text))}>Take key and secret away</button>}
      </div>}
    </fieldset>
  );
}
