/** Honest messages with something wrong in one place; all lengths stay right. */
import { extension, joined, MESSAGE_TYPE, number, Reading, vector } from './wire.ts'

export type ListedExtension = readonly [type: number, body: Uint8Array]
type Edit = (extensions: readonly ListedExtension[]) => readonly ListedExtension[]

/** Where things stand in a ServerHello with a session id of 32 bytes. */
export const HELLO_AT = {
  version: 4,
  random: 6,
  sessionId: 39,
  suite: 71,
  compression: 73,
  extensions: 74,
} as const
const ENCRYPTED_EXTENSIONS_AT = 4

export function overwritten(bytes: Uint8Array, at: number, ...values: readonly number[]): Uint8Array {
  const changed = bytes.slice()
  changed.set(values, at)
  return changed
}

/** The ServerHello, or EncryptedExtensions, with another list. */
export function withExtensions(message: Uint8Array, edit: Edit): Uint8Array {
  const isHello = message[0] === MESSAGE_TYPE.serverHello
  const at = isHello ? HELLO_AT.extensions : ENCRYPTED_EXTENSIONS_AT
  const list = new Reading(new Reading(message.subarray(at)).vector(2))
  const extensions: ListedExtension[] = []
  while (!list.isDone) extensions.push([list.number(2), list.vector(2)])
  const written = edit(extensions).map(([type, body]) => extension(type, body))
  const body = joined(message.subarray(4, at), vector(2, ...written))
  return joined(message.subarray(0, 1), vector(3, body))
}

/** With this extension in place of one of its type, or behind all others. */
export function putting(type: number, ...body: readonly Uint8Array[]): Edit {
  const put: ListedExtension = [type, joined(...body)]
  return (extensions) =>
    extensions.some(([each]) => each === type)
      ? extensions.map((each) => (each[0] === type ? put : each))
      : [...extensions, put]
}

export function without(type: number): Edit {
  return (extensions) => extensions.filter(([each]) => each !== type)
}

/** A share of this group. */
export function share(group: number, ...bytes: readonly Uint8Array[]): Uint8Array {
  return joined(number(group, 2), vector(2, ...bytes))
}
