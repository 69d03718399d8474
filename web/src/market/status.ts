import { Ending, OrderStatus } from '../chain/gen/virusmap/market/v1/base_pb'
import type { Tone } from '../ui/toasts.svelte'

const statuses = {
  [OrderStatus.UNSPECIFIED]: 'open', [OrderStatus.OPEN]: 'open', [OrderStatus.DELIVERED]: 'delivered',
  [OrderStatus.WRONG]: 'wrong', [OrderStatus.SETTLED]: 'settled', [OrderStatus.REFUNDED]: 'refunded',
} as const

export const statusOf = (status: OrderStatus) => statuses[status] ?? 'open'

const tones: Record<ReturnType<typeof statusOf>, Tone> = {
  open: 'accent', delivered: 'warning', wrong: 'danger', settled: 'success', refunded: 'neutral',
}

export const toneOf = (status: OrderStatus): Tone => tones[statusOf(status)]

const endings = {
  [Ending.UNSPECIFIED]: undefined, [Ending.ACCEPTED]: 'accepted', [Ending.UNDISPUTED]: 'undisputed', [Ending.RIGHT_KEY]: 'right',
  [Ending.WRONG_KEY]: 'wrong', [Ending.NOT_DELIVERED]: 'late', [Ending.BLOCKED]: 'blocked',
} as const

export const endingOf = (ending: Ending) => endings[ending]
