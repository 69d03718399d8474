// A person without a wallet hands in a file and a URL, and checks the report.

/** Hands in a file, watches the scan, and reads every part of its report. */
export async function scanFile(window, page, file) {
  await page.goto('/')
  await page.getByRole('checkbox').first().waitFor()
  await window.inspect(page, 'home')
  await window.shoot(page, 'home')
  await page.getByRole('checkbox').first().check()
  await page.locator('input[type=file]').first().setInputFiles(file)
  await page.getByRole('link', { name: /Follow the scan|Open the report/ }).first().click()
  await page.waitForURL(/\/(analysis|file)\//)
  if (page.url().includes('/analysis/')) await window.shoot(page, 'analysis')
  await page.waitForURL(/\/file\//) // the page goes on by itself
  await page.getByRole('cell', { name: 'ClamAV' }).or(page.getByRole('rowheader', { name: 'ClamAV' })).first().waitFor()
  await page.getByText('Malicious').first().waitFor()
  await window.inspect(page, 'report')
  await window.shoot(page, 'report')
  for (const part of ['Details', 'Relations', 'History', 'Community', 'Raw JSON']) {
    await page.getByRole('tab', { name: part }).click()
    await page.getByRole('tabpanel').locator('> *').first().waitFor()
    await page.waitForLoadState('networkidle')
    await window.inspect(page, part)
    if (part !== 'History') continue
    await page.getByRole('cell', { name: 'First scan' }).waitFor()
    await window.shoot(page, 'history')
  }
  return page.url()
}

/** Has the light client of the page prove the report that it shows. */
export async function verify(window, page, name = 'verify') {
  await page.getByRole('tab', { name: 'Verify' }).click()
  await page.getByRole('button', { name: 'Verify this report' }).click()
  await page.getByText('Everything below was proved against the chain.').waitFor()
  await window.inspect(page, name)
  await window.shoot(page, name)
}

/** Hands in a file that nobody else may read; `stranger` is a page of somebody else. */
export async function scanPrivately(window, page, stranger) {
  const letter = Buffer.from(`%PDF-1.4\n% a letter of ${Date.now()}\n%%EOF\n`)
  await page.goto('/')
  await page.locator('input[type=file]').first().setInputFiles({ name: 'letter.pdf', mimeType: 'application/pdf', buffer: letter })
  await page.getByText('This may be confidential').waitFor()
  await window.inspect(page, 'confidential')
  await window.shoot(page, 'confidential')
  await page.getByRole('button', { name: 'Scan privately' }).click()
  await page.waitForURL(/\/file\/.*lane=private/)
  await page.getByRole('cell', { name: 'ClamAV' }).or(page.getByRole('rowheader', { name: 'ClamAV' })).first().waitFor()
  await window.inspect(page, 'private')
  await window.shoot(page, 'private')
  for (const address of [page.url(), page.url().replace(/\?.*/, '')]) {
    await stranger.goto(address)
    await stranger.getByText('This file is not known here').waitFor()
  }
}

/** Looks a new URL up, submits it, and reads its report. */
export async function scanURL(window, page, url) {
  await page.goto('/')
  await page.getByLabel('Look up').fill(url)
  await page.getByRole('main').getByRole('button', { name: 'Search' }).click()
  await page.getByRole('button', { name: 'Submit for analysis' }).click()
  await page.getByRole('cell', { name: 'Blocklist' }).or(page.getByRole('rowheader', { name: 'Blocklist' })).first().waitFor()
  await page.getByText(/phishing:/).first().waitFor()
  await window.inspect(page, 'url')
  await window.shoot(page, 'url')
}
