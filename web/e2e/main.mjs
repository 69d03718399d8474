// The browser checks: what a person, a token holder and a buyer do with the page, on a
// running network. Settings come by environment:
//   WEB_BASE      address of a supernode's gateway
//   WEB_EICAR     path of the EICAR test file
//   WEB_URL       a URL that the engines call phishing
//   WEB_MNEMONIC  words of an account with coins
//   WEB_SHOTS     folder for pictures, none when empty
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { open } from './browser.mjs'
import { installKeplr } from './keplr.mjs'
import * as scan from './scan.mjs'
import * as wallet from './wallet.mjs'

const { WEB_BASE: base, WEB_EICAR: eicar, WEB_URL: url, WEB_MNEMONIC: mnemonic, WEB_SHOTS: shots } = process.env
const sha256 = createHash('sha256').update(readFileSync(eicar)).digest('hex')
const window = await open({ base, shots })
const steps = []

async function step(name, page, act) {
  const started = Date.now()
  try {
    const result = await act()
    steps.push(`ok    ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`)
    return result
  } catch (error) {
    steps.push(`FAIL  ${name} at ${page.url()}: ${error.message}`)
    if (shots) await page.screenshot({ path: `${shots}/failed.png`, fullPage: true }).catch(() => {})
    throw error
  }
}

async function all() {
  const person = await window.visit()
  const report = await step('a file is handed in and reported', person, () => scan.scanFile(window, person, eicar))
  await step('its report is verified in the browser', person, () => scan.verify(window, person))
  await step('a URL is handed in and reported', person, () => scan.scanURL(window, person, url))
  await step('its report is verified in the browser', person, () => scan.verify(window, person, 'verify-url'))

  const stranger = await window.visit({ missing: true })
  await step('a private file is seen by its sender alone', person, () => scan.scanPrivately(window, person, stranger))

  for (const [name, path] of [['bounties', '/bounties'], ['rewards', '/rewards'], ['statistics', '/statistics'],
    ['about', '/about'], ['collections', '/collections'], ['search', '/search?q=%23eicar'], ['docs', '/docs/']]) {
    await step(`the page of ${name}`, person, async () => {
      await person.goto(path)
      await person.waitForLoadState('networkidle')
      await window.inspect(person, name)
      await window.shoot(person, name)
    })
  }

  const holder = await window.visit()
  const keplr = await installKeplr(holder, mnemonic)
  await step('Keplr connects', holder, () => wallet.connect(window, holder))
  await step('coins are delegated and rewards claimed', holder, () => wallet.delegate(window, holder, '2500'))
  await step('a sample is bought and opened', holder, () => wallet.buy(window, holder, sha256))
  await step('a comment and a vote are signed', holder, () => wallet.say(window, holder, report, 'A test file, harmless by itself. #eicar'))
  if (!keplr.asked.some(([what]) => what === 'direct')) throw new Error('the wallet was never asked to sign directly')

  const ledger = await window.visit()
  const device = await installKeplr(ledger, mnemonic, { ledger: true })
  await step('a Ledger signs amino JSON', ledger, async () => {
    await wallet.connect(window, ledger)
    await wallet.delegate(window, ledger, '100')
    if (!device.asked.some(([what]) => what === 'amino')) throw new Error('the Ledger was never asked')
  })

  const phone = await window.visit({ width: 390, height: 844, dark: true, language: 'zh-CN' })
  for (const [name, path] of [['home', '/'], ['report', new URL(report).pathname], ['supernodes', '/supernodes'], ['market', '/market'], ['wallet', '/wallet'], ['statistics', '/statistics']]) {
    await step(`${name} on a phone, dark, in Chinese`, phone, async () => {
      await phone.goto(path)
      await phone.waitForLoadState('networkidle')
      await window.inspect(phone, `${name} on a phone`)
      await window.shoot(phone, `phone-${name}`, false)
    })
  }
}

let failure
try {
  await all()
} catch (error) {
  failure = error
}
await window.close()
console.log(steps.join('\n'))
for (const problem of window.problems) console.log(`PROBLEM  ${problem}`)
if (failure) console.log(failure.stack)
process.exit(failure || window.problems.length ? 1 : 0)
