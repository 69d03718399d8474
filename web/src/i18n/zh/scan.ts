import type { scan as en } from '../en/scan'

export const scan: Record<keyof typeof en, string> = {}
