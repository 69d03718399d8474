import { AminoTypes, SigningStargateClient } from '@cosmjs/stargate'
import { DirectSecp256k1HdWallet } from '@cosmjs/proto-signing'
import { fromUtf8, fromBase64, toBase64 } from '@cosmjs/encoding'
import { describe, expect, test } from 'vitest'
import { LocalSigner } from '../wallet/signer'
import { canonicalJson } from './amino'
import { MsgSendSchema } from './gen/cosmos/bank/v1beta1/tx_pb'
import { MsgDelegateSchema } from './gen/virusmap/supernode/v1/tx_pb'
import { fromBinary } from '@bufbuild/protobuf'
import { TxRawSchema } from './gen/cosmos/tx/v1beta1/tx_pb'
import { aminoConverters, msg, registry } from './registry'
import { aminoDoc, AlteredError, signTx } from './sign'
import vectors from './testdata/txs.json'

const { address, memo, chain_id: chainId } = vectors
const messages = (amount: string) => [
  msg(MsgDelegateSchema, { delegator: address, operator: address, amount: { denom: 'uvmt', amount } }),
  msg(MsgSendSchema, { fromAddress: address, toAddress: address, amount: [{ denom: 'uvmt', amount }] }),
]

describe.each(vectors.txs.map((v) => [`${v.mode} ${v.name}`, v] as const))('%s', (_, v) => {
  const fee = { gas: BigInt(v.gas), amount: BigInt(v.fee), denom: 'uvmt' }
  const data = { chainId, accountNumber: BigInt(v.account_number), sequence: BigInt(v.sequence) }
  const mode = v.mode === 'SIGN_MODE_DIRECT' ? 'direct' : 'amino'

  test('the transaction is byte for byte that of the node', async () => {
    const signer = await LocalSigner.fromMnemonic(vectors.mnemonic, 'vmt')
    expect(signer.address).toBe(address)
    expect(toBase64(await signTx(signer.offline(mode), address, messages(v.amount), fee, memo, data))).toBe(v.tx)
  })

  if (mode === 'amino') {
    test('the document is what the node checks', () => {
      expect(canonicalJson(aminoDoc(messages(v.amount), fee, memo, data))).toBe(fromUtf8(fromBase64(v.sign_bytes)))
    })
  }
})

test('cosmjs signs the same with our registry and amino types', async () => {
  const v = vectors.txs[0]!
  const signer = await DirectSecp256k1HdWallet.fromMnemonic(vectors.mnemonic, { prefix: 'vmt' })
  const client = await SigningStargateClient.offline(signer, { registry, aminoTypes: new AminoTypes(aminoConverters as never) })
  const fee = { amount: [{ denom: 'uvmt', amount: v.fee }], gas: v.gas }
  const signed = await client.sign(address, messages(v.amount), fee, memo, { chainId, accountNumber: 7n, sequence: 1 } as never)
  expect(toBase64(signed.signatures[0]!)).toBe(toBase64(fromBinary(TxRawSchema, fromBase64(v.tx)).signatures[0]!))
})

test('a wallet that changes the messages is refused', async () => {
  const local = (await LocalSigner.fromMnemonic(vectors.mnemonic, 'vmt')).offline('amino')
  const liar = {
    getAccounts: local.getAccounts,
    signAmino: async (...asked: Parameters<typeof local.signAmino>) => {
      const answer = await local.signAmino(...asked)
      return { ...answer, signed: { ...answer.signed, msgs: [] } }
    },
  }
  const fee = { gas: 1n, amount: 1n, denom: 'uvmt' }
  await expect(signTx(liar, address, messages('1'), fee, '', { chainId, accountNumber: 0n, sequence: 0n })).rejects.toThrow(AlteredError)
})
