import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'

/** What to do with the fields of a protobuf message, by number. Other fields are skipped. */
export type Fields = Record<number, [WireType, (reader: BinaryReader) => void]>

/** Reads a message of somebody else's protos, of which a few fields matter. */
export function readFields(message: Uint8Array, fields: Fields): void {
  const reader = new BinaryReader(message)
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag()
    const field = fields[number]
    if (field?.[0] === type) field[1](reader)
    else reader.skip(type, number)
  }
}
