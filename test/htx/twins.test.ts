import { describe, expect, it } from 'vitest'
import { addressesInTurn } from '../../src/lib/cli/htx/links.ts'
import { ManualClock, SeededRandom } from '../../src/lib/core/index.ts'
import { Connector, requireNoTwinListener, requireNoTwins, type Way } from '../../src/lib/htx/index.ts'
import { createIdentity } from '../../src/lib/identity/index.ts'

const { peer } = createIdentity(new SeededRandom(1), new ManualClock())

/** `https://host:port` as a way to a peer. */
function way(text: string, site?: string): Way {
  const [, link, host = '', port] = /^(\w+):\/\/(.*):(\d+)$/.exec(text) ?? []
  const scheme = `htx+${link}` as Way['scheme']
  return { scheme, host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port), site }
}

const REFUSED = expect.objectContaining({ code: 'E_USAGE', hint: expect.any(String) })
const connecting =
  (...ways: readonly string[]) =>
  () =>
    requireNoTwins(ways.map((text) => way(text)))

describe('addresses to connect to', () => {
  it.each(['tcp', 'ws', 'wss', 'quic'])(
    'may not pair htx+https with htx+%s on one address and port',
    (link) => {
      expect(connecting('https://192.0.2.7:443', `${link}://192.0.2.7:443`)).toThrow(REFUSED)
      expect(connecting(`${link}://192.0.2.7:443`, 'https://192.0.2.7:443')).toThrow(REFUSED)
      expect(connecting('https://192.0.2.7:443', `${link}://192.0.2.7:4433`)).not.toThrow()
      expect(connecting('https://192.0.2.7:443', `${link}://192.0.2.8:443`)).not.toThrow()
    },
  )

  it('may not pair them under one name, whatever the ports', () => {
    expect(connecting('https://a.example:443', 'tcp://a.example:9000')).toThrow(REFUSED)
    expect(connecting('https://a.example:443', 'tcp://b.example:9000')).not.toThrow()
    expect(() =>
      requireNoTwins([way('https://192.0.2.7:443', 'a.example'), way('tcp://A.Example.:9000')]),
    ).toThrow(REFUSED)
    expect(() =>
      requireNoTwins([way('https://192.0.2.7:443', 'a.example'), way('tcp://192.0.2.9:9000', 'a.example')]),
    ).toThrow(REFUSED)
    expect(() =>
      requireNoTwins([way('https://192.0.2.7:443', ''), way('tcp://192.0.2.9:9000', '')]),
    ).not.toThrow()
  })

  it.each([
    ['https://A.EXAMPLE:443', 'tcp://a.example.:1'],
    ['https://127.1:443', 'quic://127.0.0.1:443'],
    ['https://2130706433:443', 'quic://127.0.0.1:443'],
    ['https://[2001:db8::1]:443', 'quic://[2001:0DB8:0:0:0:0:0:1]:443'],
    ['https://[::ffff:192.0.2.7]:443', 'tcp://192.0.2.7:443'],
  ])('are compared by what they mean: %s and %s', (hidden, plain) => {
    expect(connecting(hidden, plain)).toThrow(REFUSED)
  })

  it('may be several of a kind', () => {
    expect(connecting('https://a.example:443', 'https://a.example:8443')).not.toThrow()
    expect(connecting('tcp://a.example:443', 'quic://a.example:443', 'ws://a.example:80')).not.toThrow()
    expect(connecting('https://a.example:443', 'mem://a.example:443')).not.toThrow()
  })

  it('are refused by a connector, with the site of its grant', () => {
    const hidden = `htx+https://${peer}@192.0.2.7:443`
    const plain = `htx+tcp://${peer}@front.example:9000`
    expect(() => new Connector([hidden, plain])).not.toThrow()
    expect(() => new Connector([hidden, `htx+quic://${peer}@192.0.2.7:443`])).toThrow(REFUSED)
    const accessGrant = { site: 'front.example' } as never
    expect(() => new Connector([hidden, plain], { connect: { accessGrant } })).toThrow(REFUSED)
  })

  it('are refused when --link makes a plain one out of a hidden one', () => {
    const hidden = `htx+https://${peer}@192.0.2.7:443`
    expect(() => addressesInTurn([hidden], 'tcp')).toThrow(REFUSED)
    expect(() => addressesInTurn([hidden], 'quic,ws')).toThrow(REFUSED)
    // Not even when the hidden one is then not tried at all.
    const elsewhere = `htx+tcp://${peer}@front.example:9000`
    expect(addressesInTurn([hidden, elsewhere], 'tcp')).toEqual([elsewhere])
    expect(() => addressesInTurn([hidden, elsewhere], 'tcp', { site: 'front.example' })).toThrow(REFUSED)
    expect(addressesInTurn([hidden], undefined)).toEqual([hidden])
  })
})

describe('listeners on one machine', () => {
  const starting =
    (own: string, ...others: readonly string[]) =>
    () =>
      requireNoTwinListener(
        way(own),
        others.map((text) => way(text)),
      )

  it('may not share a port number when one is camouflaged and the other is not, whichever came first', () => {
    expect(starting('https://0.0.0.0:443', 'quic://192.0.2.7:443')).toThrow(REFUSED)
    expect(starting('quic://192.0.2.7:443', 'tcp://0.0.0.0:80', 'https://[::]:443')).toThrow(REFUSED)
    expect(starting('https://0.0.0.0:443', 'quic://0.0.0.0:4433')).not.toThrow()
    expect(starting('tcp://0.0.0.0:443', 'quic://0.0.0.0:443')).not.toThrow()
  })

  it('may not share a name', () => {
    expect(starting('https://a.example:443', 'ws://a.example:8080')).toThrow(REFUSED)
    const hidden = way('https://0.0.0.0:443', 'a.example')
    expect(() => requireNoTwinListener(way('ws://a.example:8080'), [hidden])).toThrow(REFUSED)
    expect(() => requireNoTwinListener(way('ws://b.example:8080'), [hidden])).not.toThrow()
  })

  it('have no port number in common before they have one', () => {
    expect(starting('https://127.0.0.1:0', 'tcp://127.0.0.1:0')).not.toThrow()
  })

  it('are named, so that the operator knows which to stop', () => {
    expect(starting('https://0.0.0.0:443', 'quic://[::]:443')).toThrow(
      'a listener at htx+quic://[::]:443 would give away the one at htx+https://0.0.0.0:443',
    )
  })
})
