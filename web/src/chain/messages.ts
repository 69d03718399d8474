import { getOption, hasOption, type DescMessage } from '@bufbuild/protobuf'
import { name } from './gen/amino/amino_pb'
import { file_cosmos_bank_v1beta1_tx, MsgSendSchema } from './gen/cosmos/bank/v1beta1/tx_pb'
import { file_virusmap_bounty_v1_tx } from './gen/virusmap/bounty/v1/tx_pb'
import { file_virusmap_market_v1_tx } from './gen/virusmap/market/v1/tx_pb'
import { file_virusmap_samples_v1_tx } from './gen/virusmap/samples/v1/tx_pb'
import { file_virusmap_supernode_v1_tx } from './gen/virusmap/supernode/v1/tx_pb'
import { file_virusmap_verdicts_v1_tx } from './gen/virusmap/verdicts/v1/tx_pb'

const ownFiles = [
  file_virusmap_bounty_v1_tx, file_virusmap_market_v1_tx, file_virusmap_samples_v1_tx,
  file_virusmap_supernode_v1_tx, file_virusmap_verdicts_v1_tx,
]

/** Every request of the project's message services. */
export const ownMessages: DescMessage[] = ownFiles.flatMap((file) =>
  file.services.flatMap((service) => service.methods.map((method) => method.input)))

/** Messages that this client can sign: the project's, and sending coins. */
export const messages: DescMessage[] = [...ownMessages, MsgSendSchema]

void file_cosmos_bank_v1beta1_tx // registers what MsgSend's file imports

/** The URL by which a transaction names a message type. */
export const typeUrl = (schema: DescMessage): string => `/${schema.typeName}`

/** The name by which Ledgers and other amino-JSON signers know a message; undefined for those they do not. */
export const aminoName = (schema: DescMessage): string | undefined =>
  hasOption(schema, name) ? getOption(schema, name) : undefined
