import { typeUrl } from './messages'
import { MsgClaimRewardsSchema } from './gen/virusmap/bounty/v1/tx_pb'

/** The one message that the chain takes from anybody without a fee, when it is alone. */
export const ClaimRewards = typeUrl(MsgClaimRewardsSchema)
