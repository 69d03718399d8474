/** Texts. */
export const report = {}
