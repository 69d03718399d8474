// A token holder connects Keplr, delegates, claims, buys, and says what they think.

/** Presses a button that leads to a transaction, signs it, and waits for its block. */
async function sign(page, act) {
  await act()
  const dialog = page.getByRole('dialog').last()
  await dialog.getByRole('button', { name: 'Sign', exact: true }).click()
  await dialog.getByText(/It is in block/).waitFor()
  await dialog.getByRole('button', { name: 'Close' }).last().click()
}

export async function connect(window, page) {
  await page.goto('/wallet')
  await page.getByRole('main').getByRole('button', { name: 'Connect a wallet' }).click()
  await page.getByRole('button', { name: 'Connect Keplr' }).click()
  await page.getByText('analyst').first().waitFor()
  await page.waitForLoadState('networkidle')
  await window.inspect(page, 'wallet')
  await window.shoot(page, 'wallet')
}

/** Delegates, and claims what that earned. */
export async function delegate(window, page, coins) {
  await page.goto('/supernodes')
  await page.locator('tbody').getByRole('button', { name: /^Delegate/ }).first().click()
  await page.getByRole('dialog').getByLabel('Amount').fill(coins)
  await window.inspect(page, 'delegate')
  await sign(page, () => page.getByRole('dialog').getByRole('button', { name: 'Continue', exact: true }).click())
  await page.getByRole('button', { name: 'Take back' }).or(page.getByRole('button', { name: /Undelegate/ })).first().waitFor()
  await window.inspect(page, 'supernodes')
  await window.shoot(page, 'supernodes')
  const claim = page.getByRole('button', { name: /Claim all/ })
  for (let i = 0; i < 60 && (await claim.isDisabled()); i++) { // rewards come with the epochs
    await page.waitForTimeout(3000)
    await page.reload()
    await claim.waitFor()
    await page.waitForLoadState('networkidle')
  }
  await sign(page, () => claim.click())
}

/** Buys a sample and opens it in the page. */
export async function buy(window, page, sha256) {
  await page.goto('/market')
  await page.waitForLoadState('networkidle')
  await window.inspect(page, 'market')
  await window.shoot(page, 'market')
  await page.getByLabel(/SHA-256/).first().fill(sha256)
  await page.getByRole('button', { name: 'Ask for the price' }).click()
  await page.getByRole('button', { name: 'Make a one-time key' }).click()
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save the backup' }).click()
  await (await saved).path()
  await sign(page, () => page.getByRole('button', { name: 'Buy', exact: true }).click())
  await page.waitForURL(/\/order\//)
  await page.getByRole('button', { name: 'Open', exact: true }).click({ timeout: 120_000 })
  await page.getByText(/Decrypted and checked/).waitFor()
  await window.inspect(page, 'order')
  await window.shoot(page, 'order')
  await sign(page, () => page.getByRole('button', { name: 'Accept' }).click())
}

/** Comments on a report and votes, both signed by the wallet. */
export async function say(window, page, report, text) {
  await page.goto(report)
  await page.getByRole('tab', { name: 'Community' }).click()
  await page.getByLabel('Your comment').fill(text)
  await page.getByRole('button', { name: 'Sign and post' }).click()
  await confirmText(page)
  await page.getByText(text).last().waitFor()
  await page.getByRole('button', { name: 'Malicious' }).click()
  await confirmText(page)
  await page.getByText('Your vote was counted').waitFor()
  await window.inspect(page, 'community')
  await window.shoot(page, 'community')
}

/** A key of the browser shows the text first; Keplr does that itself. */
async function confirmText(page) {
  const dialog = page.getByRole('dialog')
  if (await dialog.isVisible()) await dialog.getByRole('button', { name: /Sign/ }).click()
}
