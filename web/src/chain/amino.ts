/**
 * Amino JSON by the rules of the SDK's x/tx/signing/aminojson, read from the options of the
 * protos: amino.name, field_name, dont_omitempty and encoding, cosmos_proto.scalar. Proved
 * against the node's own encoder by testdata/*.json.
 */
import {
  create, getOption, hasOption, isFieldSet, ScalarType, type DescField, type DescMessage, type Message,
} from '@bufbuild/protobuf'
import { reflect, type ReflectMessage } from '@bufbuild/protobuf/reflect'
import { serializeSignDoc, type StdSignDoc } from '@cosmjs/amino'
import { fromBase64, fromUtf8, toBase64 } from '@cosmjs/encoding'
import { dont_omitempty, encoding, field_name } from './gen/amino/amino_pb'
import { scalar } from './gen/cosmos_proto/cosmos_pb'
import { aminoName } from './messages'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type AminoMsg = { type: string; value: { [key: string]: Json } }

/** The message with its amino name, as it stands in a sign doc. */
export function toAmino(schema: DescMessage, message: Message): AminoMsg {
  const type = aminoName(schema)
  if (type === undefined) throw new Error(`${schema.typeName} has no amino name`)
  return { type, value: writeMessage(reflect(schema, message)) }
}

/** JSON with the keys of each object in order and the escapes of Go's encoder: what is signed. */
export function canonicalJson(value: object): string {
  // cosmjs leaves the two line separators as they are, and Go does not.
  return fromUtf8(serializeSignDoc(value as StdSignDoc)).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}

/** Undoes toAmino for the value of a message. Fields that the type does not have are refused. */
export function fromAmino(schema: DescMessage, value: { [key: string]: Json }): Message {
  const message = create(schema)
  readMessage(reflect(schema, message), value)
  return message
}

/**
 * Sets the submessages that the node always has (nullable = false) where they are absent:
 * the node refuses to sign for a message without them, and writes them itself.
 */
export function complete<M extends Message>(schema: DescMessage, message: M): M {
  const reflected = reflect(schema, message)
  for (const field of schema.fields) {
    if (field.fieldKind === 'message') {
      if (!reflected.isSet(field) && keepsEmpty(field)) reflected.set(field, reflect(field.message, create(field.message)))
      if (reflected.isSet(field)) complete(field.message, reflected.get(field).message)
    } else if (field.fieldKind === 'list' && field.listKind === 'message') {
      for (const item of reflected.get(field)) complete(field.message, (item as ReflectMessage).message)
    }
  }
  return message
}

const keepsEmpty = (field: DescField) => hasOption(field, dont_omitempty) && getOption(field, dont_omitempty)
const jsonName = (field: DescField) => (hasOption(field, field_name) ? getOption(field, field_name) : field.name)
const isInteger = (field: DescField) => hasOption(field, scalar) && getOption(field, scalar) === 'cosmos.Int'

function isDecimal(field: DescField): boolean {
  return hasOption(field, scalar) && getOption(field, scalar) === 'cosmos.Dec'
}

function writeMessage(message: ReflectMessage): { [key: string]: Json } {
  const written: { [key: string]: Json } = {}
  for (const field of message.desc.fields) {
    if (field.oneof || isDecimal(field)) throw new Error(`${field} has no amino JSON here`)
    if (!isFieldSet(message.message, field) && !keepsEmpty(field)) continue
    written[jsonName(field)] = writeField(message, field)
  }
  return written
}

function writeField(message: ReflectMessage, field: DescField): Json {
  switch (field.fieldKind) {
    case 'message':
      return writeMessage(message.get(field))
    case 'enum':
      return message.get(field)
    case 'scalar': {
      const value = message.get(field)
      return isInteger(field) && value === '' ? '0' : writeScalar(field.scalar, value)
    }
    case 'list': {
      const items = Array.from(message.get(field))
      // The node writes an empty list that must not be left out as null, unless told otherwise.
      if (items.length === 0) return hasOption(field, encoding) ? [] : null
      if (field.listKind === 'message') return items.map((item) => writeMessage(item as ReflectMessage))
      if (field.listKind === 'enum') return items as number[]
      return items.map((item) => writeScalar(field.scalar, item))
    }
    case 'map':
      throw new Error(`${field}: amino JSON has no maps`)
  }
}

function writeScalar(type: ScalarType, value: unknown): Json {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return toBase64(value)
  if (type === ScalarType.FLOAT || type === ScalarType.DOUBLE) throw new Error('amino JSON has no floats')
  return value as string | number | boolean
}

function readMessage(message: ReflectMessage, value: { [key: string]: Json }): void {
  const fields = new Map(message.desc.fields.map((field) => [jsonName(field), field]))
  for (const [key, item] of Object.entries(value)) {
    const field = fields.get(key)
    if (!field) throw new Error(`${message.desc.typeName} has no field ${key}`)
    readField(message, field, item)
  }
}

function readField(message: ReflectMessage, field: DescField, value: Json): void {
  const child = (schema: DescMessage, item: Json) => {
    const made = reflect(schema, create(schema))
    readMessage(made, item as { [key: string]: Json })
    return made
  }
  switch (field.fieldKind) {
    case 'message':
      return message.set(field, child(field.message, value))
    case 'enum':
      return message.set(field, value as number)
    case 'scalar':
      return message.set(field, readScalar(field.scalar, value))
    case 'list': {
      const list = message.get(field)
      for (const item of (value ?? []) as Json[]) {
        if (field.listKind === 'message') list.add(child(field.message, item))
        else list.add(field.listKind === 'enum' ? (item as number) : readScalar(field.scalar, item))
      }
      return
    }
    case 'map':
      throw new Error(`${field}: amino JSON has no maps`)
  }
}

function readScalar(type: ScalarType, value: Json): string | number | bigint | boolean | Uint8Array {
  switch (type) {
    case ScalarType.BYTES:
      return fromBase64(value as string)
    case ScalarType.INT64: case ScalarType.SINT64: case ScalarType.SFIXED64: case ScalarType.UINT64: case ScalarType.FIXED64:
      return BigInt(value as string)
    default:
      return value as string | number | boolean
  }
}
