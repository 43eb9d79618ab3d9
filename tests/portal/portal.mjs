// SPDX-License-Identifier: Apache-2.0
// portal.mjs MODULES LINK: the portal in Debian's Chromium against a server that was just started; LINK makes its
// administrator. Prints TAP. Whatever the browser complains about (scripts, the content security policy) is a failure.
import { check, password, run } from "./browser.mjs";

const [modules, link] = process.argv.slice(2);

await run(modules, link, async (it) => {
  const { page } = it;
  await page.goto(link);
  check(await it.heading("Make the administrator"), "the link of the first start makes the administrator");
  await it.accessible("set-up");
  await page.fill("input[name=name]", "anna");
  await page.fill("input[name=password]", password);
  await page.click("button[type=submit]");
  check(await it.heading("Overview"), "who is made is signed in, and sees the overview");
  check(await page.getByText("No function has been heard of yet").waitFor({ timeout: 30000 }).then(() => true, () => false), "an empty server says what to do first");
  check(page.url() === new URL("/", link).href, "the link's token is not in the address any more");

  for (const [path, title] of [["/events", "Events"], ["/incidents", "Incidents"], ["/functions", "Functions"], ["/settings", "Settings"], ["/settings/users", "Settings"], ["/settings/audit", "Settings"]]) {
    check(await it.open(path, title), `${path} is there by its address`);
    await page.waitForLoadState("networkidle");
    for (const scheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme: scheme });
      await it.accessible(`${path}, ${scheme}`);
    }
  }

  await it.open("/settings/tokens", "Settings");
  await page.fill("input[name=name]", "forwarder <img src=x onerror=alert(1)>");
  await page.check('input[value="events:read"]');
  await page.click("button:text-is('Make')");
  check(/^gbt_/.test(await page.locator(".made code").innerText()), "a token is made and shown once");
  check(await page.locator("td", { hasText: "<img src=x onerror=alert(1)>" }).waitFor({ timeout: 30000 }).then(() => true, () => false), "its name is text, whatever it is");
  await page.reload();
  await page.waitForSelector("td");
  check(await page.locator(".made").count() === 0, "and not shown again");

  await it.open("/events?severity=high&class=sqli", "Events");
  check(await page.locator(".chips button").count() === 3, "filters of the address are chips");
  await page.locator(".chips button").first().click();
  check(!page.url().includes("severity"), "a chip is taken away by a click");

  await page.setViewportSize({ width: 390, height: 800 });
  for (const path of ["/", "/events", "/settings/tokens"]) {
    await page.goto(new URL(path, link).href);
    await page.waitForLoadState("networkidle");
    check(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} fits a telephone`);
  }

  await page.setViewportSize({ width: 1280, height: 860 });
  await page.click("button:text-is('Sign out')");
  check(await it.heading("Sign in to Gambeson"), "signing out ends at the door");
  await page.fill("input[name=name]", "anna");
  await page.fill("input[name=password]", "something else entirely");
  await page.click("button[type=submit]");
  check(await page.locator("[role=alert]").innerText().then((text) => text.includes("wrong")), "a wrong password is said to be wrong");
  await page.fill("input[name=password]", password);
  await page.click("button[type=submit]");
  check(await page.waitForSelector(".who .name", { timeout: 30000 }).then(() => true, () => false), "the right one opens");

  const sizes = await page.evaluate(() => performance.getEntriesByType("resource").reduce((sum, entry) => sum + entry.encodedBodySize, 0));
  check(sizes < 200 * 1024, `what a screen loads is ${sizes} bytes, at most 200 KB`);
});
