/** Texts. */
export const scan = {}
