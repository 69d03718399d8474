import type { economy as en } from '../en/economy'
import { bounties } from './bounties'
import { chain } from './chain'
import { market } from './market'
import { statistics } from './statistics'
import { supernodes } from './supernodes'
import { wallet } from './wallet'

export const economy: Record<keyof typeof en, string> = { ...wallet, ...chain, ...supernodes, ...bounties, ...market, ...statistics }
