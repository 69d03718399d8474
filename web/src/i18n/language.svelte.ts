import { en } from './en'
import { zh } from './zh'

export type Language = 'en' | 'zh'
export type Key = keyof typeof en
export type Values = Record<string, string | number>

export const languages: Record<Language, string> = { en: 'English', zh: '中文' }

const texts: Record<Language, Record<Key, string>> = { en, zh }
const key = 'language'

/** The language that was chosen before, else the first of the browser's that there is. */
export function preferred(chosen: string | null, accepted: readonly string[]): Language {
  if (chosen === 'en' || chosen === 'zh') return chosen
  for (const tag of accepted) {
    const primary = tag.toLowerCase().split('-')[0]
    if (primary === 'en' || primary === 'zh') return primary
  }
  return 'en'
}

const inBrowser = typeof document !== 'undefined'
const initial = inBrowser ? preferred(localStorage.getItem(key), navigator.languages) : 'en'
let current = $state<Language>(initial)
if (inBrowser) document.documentElement.lang = tagOf(initial)

function tagOf(language: Language): string {
  return language === 'zh' ? 'zh-Hans' : 'en'
}

/** The language shown now; setting it remembers the choice. */
export const language = {
  get value(): Language {
    return current
  },
  set value(next: Language) {
    current = next
    localStorage.setItem(key, next)
    document.documentElement.lang = tagOf(next)
  },
  /** A tag for Intl. */
  get tag(): string {
    return current === 'zh' ? 'zh-CN' : 'en-GB'
  },
}

/** The text of a key in the language shown, with {names} replaced by values. */
export function t(name: Key, values: Values = {}): string {
  return fill(texts[current][name], values)
}

/** Whether there is a text of this name, for names that are made of data. */
export function isKey(name: string): name is Key {
  return Object.hasOwn(en, name)
}

export function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
