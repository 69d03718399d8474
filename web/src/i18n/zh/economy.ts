import type { economy as en } from '../en/economy'

export const economy: Record<keyof typeof en, string> = {
  'supernodes.title': '超级节点',
  'supernode.title': '超级节点',
  'bounties.title': '悬赏',
  'bounty.title': '悬赏',
  'rewards.title': '奖励',
  'market.title': '市场',
  'order.title': '订单',
  'statistics.title': '统计',
  'wallet.title': '钱包',
}
