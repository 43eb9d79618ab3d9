// SPDX-License-Identifier: Apache-2.0
// policies.mjs MODULES LINK: Policies & Groups in a browser: documents as form and text, checked, tried, stored, compared, brought back.
import { check, run } from "./browser.mjs";
import { hostile, ingest, randomFrom, Sandbox } from "./seed.mjs";

const [modules, link] = process.argv.slice(2);

const account = `# What holds for every function
apiVersion: gambeson/v1
kind: AccountPolicy
metadata: {name: acme}
spec:
  posture: block      # since the audit
  enforce: at once
  controls: {flow: block, drift: detect}   # drift is new
  rules:
    # nobody reads these
    - name: no-passwords
      reason: credentials of the system
      files: {read: [/etc/passwd, "/etc/shadow*"]}
    - {name: no-curl, processes: [/usr/bin/curl]}
`;

/** Functions that were heard of. */
async function hear(it) {
  const { token } = (await it.call("POST", "/v1/tokens", { name: "forwarder", role: "admin", scopes: ["ingest"] })).body;
  const random = randomFrom(3);
  for (const name of ["pay-in", "pay-out", "search", hostile[0]])
    await ingest(it.origin, token, new Sandbox({ name, runtime: "nodejs20.x", mode: "detect", code: "c0de" }, Date.now() - 60000, random).lines.join("\n") + "\n", { account: "123456789012", region: "eu-west-1", function: name });
}

const textOf = (it) => it.page.locator(".source textarea").inputValue();
const write = (it, text) => it.page.fill(".source textarea", text);
const said = (it) => it.page.locator(".said").innerText();

/** Save what stands in the editor; what the dialog says of its effect. */
async function save(it, comment) {
  await it.sees(".said.good");
  await it.page.click("button.main:has-text('save …')");
  await it.sees("dialog .trial");
  const effect = await it.page.locator("dialog .trial").innerText();
  await it.page.fill("dialog input[name=comment]", comment);
  await it.page.click("dialog button.main");
  await it.page.locator("dialog").waitFor({ state: "detached" });
  return effect;
}

async function make(it) {
  const { page } = it;
  check(await it.open("/policies", "Policies & Groups") && await it.sees("text=There is no policy yet"), "without documents it says what they would do");
  await it.accessibleInBoth("policies, empty");
  await page.click("text=New policy of the account");
  check(await it.heading("New policy of the account"), "a new document is a form beside a text");
  await it.sees(".said.good");
  check((await textOf(it)).includes("kind: AccountPolicy") && await page.locator("select[name='spec.posture']").inputValue() === "detect", "both say the same");

  await write(it, account.replace("posture: block", "posture: blok"));
  await it.sees(".said.wrong");
  check(/line 6, column 12 .*did you mean 'block'/.test(await said(it)), `what is wrong has its place and a suggestion: ${await said(it)}`);
  check(await page.locator(".gutter .wrong").innerText() === "6", "the line is marked");
  check(await page.locator("button.main:has-text('save …')").isDisabled(), "what is wrong is not saved");
  await page.click(".said .at");
  check(await page.evaluate(() => document.activeElement.selectionStart === document.activeElement.value.indexOf("blok")), "its place is one click away");
  await write(it, "a: [");
  check(await it.sees("text=The text cannot be read as YAML yet") && await it.sees(".said.wrong"), "a text that is no YAML has no form");

  await write(it, account);
  check(await it.sees(".said.good"), "what is good is said to be good");
  await it.accessibleInBoth("a document");
  const effect = await save(it, "first words");
  check(effect.includes("The policy of 4 functions changes"), `what it does is told first: ${effect}`);
  check(await it.heading("acme") && page.url().endsWith("/policies/AccountPolicy?name=acme"), "a document that was made has its address");
  check((await it.call("GET", "/v1/policies/AccountPolicy/acme")).body.body === account, "the text is stored as it was written");
}

