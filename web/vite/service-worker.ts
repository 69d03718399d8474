import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

/** Writes the list of what was built into the service worker, with a version made of it. */
export function serviceWorker(publicDir: string): Plugin {
  return {
    name: 'virusmap-service-worker',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const worker = bundle['sw.js']
        if (worker?.type !== 'chunk') return this.error('sw.js is not part of the build')
        const hash = createHash('sha256')
        const files: string[] = []
        for (const [name, part] of Object.entries(bundle).sort(([a], [b]) => (a < b ? -1 : 1))) {
          if (name === 'sw.js') continue
          hash.update(name).update(part.type === 'chunk' ? part.code : part.source)
          files.push(`/${name}`)
        }
        for (const name of readdirSync(publicDir).sort()) {
          if (name.startsWith('.')) continue
          hash.update(name).update(readFileSync(`${publicDir}/${name}`))
          files.push(`/${name}`)
        }
        const list = JSON.stringify({ version: hash.digest('hex').slice(0, 16), files })
        worker.code = `const PRECACHE = ${list};\n${worker.code}`
      },
    },
  }
}
