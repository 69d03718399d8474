import { bounties } from './bounties'
import { chain } from './chain'
import { market } from './market'
import { statistics } from './statistics'
import { supernodes } from './supernodes'
import { wallet } from './wallet'

/** Texts of supernodes, bounties, rewards, market, statistics and wallet. */
export const economy = { ...wallet, ...chain, ...supernodes, ...bounties, ...market, ...statistics }
