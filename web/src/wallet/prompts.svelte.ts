/**
 * What the wallet asks its person. One question stands at a time; Dialogs.svelte shows it.
 */
import type { TypedMessage } from '../chain/registry'
import type { Included } from '../chain/send'
import type { Account, Kind } from './account'
import { RejectedError } from './errors'
import type { SignedStatement } from './statement'

export type Question =
  | { ask: 'connect'; kind?: Kind; done: (account: Account) => void; refuse: (error: unknown) => void }
  | { ask: 'send'; account: Account; msgs: readonly TypedMessage[]; memo: string; done: (tx: Included) => void; refuse: (error: unknown) => void }
  | { ask: 'statement'; account: Account; text: string; done: (signed: SignedStatement) => void; refuse: (error: unknown) => void }

type Asked<Q> = Q extends Question ? Omit<Q, 'done' | 'refuse'> : never
type Answer<Q extends Question['ask']> = Extract<Question, { ask: Q }> extends { done: (answer: infer A) => void } ? A : never

class Prompts {
  current = $state.raw<Question | null>(null)

  /** Asks, and waits for the answer; RejectedError when the dialog is closed. */
  ask<Q extends Question['ask']>(question: Asked<Extract<Question, { ask: Q }>>): Promise<Answer<Q>> {
    this.current?.refuse(new RejectedError())
    return new Promise<Answer<Q>>((resolve, reject) => {
      const asked = {
        ...question,
        done: (answer: Answer<Q>) => {
          if (this.current === asked) this.current = null
          resolve(answer)
        },
        refuse: (error: unknown) => {
          if (this.current === asked) this.current = null
          reject(error)
        },
      } as unknown as Question
      this.current = asked
    })
  }
}

export const prompts = new Prompts()
