/** What a node does with each slot that has a genuine MAC: anybody who knows its public key can make one. */
import { describe, expect, test } from 'vitest'
import { fromHex, SeededRandom } from '../../src/lib/core/index.ts'
import { aes256Ctr, hmac, kemSecret } from '../../src/lib/crypto/index.ts'
import { deriveHopKeys } from '../../src/lib/sphinx/hop-keys.ts'
import {
  createPacket,
  dropReasonOf,
  type Geometry,
  isAuthenticDrop,
  loadSphinxKernel,
  type MixKey,
  makeGeometry,
  PacketUnwrapper,
  PlainSphinxKernel,
} from '../../src/lib/sphinx/index.ts'
import { ALL_FORMATS, makePath } from './network.ts'

const COMMANDS_BYTES = 82
const ID = '5a'.repeat(32)
const NEXT = `01${ID}${ID}`
const RECIPIENT = `02${ID}`
const SURB_REPLY = `03${ID.slice(0, 32)}`
const DELAY = '80000004d2'

const CASES: readonly (readonly [string, string, string])[] = [
  ['a next hop', NEXT, 'forward'],
  ['a delay and a next hop', DELAY + NEXT, 'forward'],
  ['a next hop and a delay', NEXT + DELAY, 'forward'],
  ['a recipient', RECIPIENT, 'deliver'],
  ['a recipient and a SURB reply', RECIPIENT + SURB_REPLY, 'reply'],
  ['a SURB reply and a recipient', SURB_REPLY + RECIPIENT, 'reply'],
  ['nothing', '', 'unexpected_commands'],
  ['a delay alone', DELAY, 'unexpected_commands'],
  ['a SURB reply alone', SURB_REPLY, 'unexpected_commands'],
  ['a recipient and a delay', RECIPIENT + DELAY, 'unexpected_commands'],
  ['a recipient, a SURB reply and a delay', RECIPIENT + SURB_REPLY + DELAY, 'unexpected_commands'],
  ['a next hop and a SURB reply, which fill the slot', NEXT + SURB_REPLY, 'unexpected_commands'],
  ['two delays', DELAY + DELAY + NEXT, 'malformed_commands'],
  ['two recipients', RECIPIENT + RECIPIENT, 'malformed_commands'],
  ['two SURB replies', RECIPIENT + SURB_REPLY + SURB_REPLY, 'malformed_commands'],
  ['an unknown command', `04${RECIPIENT}`, 'malformed_commands'],
  ['an unknown command behind others', `${RECIPIENT}7f`, 'malformed_commands'],
  ['a byte behind the end', `${RECIPIENT}0001`, 'malformed_commands'],
  [
    'a last byte behind the end',
    RECIPIENT.padEnd(2 * (COMMANDS_BYTES - 1), '0').concat('01'),
    'malformed_commands',
  ],
  ['a next hop that the slot cuts off', DELAY + SURB_REPLY + NEXT.slice(0, 120), 'malformed_commands'],
  ['a SURB reply that the slot cuts off', DELAY + NEXT + SURB_REPLY.slice(0, 24), 'malformed_commands'],
]

/** The packet with these commands in its first slot, under the MAC of who knows the keys. */
function withCommands(geometry: Geometry, key: MixKey, packet: Uint8Array, commands: Uint8Array): Uint8Array {
  const changed = packet.slice()
  const element = packet.subarray(2, 34)
  const dh = key.sharedWith(element) as Uint8Array
  const secret = geometry.format === 'kem' ? kemSecret(geometry.prf, dh, key.publicKey, element) : dh
  const keys = deriveHopKeys(secret)
  const stream = aes256Ctr(keys.streamKey, keys.iv, COMMANDS_BYTES)
  for (let i = 0; i < COMMANDS_BYTES; i++) changed[34 + i] = (stream[i] as number) ^ (commands[i] ?? 0)
  const macAt = geometry.headerBytes - 32
  changed.set(hmac('sha256', keys.macKey, changed.subarray(0, macAt)), macAt)
  return changed
}

const KERNELS = [
  ['the compiled kernel', loadSphinxKernel],
  ['the plain kernel', (geometry: Geometry) => new PlainSphinxKernel(geometry)],
] as const
const NODES = ALL_FORMATS.flatMap((format) => KERNELS.map(([name, kernel]) => ({ ...format, name, kernel })))

describe.each(NODES)('a node of $format with $prf and $name', ({ format, prf, kernel }) => {
  const geometry = makeGeometry({ format, prf })
  const random = new SeededRandom(71)
  const { keys, path } = makePath({ random, hops: 1 })
  const key = keys[0] as MixKey
  const payload = random.bytes(geometry.payloadBytes)
  const packet = createPacket(geometry, path, payload, random)
  const unwrapper = new PacketUnwrapper(geometry, kernel(geometry))
  unwrapper.setKeys([key])

  test.each(CASES)('given %s', (_, commands, wanted) => {
    const status = unwrapper.unwrap(withCommands(geometry, key, packet, fromHex(commands)))
    const reason = dropReasonOf(status)
    expect(reason ?? ['forward', 'deliver', 'reply'][status]).toBe(wanted)
    if (reason !== undefined) expect(isAuthenticDrop(reason)).toBe(true)
    const id = fromHex(ID)
    if (wanted === 'forward') {
      expect(unwrapper.nextHop).toEqual(id)
      expect(unwrapper.delayMs).toBe(commands.includes(DELAY) ? 1234 : 0)
      expect(unwrapper.output.subarray(geometry.headerBytes - 32, geometry.headerBytes)).toEqual(id)
    } else if (reason === undefined) expect(unwrapper.recipient).toEqual(id)
    if (wanted === 'deliver') expect(unwrapper.output).toEqual(payload)
    if (wanted === 'reply') expect(unwrapper.surbId).toEqual(id.subarray(16))
  })
})
