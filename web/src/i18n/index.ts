export { isKey, language, languages, preferred, t, type Key, type Language, type Values } from './language.svelte'
export { ago, bytes, coins, date, number, percent, time, type Numeric } from './format'
