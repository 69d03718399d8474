import type { en } from './en'
import { economy } from './zh/economy'
import { report } from './zh/report'
import { scan } from './zh/scan'
import { shell } from './zh/shell'

/** Every text of the application in Chinese: the same keys as in English, checked by the compiler. */
export const zh: Record<keyof typeof en, string> = { ...shell, ...scan, ...report, ...economy }