async function change(it) {
  const { page } = it;
  await page.selectOption("select[name='spec.posture']", "detect");
  check(await textOf(it) === account.replace("posture: block ", "posture: detect "), "a choice of the form changes its word, and nothing else");
  await page.selectOption("select[name='spec.controls.budgets']", "off");
  await page.selectOption("select[name='spec.controls.drift']", "");
  check((await textOf(it)).includes("  controls: {flow: block, budgets: off} # drift is new\n") && (await textOf(it)).includes("# since the audit"), "controls are put in and taken out, comments stay");
  await page.selectOption("select[name=enforce]", "at");
  check(/ {2}enforce: at 20\d\d-\d\d-\d\d\n/.test(await textOf(it)), "a day of enforcing");
  await page.selectOption("select[name=enforce]", "after learning");

  await page.click("button:text-is('Edit') >> nth=0");
  await page.fill("dialog textarea[name='files.read']", "/etc/passwd\n/root/**\n{regex: \"/etc/[a-z]+\\\\.key\"}");
  await page.fill("dialog input[name=expires]", "2031-12-31");
  await it.accessibleInBoth("a rule");
  await page.click("dialog button.main");
  const edited = await textOf(it);
  check(edited.includes("# nobody reads these") && edited.includes('{read: [/etc/passwd, /root/**, {regex: "/etc/[a-z]+\\\\.key"}]}') && edited.includes("expires: 2031-12-31"),
    `a rule is changed in its place: ${edited.slice(edited.indexOf("  rules:"))}`);
  await page.click("text=Add an exclusion");
  await page.click("dialog button.main");
  check(await page.locator("dialog [role=alert]").innerText() === "Say what it matches.", "an entry that matches nothing is none");
  await page.selectOption("dialog select[name=facet]", "processes");
  await page.fill("dialog textarea[name=processes]", "/usr/bin/convert -resize <number> *\n{broken");
  await page.click("dialog button.main");
  check((await page.locator("dialog [role=alert]").innerText()).includes("{broken"), "a line that cannot be read is named");
  await page.fill("dialog textarea[name=processes]", `/usr/bin/convert -resize <number> *`);
  await page.fill("dialog input[name=name]", hostile[0]);
  await page.fill("dialog input[name=reason]", `${hostile[1]}: a reason # no comment`);
  await page.keyboard.press("Enter");
  await page.locator("dialog").waitFor({ state: "detached" });
  check(await it.sees(".said.good"), `an entry is good whatever its name: ${await said(it)}`);
  check(await page.locator(".entries b", { hasText: hostile[0] }).count() === 1, "and is shown as text");
  await page.click("[aria-label='Remove no-curl']");
  check(!(await textOf(it)).includes("no-curl"), "a rule is taken away");

  await page.click("button.main:has-text('save …')");
  await it.sees("dialog .diff .new");
  check(await page.locator("dialog .diff .gone").count() > 2 && (await page.locator("dialog .diff").innerText()).includes("no-curl"), "the change is shown before it is saved");
  await it.sees("dialog .effects button");
  await page.click("dialog .effects button >> nth=0");
  check(await it.sees("dialog .effects .diff .gone"), "and what changes for a function");
  await it.accessibleInBoth("what a change does");
  check(await page.locator("dialog a", { hasText: hostile[0] }).count() === 1, "names of functions are text");
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  check(await page.evaluate(() => document.activeElement.textContent.includes("save …")), "Escape closes, and the focus is where it was");
  await save(it, hostile[0]);
  check(await it.sees("text=revision 2 by"), "the next revision");
}

async function meanwhile(it) {
  const { page } = it;
  await write(it, (await textOf(it)).replace("flow: block", "flow: detect"));
  await it.sees(".said.good");
  await page.evaluate(async () => {
    const { csrf_token } = await (await fetch("/v1/session")).json();
    const { body } = await (await fetch("/v1/policies/AccountPolicy/acme")).json();
    await fetch("/v1/policies/AccountPolicy/acme", { method: "PUT", body: JSON.stringify({ body: `${body}# mine\n` }), headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf_token, "If-Match": '"2"' } });
  });
  await page.click("button.main:has-text('save …')");
  await it.sees("dialog .trial");
  await page.click("dialog button.main");
  check(await it.sees("dialog [role=alert]") && /not what you took it to be/.test(await page.locator("dialog [role=alert]").last().innerText()), "what somebody else changed meanwhile is not written over");
  await page.keyboard.press("Escape");
  await page.click("text=Undo all");
}

async function history(it) {
  const { page } = it;
  await it.open("/policies/AccountPolicy?name=acme&view=history", "acme");
  await it.sees(".diff .new");
  check(await page.locator("tbody tr [aria-label^='Show what']").count() === 3, "all revisions are there");
  await it.accessibleInBoth("history");
  await page.selectOption("[aria-label='Compare revision']", "1");
  check(await it.sees(".diff .gone") && page.url().includes("from=1"), "any two are compared, by an address that can be shared");
  check(await page.locator("section.span4 td", { hasText: hostile[0] }).count() === 1, "a comment is text");
  await page.click("[aria-label='Roll back to revision 1']");
  await it.sees("dialog .trial b");
  check(await it.sees("dialog .diff"), "what rolling back changes is shown first");
  await page.click("dialog button.main");
  await page.locator("dialog").waitFor({ state: "detached" });
  check(await it.comes(() => document.body.innerText.includes("revision 4 by")) && (await it.call("GET", "/v1/policies/AccountPolicy/acme")).body.body === account, "and the first is back as the fourth");
}

