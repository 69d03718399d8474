import { tick } from 'svelte'

/** Puts the focus on the first control inside, once it is there: what it was on may be gone. */
export function focusFirst(inside: Element): void {
  void tick().then(() => inside.querySelector<HTMLElement>('input, textarea, select, button[type="submit"]')?.focus())
}
