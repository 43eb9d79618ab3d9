// SPDX-License-Identifier: Apache-2.0
/** Shown while no function was heard of. */
export const FirstSteps = () => (
  <section class="card first">
    <h2>No function has been heard of yet</h2>
    <ol>
      <li>Put the layer into a function: <code>gambeson layer -o layer.zip</code>, add it, and set <code>AWS_LAMBDA_EXEC_WRAPPER=/opt/gambeson/gambeson-agent</code>.</li>
      <li>Make a token for the forwarder under <a href="/settings/tokens">Settings</a>.</li>
      <li>Send the function's log here: <code>gambeson ingest --follow --file LOG --server {location.origin}</code>, or let a log subscription post to <code>/v1/ingest</code>.</li>
    </ol>
    <p class="soft">What the function does appears within a second of its lines. It is learned first; nothing is blocked until you say so.</p>
  </section>
);