async function groups(it) {
  const { page } = it;
  await it.open("/policies/Group", "New group");
  await page.fill("input[name='metadata.name']", "payments");
  await page.locator("input[name='metadata.name']").blur();
  await page.fill("textarea[name='spec.match.functions']", "pay-*\npayout-*");
  await page.locator("textarea[name='spec.match.functions']").blur();
  check((await textOf(it)).includes('functions: ["pay-*", payout-*]') || (await textOf(it)).includes("payout-*"), `whom a group is for: ${await textOf(it)}`);
  await page.click("text=Make a key and a secret");
  await it.sees(".made code");
  const secret = await page.locator(".made code").innerText();
  check(/^gs-/.test(secret) && /key: gk-/.test(await textOf(it)) && !(await textOf(it)).includes(secret), "the secret is shown, the text has its hash");
  check((await save(it, "")).includes("The policy of 2 functions changes"), "a group is for those that match");
  check(await it.heading("payments") && await page.locator(".made").count() === 0, "the secret is not shown again");
  const { body } = (await it.call("GET", "/v1/policies/Group/payments")).body;
  await page.click("nav[aria-label='Parts of the document'] >> text=Functions");
  check(await it.sees("h2:text-is('It holds for 2 of 4 functions')") && (await page.locator("tbody a").allInnerTexts()).sort().join() === "pay-in,pay-out", "and which functions it is for");
  await it.accessibleInBoth("functions of a group");
  await page.click("nav[aria-label='Parts of the document'] >> text=Edit");
  await page.click("text=Replace the secret");
  await it.sees(".made code");
  const replaced = await textOf(it);
  const hash = (text) => /^ {2}secretHash: (.*)$/m.exec(text)[1];
  check(hash(replaced) !== hash(body) && replaced.includes(`    secretHash: ${hash(body)}`) && /^ {4}expires: 20/m.test(replaced) && /key: gk-\S+/.exec(body)[0] === /key: gk-\S+/.exec(replaced)[0],
    "a new secret, the old one still good for a while, the same key");
  await save(it, "a new secret");

  await it.open("/policies/Group", "New group");
  await write(it, (await textOf(it)).replace("new-group", "rival").replace("new-*", "pay-*"));
  await it.sees(".said.good");
  await page.click("button.main:has-text('save …')");
  await it.sees("dialog .trial .problem");
  check((await page.locator("dialog .trial").innerText()).includes("For 2 functions no policy could be made any more, so it is not taken"), "a change that leaves functions without a policy says so");
  await page.click("dialog button.main");
  check(await it.comes(() => document.querySelectorAll("dialog .problem").length > 2), "and is refused, with what is wrong");
  await page.keyboard.press("Escape");
  await write(it, (await textOf(it)).replace("pay-*", "sea*"));
  check((await save(it, "")).includes("The policy of 1 function changes"), "for others it is taken");
}

async function list(it) {
  const { page } = it;
  const name = `${hostile[0]} a:b.c?d#e%41`;
  await it.open("/policies/FunctionPolicy", "New policy of a function");
  await write(it, `apiVersion: gambeson/v1\nkind: FunctionPolicy\nmetadata: {name: ${JSON.stringify(name)}}\nspec: {posture: detect}\n`);
  await save(it, "");
  check(await it.heading(name), "a document may be called anything");
  await it.open("/policies", "Policies & Groups");
  await it.sees("tbody tr");
  check(await page.locator("tbody a", { hasText: hostile[0] }).count() === 1, "its name is text in the list too");
  const row = (name) => page.locator("tbody tr", { hasText: name }).locator("td").allInnerTexts();
  await it.comes(() => [...document.querySelectorAll("tbody tr td:nth-child(3)")].every((cell) => cell.textContent));
  check((await row("acme")).slice(1, 4).join() === "Account,4,4", `for how many functions it is, and its revision: ${(await row("acme")).join()}`);
  await it.accessibleInBoth("policies");
  await page.selectOption(".choices select", "Group");
  check(await it.comes(() => document.querySelectorAll("tbody tr").length === 2) && page.url().includes("kind=Group"), "one kind alone, by its address");
  await page.fill("input[type=search]", "riv");
  check(await it.comes(() => document.querySelectorAll("tbody tr").length === 1), "part of a name");
  await page.locator("h1").click();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  check(await it.heading("rival"), "j and Enter open it");
  await page.click("text=Delete …");
  await it.sees("dialog .trial b");
  check((await page.locator("dialog .trial").innerText()).includes("The policy of 1 function changes"), "what deleting does is told first");
  await page.click("dialog button.main");
  check(await it.heading("Policies & Groups") && (await it.call("GET", "/v1/policies/Group/rival")).status === 404, "and it is gone");
  await it.open("/policies/Group?name=rival");
  check(await it.sees("[role=alert]"), "what is gone is said to be gone");
  check(await it.open("/policies/Rubbish", "Not found"), "an unknown kind is not found");
}

async function readers(it) {
  const { page } = it;
  await it.become("vera", "viewer");
  await it.open("/policies/AccountPolicy?name=acme", "acme");
  await it.sees(".source textarea");
  check(await page.locator(".source textarea").getAttribute("readonly") !== null && await page.locator("select[name='spec.posture']").isDisabled() && await page.locator("button.main").count() === 0, "a viewer reads");
  await it.fits(["/policies", "/policies/AccountPolicy?name=acme", "/policies/AccountPolicy?name=acme&view=history"]);
}

await run(modules, link, async (it) => {
  await it.setUp(link);
  await hear(it);
  // Documents that are wrong, changed meanwhile or gone are what is asked about here.
  it.expected = /status of (401|412|422|404)/;
  for (const part of [make, change, meanwhile, history, groups, list, readers]) await part(it);
});
