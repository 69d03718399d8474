/**
 * Signs and sends against a running node. It needs VITE_CHAIN_RPC (such as
 * http://127.0.0.1:26657) and VITE_CHAIN_WORDS, the words of an account with 100,000 VMT that
 * operates no supernode yet.
 */
import { Comet38Client, HttpClient } from '@cosmjs/tendermint-rpc'
import { generateHybridIdentity, identityToRecipient } from 'age-encryption'
import { beforeAll, describe, expect, test } from 'vitest'
import { LocalSigner, newWords } from '../wallet/local'
import type { SignMode } from '../wallet/signer'
import { parseGasPrice } from './amounts'
import { ChainError } from './errors'
import { MsgSendSchema } from './gen/cosmos/bank/v1beta1/tx_pb'
import { Query as Bank } from './gen/cosmos/bank/v1beta1/query_pb'
import { Query as Supernodes } from './gen/virusmap/supernode/v1/query_pb'
import { MsgDelegateSchema, MsgFundRewardsSchema, MsgRegisterSchema, MsgUndelegateSchema, MsgWithdrawRewardsSchema } from './gen/virusmap/supernode/v1/tx_pb'
import { msg, type TypedMessage } from './registry'
import { find, query, rpc, useRpc } from './rpc'
import { account, broadcast, estimate, included, UnfundedError } from './send'

const { VITE_CHAIN_RPC: url, VITE_CHAIN_WORDS: words } = import.meta.env
const price = parseGasPrice('0.025uvmt')
const uvmt = (amount: bigint) => ({ denom: 'uvmt', amount: amount.toString() })

describe.skipIf(!url)('a running node', { timeout: 60_000 }, () => {
  let rich: LocalSigner
  let poor: LocalSigner
  let chainId: string

  const run = async (who: LocalSigner, mode: SignMode, ...msgs: TypedMessage[]) => {
    const fee = await estimate(msgs, 'web', who.address, who.publicKey, price)
    const signer = mode === 'amino' ? who.offline('amino') : who.offline('direct')
    return included(await broadcast(signer, who.address, msgs, fee, 'web', chainId))
  }
  const balance = async (address: string) => BigInt((await query(Bank.method.balance, { address, denom: 'uvmt' })).balance?.amount ?? '0')

  beforeAll(async () => {
    useRpc(Comet38Client.create(new HttpClient(url)))
    chainId = (await rpc().status()).nodeInfo.network
    rich = await LocalSigner.fromMnemonic(words, 'vmt')
    poor = await LocalSigner.fromMnemonic(newWords(), 'vmt')
  })

  test('an account without coins is told so', async () => {
    expect(await account(poor.address)).toBeUndefined()
    await expect(run(poor, 'direct', msg(MsgWithdrawRewardsSchema, { delegator: poor.address, operator: rich.address }))).rejects.toThrow(UnfundedError)
  })

  test('coins are sent', async () => {
    const amount = 20_000_000n
    await run(rich, 'amino', msg(MsgSendSchema, { fromAddress: rich.address, toAddress: poor.address, amount: [uvmt(amount)] }))
    expect(await balance(poor.address)).toBe(amount)
  })

  test('a supernode is registered', async () => {
    const profile = {
      sidecar: poor.address, moniker: 'web & <test>', endpoints: ['https://node.example'],
      peerId: '12D3KooWBmAwcd4PJNJvfV89HwE48nwkRmAgo8Vy3uQEyNNHBox2', multiaddrs: [],
      recipient: await identityToRecipient(await generateHybridIdentity()),
    }
    await run(rich, 'amino', msg(MsgRegisterSchema, { operator: rich.address, profile, selfBond: uvmt(20_000_000_000n) }))
    const found = await query(Supernodes.method.supernode, { operator: rich.address })
    expect(found.supernode?.selfBond).toBe('20000000000')
  })

  describe.each(['direct', 'amino'] as const)('signed %s', (mode) => {
    test('delegate, earn, claim, undelegate', async () => {
      const at = { delegator: poor.address, operator: rich.address }
      const sent = await run(poor, mode, msg(MsgDelegateSchema, { ...at, amount: uvmt(2_000_000n) }))
      expect(sent.height).toBeGreaterThan(0)
      const position = async () => (await query(Supernodes.method.delegation, at)).position!
      expect(BigInt((await position()).worth)).toBeGreaterThanOrEqual(2_000_000n)

      await run(rich, mode, msg(MsgFundRewardsSchema, { sender: rich.address, operator: rich.address, amount: uvmt(1_000_000_000n) }))
      expect(BigInt((await position()).rewards)).toBeGreaterThan(0n)
      await run(poor, mode, msg(MsgWithdrawRewardsSchema, at))
      expect((await position()).rewards).toBe('0')

      await run(poor, mode, msg(MsgUndelegateSchema, { ...at, amount: uvmt(1_000_000n) }))
      expect((await query(Supernodes.method.unbondings, { delegator: poor.address })).unbondings.length).toBeGreaterThan(0)
    })
  })

  test('what the chain refuses keeps its number and its words', async () => {
    const refused = run(poor, 'direct', msg(MsgDelegateSchema, { delegator: poor.address, operator: poor.address, amount: uvmt(1_000_000n) }))
    await expect(refused).rejects.toThrow(ChainError)
    await expect(refused).rejects.toThrow(/not found/)
  })

  test('what is not there is found to be not there', async () => {
    expect(await find(Supernodes.method.supernode, { operator: poor.address })).toBeUndefined()
  })
})
