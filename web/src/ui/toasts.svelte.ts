export type Tone = 'neutral' | 'accent' | 'success' | 'warning' | 'danger'

export interface Toast {
  id: number
  text: string
  tone: Tone
}

const seconds = 6

class Toasts {
  list = $state<Toast[]>([])
  /** Read out, not shown. */
  spoken = $state('')
  #next = 0

  /** Shows a message for a while, and has it read out. */
  show(text: string, tone: Tone = 'neutral'): void {
    const id = this.#next++
    this.list.push({ id, text, tone })
    setTimeout(() => this.dismiss(id), seconds * 1000)
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id)
  }

  /** Has a text read out by screen readers without showing it. */
  announce(text: string): void {
    this.spoken = text
  }
}

export const toasts = new Toasts()
