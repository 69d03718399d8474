import { describe, expect, it, vi } from 'vitest'
import { Unverifiable } from './index'
import { replay, unexpected, vectors } from './testing/replay'

vi.setConfig({ testTimeout: 30_000 })

// The Go light client had these conversations; this one has to come to the same claims.
describe('conversations of the Go light client', () => {
  it.each(vectors.conversations.map((conversation) => [conversation.name, conversation] as const))(
    '%s',
    async (_, conversation) => {
      const { result, error, claims } = await replay(conversation)
      expect(unexpected).toEqual([])
      if (conversation.error) {
        expect(error).toBeInstanceOf(Unverifiable)
        expect((error as Error).message).toContain(conversation.error)
        return
      }
      expect(error).toBeUndefined()
      const wanted = conversation.claims!.map((claim) => ({ detail: expect.any(String) as string, ...claim }))
      expect(result!.claims).toEqual(wanted)
      expect(claims).toEqual(result!.claims)
      expect(result!.ok).toBe(conversation.claims!.every(({ ok }) => ok))
    },
  )
})
