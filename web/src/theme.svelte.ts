export type Theme = 'auto' | 'light' | 'dark'

const key = 'theme' // public/theme.js reads it before the first paint

function stored(): Theme {
  const value = localStorage.getItem(key)
  return value === 'light' || value === 'dark' ? value : 'auto'
}

let current = $state<Theme>(stored())

/** The theme that the person chose; auto is the system's. */
export const theme = {
  get value(): Theme {
    return current
  },
  set value(next: Theme) {
    current = next
    if (next === 'auto') {
      localStorage.removeItem(key)
      delete document.documentElement.dataset.theme
    } else {
      localStorage.setItem(key, next)
      document.documentElement.dataset.theme = next
    }
  },
}
