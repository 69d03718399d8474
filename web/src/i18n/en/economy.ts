/** Texts of supernodes, bounties, rewards, market, statistics and wallet. */
export const economy = {
  'supernodes.title': 'Supernodes',
  'supernode.title': 'Supernode',
  'bounties.title': 'Bounties',
  'bounty.title': 'Bounty',
  'rewards.title': 'Rewards',
  'market.title': 'Market',
  'order.title': 'Order',
  'statistics.title': 'Statistics',
  'wallet.title': 'Wallet',
}
