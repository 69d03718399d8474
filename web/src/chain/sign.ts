/**
 * Puts transactions together for both kinds of signers. cosmjs's own client bounds sequences
 * and gas by 2^53; here every number is a bigint, as on the chain.
 */
import { create, toBinary } from '@bufbuild/protobuf'
import { anyPack } from '@bufbuild/protobuf/wkt'
import type { StdSignDoc } from '@cosmjs/amino'
import { fromBase64 } from '@cosmjs/encoding'
import { isOfflineDirectSigner, type OfflineSigner } from '@cosmjs/proto-signing'
import { canonicalJson, toAmino } from './amino'
import { PubKeySchema } from './gen/cosmos/crypto/secp256k1/keys_pb'
import { SignMode } from './gen/cosmos/tx/signing/v1beta1/signing_pb'
import { AuthInfoSchema, TxBodySchema, TxRawSchema } from './gen/cosmos/tx/v1beta1/tx_pb'
import { registry, type TypedMessage } from './registry'

export interface Fee {
  gas: bigint
  /** In denom; 0 offers none. */
  amount: bigint
  denom: string
}

export interface SignerData {
  chainId: string
  accountNumber: bigint
  sequence: bigint
}

/** A wallet gave back something else than what it was asked to sign. */
export class AlteredError extends Error {
  override name = 'AlteredError'
  readonly textKey = 'chain.altered'
}

export async function signTx(
  signer: OfflineSigner, address: string, msgs: readonly TypedMessage[], fee: Fee, memo: string, data: SignerData,
): Promise<Uint8Array> {
  const account = (await signer.getAccounts()).find((a) => a.address === address)
  if (!account) throw new Error(`the wallet has no account ${address}`)
  const signed = isOfflineDirectSigner(signer)
    ? await signDirect(signer, address, account.pubkey, msgs, fee, memo, data)
    : await signAmino(signer, address, account.pubkey, msgs, fee, memo, data)
  return toBinary(TxRawSchema, create(TxRawSchema, signed))
}

/** A transaction without a signature, by which the node reckons what one would use. */
export function unsignedTx(msgs: readonly TypedMessage[], memo: string, pubkey: Uint8Array, sequence: bigint): Uint8Array {
  return toBinary(TxRawSchema, create(TxRawSchema, {
    bodyBytes: body(msgs, memo),
    authInfoBytes: authInfo(pubkey, sequence, [], 0n, '', '', SignMode.DIRECT),
    signatures: [new Uint8Array()],
  }))
}

interface Signed { bodyBytes: Uint8Array; authInfoBytes: Uint8Array; signatures: Uint8Array[] }
type Direct = Extract<OfflineSigner, { signDirect: unknown }>
type Amino = Extract<OfflineSigner, { signAmino: unknown }>

async function signDirect(
  signer: Direct, address: string, pubkey: Uint8Array, msgs: readonly TypedMessage[], fee: Fee, memo: string, data: SignerData,
): Promise<Signed> {
  const { signed, signature } = await signer.signDirect(address, {
    bodyBytes: body(msgs, memo),
    authInfoBytes: authInfo(pubkey, data.sequence, coins(fee), fee.gas, '', '', SignMode.DIRECT),
    chainId: data.chainId,
    accountNumber: data.accountNumber,
  })
  // Wallets let people change fee and memo; both are in what they give back.
  return { bodyBytes: signed.bodyBytes, authInfoBytes: signed.authInfoBytes, signatures: [fromBase64(signature.signature)] }
}

async function signAmino(
  signer: Amino, address: string, pubkey: Uint8Array, msgs: readonly TypedMessage[], fee: Fee, memo: string, data: SignerData,
): Promise<Signed> {
  const { signed, signature } = await signer.signAmino(address, aminoDoc(msgs, fee, memo, data))
  const asked = msgs.map((m) => toAmino(m.schema, m.value))
  if (canonicalJson({ msgs: signed.msgs }) !== canonicalJson({ msgs: asked }) || signed.timeout_height) {
    throw new AlteredError('the wallet changed the messages')
  }
  return {
    bodyBytes: body(msgs, signed.memo),
    authInfoBytes: authInfo(
      pubkey, BigInt(signed.sequence), signed.fee.amount, BigInt(signed.fee.gas),
      signed.fee.payer ?? '', signed.fee.granter ?? '', SignMode.LEGACY_AMINO_JSON,
    ),
    signatures: [fromBase64(signature.signature)],
  }
}

/** What an amino signer signs; its canonicalJson is what the node checks. */
export function aminoDoc(msgs: readonly TypedMessage[], fee: Fee, memo: string, data: SignerData): StdSignDoc {
  return {
    chain_id: data.chainId,
    account_number: data.accountNumber.toString(),
    sequence: data.sequence.toString(),
    fee: { amount: coins(fee), gas: fee.gas.toString() },
    msgs: msgs.map((m) => toAmino(m.schema, m.value)),
    memo,
  }
}

interface Coin { denom: string; amount: string }

const coins = (fee: Fee): Coin[] => (fee.amount > 0n ? [{ denom: fee.denom, amount: fee.amount.toString() }] : [])

function body(msgs: readonly TypedMessage[], memo: string): Uint8Array {
  return toBinary(TxBodySchema, create(TxBodySchema, {
    messages: msgs.map((m) => ({ typeUrl: m.typeUrl, value: registry.encode(m) })),
    memo,
  }))
}

function authInfo(
  pubkey: Uint8Array, sequence: bigint, amount: readonly Coin[], gasLimit: bigint, payer: string, granter: string, mode: SignMode,
): Uint8Array {
  const publicKey = anyPack(PubKeySchema, create(PubKeySchema, { key: pubkey }))
  return toBinary(AuthInfoSchema, create(AuthInfoSchema, {
    signerInfos: [{
      publicKey: { typeUrl: `/${PubKeySchema.typeName}`, value: publicKey.value },
      modeInfo: { sum: { case: 'single', value: { mode } } },
      sequence,
    }],
    fee: { amount: [...amount], gasLimit, payer, granter },
  }))
}
