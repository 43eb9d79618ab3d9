// SPDX-License-Identifier: Apache-2.0
// What the portal's tests have in common: TAP, a browser whose every complaint is a failure, axe, waiting.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

export const password = "correct horse battery staple";

let number = 0;
let failed = 0;
export function check(isGood, what) {
  number += 1;
  if (!isGood) failed += 1;
  console.log(`${isGood ? "ok" : "not ok"} ${number} - ${String(what).replaceAll(/[\n\r]/g, " ").replaceAll("#", "no.").slice(0, 600)}`);
}

/** The plan, and the end of the process. */
export function end() {
  console.log(`1..${number}`);
  process.exit(failed === 0 ? 0 : 1);
}

/** A page whose complaints, dialogs and requests of others are kept. */
export class Browser {
  complaints = [];
  foreign = [];
  /** What the browser may say: that nobody is signed in yet. A check that provokes more sets it for a while. */
  expected = /status of 401/;

  static async start(modules, origin, more = {}) {
    const require = createRequire(`${modules}/`);
    const self = new Browser();
    self.axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
    self.origin = new URL(origin).origin;
    self.browser = await require("playwright-core").chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
    self.context = await self.browser.newContext({ viewport: { width: 1280, height: 860 }, locale: "en-GB", timezoneId: "Europe/Berlin", ...more });
    self.context.setDefaultTimeout(15000);
    self.page = await self.context.newPage();
    self.watch(self.page);
    return self;
  }

  watch(page) {
    page.on("console", (message) => {
      const text = `${message.text()} ${message.location().url}`;
      if (["error", "warning"].includes(message.type()) && !this.expected.test(text)) this.complaints.push(text);
    });
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("dialog", (dialog) => { this.complaints.push(`a dialog: ${dialog.message()}`); void dialog.dismiss(); });
    page.on("request", (request) => { if (new URL(request.url()).origin !== this.origin) this.foreign.push(request.url()); });
  }

  address(path) {
    return new URL(path, this.origin).href;
  }

  /** Whether it comes to be seen. */
  sees(selector) {
    return this.page.locator(selector).first().waitFor({ timeout: 30000 }).then(() => true, () => false);
  }

  heading(text) {
    return this.sees(`h1:text-is(${JSON.stringify(text)})`);
  }

  async open(path, title) {
    await this.page.goto(this.address(path));
    return title ? this.heading(title) : this.page.waitForLoadState("networkidle");
  }

  /** Whether CLAIM of the page comes true; it is asked again until then. */
  comes(claim, argument) {
    return this.page.waitForFunction(claim, argument, { timeout: 30000 }).then(() => true, () => false);
  }

  async accessible(what) {
    await this.page.evaluate(this.axe);
    const { violations } = await this.page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }));
    check(violations.length === 0, `${what}: axe finds nothing${violations.map(({ id, nodes }) => ` ${id} ${nodes[0]?.html.slice(0, 160)}`).join(";")}`);
  }

  async accessibleInBoth(what) {
    for (const colorScheme of ["light", "dark"]) {
      await this.page.emulateMedia({ colorScheme });
      await this.accessible(`${what}, ${colorScheme}`);
    }
    await this.page.emulateMedia({ colorScheme: "light" });
  }

  /** The administrator, made with the link of the first start. */
  async setUp(link) {
    await this.page.goto(link);
    await this.page.fill("input[name=name]", "anna");
    await this.page.fill("input[name=password]", password);
    await this.page.click("button[type=submit]");
    return this.heading("Overview");
  }

  /** Somebody else at this page: NAME, who is made with ROLE. */
  async become(name, role) {
    await this.call("POST", "/v1/users", { name, role, password });
    await this.page.click("button:text-is('Sign out')");
    await this.page.fill("input[name=name]", name);
    await this.page.fill("input[name=password]", password);
    await this.page.click("button[type=submit]");
    return this.sees(".who .name");
  }

  /** Whether each of PATHS fits a telephone. */
  async fits(paths) {
    await this.page.setViewportSize({ width: 390, height: 800 });
    for (const path of paths) {
      await this.open(path);
      await this.page.waitForLoadState("networkidle");
      check(await this.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} fits a telephone`);
    }
  }

  /** A call of the API by the page's own session. */
  call(method, path, body, headers = {}) {
    return this.page.evaluate(async ([method, path, body, headers]) => {
      const { csrf_token } = await (await fetch("/v1/session")).json();
      const answer = await fetch(path, { method, body: body && JSON.stringify(body), headers: { ...headers, "X-CSRF-Token": csrf_token, ...(body ? { "Content-Type": "application/json" } : {}) } });
      const text = await answer.text();
      return { status: answer.status, body: text ? JSON.parse(text) : undefined };
    }, [method, path, body, headers]);
  }

  /** The end: nothing was complained of, nobody else was asked. */
  quiet() {
    check(this.complaints.length === 0, `the browser complains about nothing ${this.complaints.slice(0, 3).join("; ")}`);
    check(this.foreign.length === 0, `nothing is asked of others ${this.foreign.slice(0, 3).join("; ")}`);
  }
}

/** Run CHECKS, print the plan, end the process. */
export async function run(modules, link, checks, more) {
  const it = await Browser.start(modules, link, more);
  try {
    await checks(it);
  } catch (error) {
    check(false, `the test went on to its end: ${String(error).slice(0, 400)}`);
  }
  it.quiet();
  await it.browser.close();
  end();
}
