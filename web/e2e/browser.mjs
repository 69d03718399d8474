// A Chromium of Debian's, driven by playwright-core, that notes everything that goes wrong.
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { chromium } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Starts the browser. problems gets a line for each console error and each serious finding of axe. */
export async function open({ base, shots }) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  })
  const problems = []
  if (shots) mkdirSync(shots, { recursive: true })

  /** A new window, as wide as a desk or a phone. missing: it looks for what is not there, which the browser notes. */
  async function visit({ width = 1280, height = 900, dark = false, language = 'en', missing = false } = {}) {
    const context = await browser.newContext({
      baseURL: base, viewport: { width, height }, locale: language, colorScheme: dark ? 'dark' : 'light',
      reducedMotion: 'reduce', bypassCSP: false,
    })
    const page = await context.newPage()
    page.setDefaultTimeout(60_000)
    page.on('console', (message) => {
      if (missing && /status of 404/.test(message.text())) return
      if (message.type() === 'error') problems.push(`${page.url()}: console: ${message.text()} ${message.location().url}`)
    })
    page.on('pageerror', (error) => problems.push(`${page.url()}: uncaught: ${error.message}`))
    return page
  }

  /** Keeps a picture for the documentation. */
  async function shoot(page, name, fullPage = true) {
    if (shots) await page.screenshot({ path: path.join(shots, `${name}.png`), fullPage })
  }

  /** Has axe-core look at the page; what it calls serious or critical is a problem. */
  async function inspect(page, name) {
    // The page's own policy forbids foreign scripts; evaluating is not subject to it.
    await page.evaluate(axe)
    const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }))
    for (const violation of violations) {
      if (violation.impact !== 'serious' && violation.impact !== 'critical') continue
      const where = violation.nodes.slice(0, 3).map((node) => node.target.join(' ')).join(', ')
      problems.push(`${name}: axe: ${violation.id} (${violation.impact}): ${violation.help}: ${where}`)
    }
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    if (overflow > 1) problems.push(`${name}: the page is ${overflow} pixels wider than the window`)
  }

  return { visit, shoot, inspect, problems, close: () => browser.close() }
}
