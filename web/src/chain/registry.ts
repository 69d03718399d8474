/** The messages for cosmjs: its Registry and AminoTypes, filled from the generated descriptors. */
import { create, fromBinary, toBinary, type DescMessage, type Message, type MessageInitShape } from '@bufbuild/protobuf'
import { Registry, type EncodeObject, type GeneratedType } from '@cosmjs/proto-signing'
import { complete, fromAmino, toAmino, type Json } from './amino'
import { aminoName, messages, typeUrl } from './messages'

/** A message with the URL of its type, as cosmjs and wallets take it. */
export interface TypedMessage extends EncodeObject {
  readonly schema: DescMessage
  readonly value: Message
}

/** Makes a message, complete as the node writes it: msg(MsgDelegateSchema, {delegator, operator, amount}). */
export function msg<Desc extends DescMessage>(schema: Desc, value: MessageInitShape<Desc>): TypedMessage {
  return { schema, typeUrl: typeUrl(schema), value: complete(schema, create(schema, value)) }
}

function generatedType(schema: DescMessage): GeneratedType {
  const type = {
    encode: (message: Message) => ({ finish: () => toBinary(schema, message) }),
    decode: (input: Uint8Array) => fromBinary(schema, input),
    fromPartial: (object: MessageInitShape<DescMessage>) => complete(schema, create(schema, object)),
  }
  return type as unknown as GeneratedType
}

export const registry = new Registry(messages.map((schema) => [typeUrl(schema), generatedType(schema)]))

/** For `new AminoTypes(aminoConverters)` of @cosmjs/stargate, by type URL. */
export const aminoConverters = Object.fromEntries(messages.map((schema) => [typeUrl(schema), {
  aminoType: aminoName(schema)!,
  toAmino: (value: Message) => toAmino(schema, value).value,
  fromAmino: (value: { [key: string]: Json }) => fromAmino(schema, value),
}]))
