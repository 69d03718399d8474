// Draws the PNG icons from public/icon.svg: `npm run icons`,
// with CHROMIUM set to a browser. The drawings are committed.
import { readFileSync, writeFileSync } from 'node:fs'
import { chromium } from 'playwright-core'

const svg = readFileSync(new URL('../public/icon.svg', import.meta.url), 'utf8')
const icons = [
  { name: 'icon-192.png', size: 192, maskable: false },
  { name: 'icon-512.png', size: 512, maskable: false },
  { name: 'icon-maskable-512.png', size: 512, maskable: true },
]

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium' })
for (const { name, size, maskable } of icons) {
  const page = await browser.newPage({ viewport: { width: size, height: size } })
  // A mask may cut off all but a circle of 80 %: the ground fills the square.
  const drawing = maskable ? svg.replace(/ rx="\d+"/, '') : svg
  await page.setContent(
    `<body style="margin:0"><div style="width:${size}px;height:${size}px">${drawing}</div></body>`,
  )
  writeFileSync(new URL(`../public/${name}`, import.meta.url), await page.screenshot({ omitBackground: true }))
  await page.close()
}
await browser.close()
