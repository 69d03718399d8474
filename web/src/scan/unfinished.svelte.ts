/** How many files of this page are not done yet, for the frame around all pages. */
export const unfinished = $state({ files: 0 })
