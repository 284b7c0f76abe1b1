import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concat, fromHex, toHex } from '../../src/lib/core/index.ts'
import { decodeCommands, encodeCommands, type RoutingCommand } from '../../src/lib/sphinx/index.ts'
import { conformancePath } from '../support/conformance.ts'

const ID = fromHex('d949152fd0e541549225baac771c65f99cbe820afad04fbdd10a4b9ec68eef8a')
const MAC = fromHex('1f7b011fe8519cafc77b2a4c2e1e3ab91f7b011fe8519cafc77b2a4c2e1e3ab9')
const SURB_ID = fromHex('479ed2fe89fb26e2272f2899eb0e2d2f')

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const command: fc.Arbitrary<RoutingCommand> = fc.oneof(
  fc.record({ type: fc.constant('next-hop' as const), node: bytes(32), mac: bytes(32) }),
  fc.record({ type: fc.constant('recipient' as const), id: bytes(32) }),
  fc.record({ type: fc.constant('surb-reply' as const), id: bytes(16) }),
  fc.record({ type: fc.constant('delay' as const), ms: fc.integer({ min: 0, max: 0xffffffff }) }),
)
const LENGTHS = { 'next-hop': 65, recipient: 33, 'surb-reply': 17, delay: 5 } as const
const commands = fc
  .uniqueArray(command, { selector: ({ type }) => type, maxLength: 4 })
  .filter((list) => list.reduce((sum, { type }) => sum + LENGTHS[type], 0) <= 82)

describe('routing commands', () => {
  const path = conformancePath('mix', 'katzenpost', 'sphinx_commands_vectors.json')
  test.skipIf(path === undefined)('are written and read as the published ones', () => {
    const vector: Record<string, string> = JSON.parse(readFileSync(path as string, 'utf8'))
    const field = (name: string): Uint8Array => fromHex(vector[name] as string)
    const cases: [RoutingCommand, string][] = [
      [{ type: 'next-hop', node: field('NextHopID'), mac: field('NextHopMAC') }, 'NextHopCmdWant'],
      [{ type: 'recipient', id: field('RecipientID') }, 'RecipientCmdWant'],
      [{ type: 'surb-reply', id: field('SURBReplyID') }, 'SURBReplyCmdWant'],
      [{ type: 'delay', ms: Number(vector.NodeDelay) }, 'NodeDelayCmdWant'],
    ]
    for (const [value, want] of cases) {
      expect(toHex(encodeCommands([value]))).toBe(vector[want])
      expect(decodeCommands(field(want))).toEqual([value])
    }
  })

  test('come back from a padded slot', () => {
    fc.assert(
      fc.property(commands, (list) => {
        const slot = new Uint8Array(82)
        slot.set(encodeCommands(list))
        expect(decodeCommands(slot)).toEqual(list)
      }),
    )
  })

  test.each([
    ['an unknown command', fromHex('7f')],
    ['a torn command', fromHex('800000')],
    ['a byte behind the end', fromHex('0000000001')],
    ['a byte behind a command and the end', fromHex('8000000001000080')],
    ['two delays', fromHex('80000000018000000001')],
    ['two recipients', concat(Uint8Array.of(2), ID, Uint8Array.of(2), ID)],
    ['two SURB replies', concat(Uint8Array.of(3), SURB_ID, Uint8Array.of(3), SURB_ID)],
  ])('are refused whole for %s', (_, slot) => {
    expect(decodeCommands(slot)).toBeUndefined()
  })

  test('of any bytes are refused or mean exactly these bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (slot) => {
        const list = decodeCommands(slot)
        if (list === undefined) return
        const encoded = encodeCommands(list)
        expect(toHex(slot.subarray(0, encoded.length))).toBe(toHex(encoded))
        expect(slot.subarray(encoded.length).every((byte) => byte === 0)).toBe(true)
      }),
    )
  })

  test.each<[string, RoutingCommand[]]>([
    ['a short id', [{ type: 'recipient', id: SURB_ID }]],
    ['a long SURB id', [{ type: 'surb-reply', id: ID }]],
    ['a short MAC', [{ type: 'next-hop', node: ID, mac: SURB_ID }]],
    ['a negative delay', [{ type: 'delay', ms: -1 }]],
    ['a delay with a fraction', [{ type: 'delay', ms: 1.5 }]],
    ['a delay beyond 32 bits', [{ type: 'delay', ms: 2 ** 32 }]],
    [
      'more than a slot holds',
      [
        { type: 'next-hop', node: ID, mac: MAC },
        { type: 'recipient', id: ID },
      ],
    ],
  ])('are not written with %s', (_, list) => {
    expect(() => encodeCommands(list)).toThrow(expect.objectContaining({ code: 'E_INPUT' }))
  })
})
