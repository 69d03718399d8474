import type { Message } from './worker'

export { hashText } from './sha256'

/** SHA-256 of a file in hex, computed beside the page so that it stays responsive. */
export function hashFile(file: Blob, onProgress: (part: number) => void, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
    const end = (settle: () => void) => {
      worker.terminate()
      signal.removeEventListener('abort', abort)
      settle()
    }
    const abort = () => end(() => reject(new DOMException('hashing was given up', 'AbortError')))
    worker.onmessage = ({ data }: MessageEvent<Message>) => {
      if ('progress' in data) onProgress(data.progress)
      else if ('hash' in data) end(() => resolve(data.hash))
      else end(() => reject(new Error(data.error)))
    }
    worker.onerror = (event) => end(() => reject(new Error(event.message || 'the hashing worker could not start')))
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort)
    worker.postMessage(file)
  })
}
