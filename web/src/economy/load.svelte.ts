/**
 * Something that is asked for and may be asked for again. Made while a component is made; what
 * ask reads before it first waits is followed.
 */
export class Load<T> {
  value = $state.raw<T>()
  error = $state.raw<unknown>()
  busy = $state(true)
  readonly #ask: () => Promise<T>
  #turn = 0

  constructor(ask: () => Promise<T>) {
    this.#ask = ask
    $effect(() => {
      void this.reload()
    })
  }

  /** Asks again; what was there stays until the answer comes. */
  async reload(): Promise<void> {
    const turn = ++this.#turn
    this.busy = true
    try {
      const value = await this.#ask()
      if (turn !== this.#turn) return
      this.value = value
      this.error = undefined
    } catch (error) {
      if (turn !== this.#turn) return
      this.error = error
    }
    this.busy = false
  }
}
