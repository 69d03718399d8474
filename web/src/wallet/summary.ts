/** A message as rows of names and values, for a person who is about to sign it. */
import { isFieldSet, type DescField } from '@bufbuild/protobuf'
import { reflect, type ReflectMessage } from '@bufbuild/protobuf/reflect'
import { toHex } from '@cosmjs/encoding'
import type { TypedMessage } from '../chain/registry'
import { coins } from '../i18n'

export interface Row {
  name: string
  value: string
}

const maxShown = 200
const maxRows = 60

/** The message's name without package and prefix: "Delegate". */
export const title = (message: TypedMessage): string => message.schema.name.replace(/^Msg/, '')

export function rows(message: TypedMessage): Row[] {
  const found: Row[] = []
  collect(reflect(message.schema, message.value), '', found)
  return found.length > maxRows ? [...found.slice(0, maxRows), { name: '…', value: `+${found.length - maxRows}` }] : found
}

function collect(message: ReflectMessage, prefix: string, found: Row[]): void {
  for (const field of message.desc.fields) {
    if (!isFieldSet(message.message, field)) continue
    const name = prefix + field.name.replaceAll('_', ' ')
    if (field.fieldKind === 'message') {
      addMessage(message.get(field), name, found)
    } else if (field.fieldKind === 'list') {
      const items = Array.from(message.get(field))
      for (const [i, item] of items.entries()) {
        const numbered = items.length > 1 ? `${name} ${i + 1}` : name
        if (field.listKind === 'message') addMessage(item as ReflectMessage, numbered, found)
        else found.push({ name: numbered, value: written(field, item) })
      }
    } else {
      found.push({ name, value: written(field, message.get(field)) })
    }
  }
}

function addMessage(message: ReflectMessage, name: string, found: Row[]): void {
  if (message.desc.typeName !== 'cosmos.base.v1beta1.Coin') return collect(message, name + ' · ', found)
  const { amount, denom } = message.message as unknown as { amount: string; denom: string }
  found.push({ name, value: denom === 'uvmt' ? `${coins(amount || '0')} VMT` : `${amount} ${denom}` })
}

function written(field: DescField, value: unknown): string {
  if (value instanceof Uint8Array) {
    return value.length > 64 ? `${toHex(value.subarray(0, 16))}… (${value.length} bytes)` : toHex(value)
  }
  if (field.enum) return field.enum.value[value as number]?.name ?? String(value)
  const text = String(value)
  return text.length > maxShown ? text.slice(0, maxShown) + '…' : text
}
