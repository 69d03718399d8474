import { hashBlob } from './sha256'

/** What the worker tells about the file it was sent. */
export type Message = { progress: number } | { hash: string } | { error: string }

const tell = (message: Message) => postMessage(message)

addEventListener('message', ({ data }: MessageEvent<Blob>) => {
  hashBlob(data, (progress) => tell({ progress })).then(
    (hash) => tell({ hash }),
    (error: unknown) => tell({ error: String(error) }),
  )
})
