/** Whether this browser can make and open keys here: it cannot on plain http to another machine. */
export const canExchange = (): boolean => globalThis.crypto?.subtle !== undefined
