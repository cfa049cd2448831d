/** The page about the certificate: it works without a script, fits a phone, and gives the certificate. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { Guest } from "../lib/guest.js";
import { house } from "../lib/house.js";

const { server, browser } = await house();

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  test(`the certificate comes with the steps to install it, ${colorScheme}`, async () => {
    const page = new URL("/trust", server.linkTo("any")).href;
    const anna = await Guest.at(browser, page, "Anna", {
      colorScheme,
      javaScriptEnabled: false,
      viewport: { width: 390, height: 844 },
      isMobile: true,
    });
    await anna.page.getByRole("heading", { name: "Trust this Confab" }).waitFor();
    const systems = anna.page.locator("summary");
    assert.equal(await systems.count(), 6);
    for (const system of await systems.all()) await system.click();
    assert.ok(await anna.page.getByText("Certificate Trust Settings").isVisible());
    await anna.photograph(`trust-${colorScheme}`);

    const [download] = await Promise.all([
      anna.page.waitForEvent("download"),
      anna.page.getByRole("link", { name: "Download the certificate" }).click(),
    ]);
    assert.equal(download.suggestedFilename(), "confab-ca.crt");
    const authority = new X509Certificate(await readFile(await download.path()));
    assert.ok(authority.ca);
    assert.match(authority.subject, /CN=Confab on /);
    await anna.close();
  });
}

test("the mirror leads to it, and it leads back", async () => {
  const anna = await Guest.at(browser, server.linkTo("any"), "Anna");
  await anna.page.getByRole("link", { name: "Why did the browser warn me?" }).click();
  await anna.page.getByRole("heading", { name: "Trust this Confab" }).waitFor();
  assert.equal(await anna.overflows(), false);
  await anna.page.goBack();
  await anna.button("Join the meeting").waitFor();
  await anna.close();
});
