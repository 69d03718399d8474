const key = 'consent'

/** Whether the person agreed to this version of the text before. */
export function agreed(version: number): boolean {
  return localStorage.getItem(key) === String(version)
}

/** Remembers the choice on this device. A new version is asked for anew. */
export function remember(version: number, agrees: boolean): void {
  if (agrees) localStorage.setItem(key, String(version))
  else localStorage.removeItem(key)
}
