import { ProductKind, type Price, type Product } from '../chain/gen/virusmap/market/v1/base_pb'
import { Query } from '../chain/gen/virusmap/market/v1/query_pb'
import { query } from '../chain/rpc'

export interface Offer {
  product: Product
  price: Price
  /** Where the price goes at the end of the epoch: demand is above, at or below its target. */
  direction: 'up' | 'same' | 'down'
}

export interface Catalogue {
  epoch: bigint
  offers: Offer[]
  disputeBond: bigint
  maxPeriods: number
}

export async function catalogue(): Promise<Catalogue> {
  const [{ params }, { prices, epoch }] = await Promise.all([query(Query.method.params, {}), query(Query.method.prices, {})])
  const offers = prices.flatMap((price): Offer[] => {
    const product = params?.products.find((p) => p.id === price.product)
    return product ? [{ product, price, direction: directionOf(product, price) }] : []
  })
  return { epoch, offers, disputeBond: BigInt(params?.disputeBond?.amount ?? '0'), maxPeriods: params?.maxPeriods ?? 0 }
}

function directionOf(product: Product, price: Price): Offer['direction'] {
  if (price.demand > product.target && price.price < product.ceiling) return 'up'
  if (price.demand < product.target && price.price > product.floor) return 'down'
  return 'same'
}

export const isPeriodic = (offer: Offer): boolean =>
  offer.product.kind === ProductKind.FEED || offer.product.kind === ProductKind.PLAN
