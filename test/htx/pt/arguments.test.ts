import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAivError } from '../../../src/lib/core/index.ts'
import { parsePtArguments, parseServerOptions } from '../../../src/lib/htx/pt/arguments.ts'
import { bridgeAddress } from '../../../src/lib/htx/pt/bridge-address.ts'
import { argumentsOf, formatServerArguments, serverAddress } from '../../../src/lib/htx/pt/index.ts'

const PEER = 'ciqpadamwdcr76iuogk2dfaubniq7fanh7dvhumrksyzvdeppi6p2bq'
const X = 'a'.repeat(52)

describe('arguments of a bridge', () => {
  // Examples of pt-spec version 1.
  it('are pairs between semicolons, with a backslash before what is meant literally', () => {
    expect([...parsePtArguments('secret=yes;key=s3kr1t')]).toEqual([
      ['secret', 'yes'],
      ['key', 's3kr1t'],
    ])
    expect([...parsePtArguments('rocks=20;height=5.6m')]).toEqual([
      ['rocks', '20'],
      ['height', '5.6m'],
    ])
    expect([...parsePtArguments('a=1\\;2;b\\=c=\\\\')]).toEqual([
      ['a', '1;2'],
      ['b=c', '\\'],
    ])
    expect(parsePtArguments('').size).toBe(0)
  })

  it.each(['a', '=1', 'a=1;', 'a=1;a=2', 'a=1\\', ';', 'a=\\\\\\'])('%j is refused', (text) => {
    expect(() => parsePtArguments(text)).toThrow(expect.objectContaining({ code: 'E_MALFORMED' }))
  })

  it('whatever they are, are read or refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '=', ';', '\\', ':', ',') }), (text) => {
        try {
          parsePtArguments(text)
        } catch (error) {
          expect(isAivError(error, 'E_MALFORMED')).toBe(true)
        }
      }),
    )
  })

  it('of a server are those of its own transport', () => {
    const text = 'scramblesuit:key=banana;automata:rule=110;htx:link=ws;htx:path=/a\\;b'
    expect([...parseServerOptions(text, 'htx')]).toEqual([
      ['link', 'ws'],
      ['path', '/a;b'],
    ])
    expect(() => parseServerOptions('link=ws', 'htx')).toThrow('TRANSPORT')
  })

  it('that go to the parent have their equal signs, commas and backslashes escaped', () => {
    expect(formatServerArguments(new Map([['k=', 'a,b\\']]))).toBe('k\\==a\\,b\\\\')
  })
})

describe('the address of a bridge', () => {
  const bridge = { host: '192.0.2.1', port: 443 }

  it('is made of what the bridge line says', () => {
    const values = new Map([
      ['peer', PEER],
      ['x', X],
    ])
    expect(bridgeAddress(bridge, values)).toBe(`htx+tcp://${PEER}@192.0.2.1:443?x=${X}`)
    values.set('link', 'ws').set('path', '/secret')
    const address = bridgeAddress({ host: '2001:db8:0:0:0:0:0:1', port: 80 }, values)
    expect(address).toBe(`htx+ws://${PEER}@[2001:db8:0:0:0:0:0:1]:80/secret?x=${X}`)
    expect(argumentsOf(address)).toEqual(values)
  })

  it.each([
    [{ x: X }, 'E_USAGE'],
    [{ peer: PEER }, 'E_USAGE'],
    [{ peer: PEER, x: X, cert: 'a' }, 'E_USAGE'],
    [{ peer: PEER, x: X, link: 'mem' }, 'E_USAGE'],
    [{ peer: PEER, x: `${X}&suite=classical` }, 'E_ADDRESS'],
    [{ peer: PEER, x: X, link: 'ws', path: '/a?suite=classical' }, 'E_ADDRESS'],
    [{ peer: PEER, x: X, link: 'ws', path: `@evil:1/?x=${X}#` }, 'E_ADDRESS'],
    [{ peer: `${PEER}@evil:1/`, x: X, link: 'ws' }, 'E_ADDRESS'],
  ])('cannot be bent by arguments %j', (values, code) => {
    expect(() => bridgeAddress(bridge, new Map(Object.entries(values)))).toThrow(
      expect.objectContaining({ code }),
    )
  })

  it('that a server listens on comes from its options', () => {
    expect(serverAddress({ host: '::', port: 0 }, new Map([['link', 'ws']]))).toBe('htx+ws://[::]:0')
    expect(() => serverAddress(bridge, new Map([['link', 'wss']]))).toThrow('certificate')
    expect(() => serverAddress(bridge, new Map([['key', 'a']]))).toThrow('not known')
  })
})
