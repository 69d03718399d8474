import { base64Decode } from '@bufbuild/protobuf/wire'
import { hexToBytes } from '@noble/hashes/utils.js'
import { messageOf, quoted } from './errors'
import { fits, isPrintable } from './text'

const int64Text = /^-?\d{1,19}$/
const uint64Text = /^\d{1,20}$/

/** Reads the fields of one JSON object by name; what does not fit throws an error that names the field. */
export class JsonObject {
  readonly #fields: Map<string, unknown>
  readonly #read = new Set<string>()

  constructor(
    readonly path: string,
    value: unknown,
    limit = 4096,
  ) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Error(`${path}: is not a JSON object`)
    const entries = Object.entries(value)
    if (entries.length > limit) throw new Error(`${path}: more than ${limit} fields`)
    this.#fields = new Map(entries)
  }

  fail(message: string): never {
    throw new Error(`${this.path}: ${message}`)
  }

  has(name: string): boolean {
    return this.#fields.has(name)
  }

  keys(): string[] {
    return [...this.#fields.keys()]
  }

  take(name: string): unknown {
    if (!this.#fields.has(name)) this.fail(`field ${quoted(name, 64)} is missing`)
    this.#read.add(name)
    return this.#fields.get(name)
  }

  object(name: string, limit?: number): JsonObject {
    return new JsonObject(`${this.path}.${name.slice(0, 64)}`, this.take(name), limit)
  }

  array(name: string, limit: number): unknown[] {
    const value = this.take(name)
    if (!Array.isArray(value)) this.fail(`${name} is not a list`)
    if (value.length > limit) this.fail(`${name} has ${value.length} entries, at most ${limit}`)
    return value
  }

  string(name: string): string {
    const value = this.take(name)
    if (typeof value !== 'string') this.fail(`${name} is not a string`)
    return value
  }

  /** A text for people. */
  text(name: string, maxBytes: number): string {
    const value = this.string(name)
    if (!fits(value, maxBytes) || !isPrintable(value))
      this.fail(`${name} is longer than ${maxBytes} bytes or not printable`)
    return value
  }

  textOrNull(name: string, maxBytes: number): string | null {
    return this.take(name) === null ? null : this.text(name, maxBytes)
  }

  optionalText(name: string, maxBytes: number): string {
    return this.has(name) ? this.text(name, maxBytes) : ''
  }

  /** A SHA-256 in lower-case hex. */
  hash(name: string): string {
    const value = this.string(name)
    if (!/^[0-9a-f]{64}$/.test(value)) this.fail(`${name} ${quoted(value)} is not a SHA-256 in lower-case hex`)
    return value
  }

  /** A JSON number, 0..limit. */
  integer(name: string, limit: bigint): bigint {
    const value = this.take(name)
    const exact = typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))
    if (!exact || value < 0 || value > limit)
      this.fail(`${name} is ${String(value).slice(0, 32)}, want an integer of at most ${limit}`)
    return BigInt(value)
  }

  /** A 64-bit integer, which CometBFT writes as a string. */
  int64(name: string): bigint {
    const value = this.string(name)
    if (!int64Text.test(value) || BigInt.asIntN(64, BigInt(value)) !== BigInt(value))
      this.fail(`${name} is not a 64-bit integer`)
    return BigInt(value)
  }

  /** As int64, but not negative; 0 when the field is not there. */
  uint64OrZero(name: string): bigint {
    if (!this.has(name)) return 0n
    const value = this.string(name)
    if (!uint64Text.test(value) || BigInt.asUintN(64, BigInt(value)) !== BigInt(value))
      this.fail(`${name} is not an unsigned 64-bit integer`)
    return BigInt(value)
  }

  hex(name: string): Uint8Array {
    try {
      return hexToBytes(this.string(name))
    } catch (error) {
      this.fail(`${name}: ${messageOf(error)}`)
    }
  }

  /** Base64; null and an absent field are no bytes. */
  base64(name: string): Uint8Array {
    if (!this.has(name) || this.take(name) === null) return new Uint8Array()
    try {
      return base64Decode(this.string(name))
    } catch (error) {
      this.fail(`${name}: ${messageOf(error)}`)
    }
  }

  /** Refuses the fields that nobody asked for. */
  finish(): void {
    const unknown = this.keys()
      .filter((name) => !this.#read.has(name))
      .sort()
    if (unknown.length > 0) this.fail(`unknown field ${quoted(unknown[0]!, 64)}`)
  }
}
