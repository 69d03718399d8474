import { lightBlock, maxValidators, readValidator, type LightBlock, type Validator } from './block'
import { messageOf, Refuted, Unverifiable } from './errors'
import { JsonObject } from './json'
import { upperHex } from './bytes'

// Bounds of one answer. The larger one is for everything that was revealed in a round.
const maxAnswerBytes = 8 << 20
const maxQueryBytes = 64 << 20

const requestMilliseconds = 30_000
const statusMilliseconds = 5_000

const validatorsPerPage = 100
const maxProofOps = 8

/** The server has no such block; `tooHigh` when it is yet to come. */
export class NoBlock extends Error {
  constructor(
    readonly tooHigh: boolean,
    message: string,
  ) {
    super(message)
  }
}

/** The answer to an ABCI query. */
export interface Answer {
  value: Uint8Array
  ops: ProofOp[]
}

export interface ProofOp {
  type: string
  key: Uint8Array
  data: Uint8Array
}

/** One CometBFT RPC endpoint; nothing it says is believed without a proof. */
export class Server {
  #id = 0

  constructor(
    readonly address: string,
    private readonly signal: AbortSignal,
  ) {}

  /** The newest height that the server knows. */
  async tip(): Promise<bigint> {
    const status = await this.call('status', {}, maxAnswerBytes, statusMilliseconds)
    return status.object('sync_info').int64('latest_block_height')
  }

  /** A block that is consistent in itself; the newest one without a height. */
  async lightBlock(chainId: string, height?: bigint): Promise<LightBlock> {
    const answer = await this.block('commit', height === undefined ? {} : { height: String(height) })
    const signedHeader = answer.object('signed_header')
    const at = signedHeader.object('header').int64('height')
    if (height !== undefined && at !== height) throw new Error(`answers with block ${at}, wanted was ${height}`)
    return lightBlock(chainId, signedHeader, await this.validators(at))
  }

  private async validators(height: bigint): Promise<Validator[]> {
    const validators: Validator[] = []
    for (let page = 1, total = -1; validators.length !== total; page++) {
      if (page > maxValidators / validatorsPerPage) throw new Error(`more than ${maxValidators} validators`)
      const answer = await this.block('validators', {
        height: String(height),
        page: String(page),
        per_page: String(validatorsPerPage),
      })
      const entries = answer.array('validators', validatorsPerPage)
      total = Number(answer.int64('total'))
      if (entries.length === 0 || total <= 0) throw new Error('no validators')
      for (const [i, entry] of entries.entries())
        validators.push(readValidator(new JsonObject(`validators[${i}]`, entry)))
    }
    return validators
  }

  private async block(method: string, params: Record<string, unknown>): Promise<JsonObject> {
    try {
      return await this.call(method, params, maxAnswerBytes, requestMilliseconds)
    } catch (error) {
      const message = messageOf(error) // CometBFT has no codes for these
      if (/height \d+ must be less than or equal to/.test(message)) throw new NoBlock(true, message)
      if (/height \d+ is not available/.test(message)) throw new NoBlock(false, message)
      throw error
    }
  }

  /** An ABCI query of the state at a height. */
  async query(path: string, data: Uint8Array, height: bigint, prove: boolean): Promise<Answer> {
    const params = { path, data: upperHex(data), height: String(height), prove }
    const response = (await this.call('abci_query', params, maxQueryBytes, requestMilliseconds)).object('response')
    const code = response.has('code') ? response.integer('code', 2n ** 32n - 1n) : 0n
    if (code !== 0n) throw new Error(`query ${path}: ${words(response, 'log')} (code ${code})`)
    return { value: response.base64('value'), ops: readOps(response) }
  }

  /** Calls a method; the result is a JSON object. */
  private async call(
    method: string,
    params: Record<string, unknown>,
    maxBytes: number,
    milliseconds: number,
  ): Promise<JsonObject> {
    const id = this.#id++
    const response = await fetch(this.address, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
      credentials: 'omit',
      cache: 'no-store',
      signal: AbortSignal.any([this.signal, AbortSignal.timeout(milliseconds)]),
    })
    const answer = new JsonObject('answer', JSON.parse(await boundedText(response, maxBytes)) as unknown)
    if (answer.has('error') && answer.take('error') !== null) {
      const error = answer.object('error')
      throw new Error(`${method}: ${words(error, 'message')} ${words(error, 'data')}`)
    }
    if (answer.integer('id', BigInt(Number.MAX_SAFE_INTEGER)) !== BigInt(id)) answer.fail('answers another request')
    return answer.object('result')
  }
}

function readOps(response: JsonObject): ProofOp[] {
  const name = response.has('proofOps') ? 'proofOps' : 'proof_ops'
  if (!response.has(name) || response.take(name) === null) return []
  return response
    .object(name)
    .array('ops', maxProofOps)
    .map((entry, i) => {
      const op = new JsonObject(`proof op ${i}`, entry)
      return { type: op.string('type'), key: op.base64('key'), data: op.base64('data') }
    })
}

/** What a server says of an error. */
const words = (json: JsonObject, name: string): string => (json.has(name) ? String(json.take(name)).slice(0, 400) : '')

async function boundedText(response: Response, maxBytes: number): Promise<string> {
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  let [text, size] = ['', 0]
  while (reader) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.length
    if (size > maxBytes) {
      await reader.cancel()
      throw new Error(`the answer has more than ${maxBytes} bytes`)
    }
    text += decoder.decode(value, { stream: true })
  }
  return text + decoder.decode()
}

/**
 * Sends an ABCI query to one server after the other until `accept` takes an answer.
 * The error is Refuted when any answer was a false one.
 */
export async function ask<T>(
  servers: readonly Server[],
  signal: AbortSignal,
  query: { path: string; data: Uint8Array; height: bigint; prove: boolean },
  accept: (answer: Answer) => T,
): Promise<T> {
  const failures: string[] = []
  let refuted = false
  for (const server of servers) {
    let answer: Answer
    try {
      answer = await server.query(query.path, query.data, query.height, query.prove)
    } catch (error) {
      signal.throwIfAborted()
      failures.push(`${server.address}: ${messageOf(error)}`)
      continue
    }
    try {
      return accept(answer)
    } catch (error) {
      failures.push(`${server.address}: ${messageOf(error)}`)
      refuted = true
    }
  }
  throw new (refuted ? Refuted : Unverifiable)(failures.join('\n'))
}
