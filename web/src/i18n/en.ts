import { economy } from './en/economy'
import { report } from './en/report'
import { scan } from './en/scan'
import { shell } from './en/shell'

/** Every text of the application in English, by key. */
export const en = { ...shell, ...scan, ...report, ...economy }
