import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock, SeededRandom, toHex, utf8 } from '../../../src/lib/core/index.ts'
import { ed25519, loadEcvrf, loadPvss } from '../../../src/lib/crypto/index.ts'
import {
  type AuthorityNetwork,
  authorityKeys,
  authoritySelf,
  fetchDirectory,
  networkFields,
  parseNetwork,
  publishDescriptor,
  publishTopologyProof,
  type RunningAuthority,
  runAuthority,
  type ServiceEvent,
} from '../../../src/lib/mix/authority/index.ts'
import {
  descriptorJson,
  directoryHash,
  encodeDescriptor,
  topologyProblems,
} from '../../../src/lib/mix/index.ts'
import { EPOCH, EPOCH_LENGTH_S, EPOCH_START_S, paperNetwork, paperNode } from '../../support/mix-directory.ts'

const [ecvrf, pvss] = [await loadEcvrf(), await loadPvss()]
const PREFIX = '/aiv-mix/v1'
const running: RunningAuthority[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map(async (authority) => await authority.close()))
})

interface Live {
  readonly network: AuthorityNetwork
  readonly clock: ManualClock
  readonly authorities: readonly RunningAuthority[]
  readonly events: ServiceEvent[]
}

/** Three authorities on real sockets, whose clock starts with the epoch before {@link EPOCH}. */
async function live(admitted?: ReadonlySet<string>): Promise<Live> {
  const random = new SeededRandom(31)
  const clock = new ManualClock((EPOCH_START_S - EPOCH_LENGTH_S) * 1000)
  const identities = [1, 2, 3].map((fill) => ed25519.fromSeed(new Uint8Array(32).fill(fill)))
  const { directory } = paperNetwork(1)
  const authorities = identities.map((identity) => ({ ...authorityKeys(pvss, identity), url: '' }))
  const network = {
    authorities,
    threshold: 2,
    epochLengthS: EPOCH_LENGTH_S,
    geometry: directory.geometry,
    parameters: directory.parameters,
    topology: { layers: 1, active: 3 },
  }
  const events: ServiceEvent[] = []
  for (const [i, identity] of identities.entries()) {
    const self = authoritySelf(pvss, network, identity)
    const options = { network, self, pvss, ecvrf, random, clock, admitted, host: '127.0.0.1', port: 0 }
    const authority = await runAuthority({ ...options, onEvent: (event) => events.push(event) })
    running.push(authority)
    // The others learn the port before they ask for anything.
    ;(authorities[i] as { url: string }).url = authority.url
  }
  return { network, clock, authorities: [...running], events }
}

/** Moves on by an eighth of an epoch; all exchange what they have. */
async function eighth({ clock, authorities }: Live, without: readonly number[] = []): Promise<void> {
  clock.advance((EPOCH_LENGTH_S / 8) * 1000)
  for (let exchange = 0; exchange < 2; exchange++)
    for (const [i, authority] of authorities.entries()) if (!without.includes(i)) await authority.turn()
}

const nodes = Array.from({ length: 4 }, (_, i) => paperNode(new SeededRandom(100 + i), { weight: i + 1 }))

describe('authorities on sockets', () => {
  it('make a directory of what nodes publish, and clients get one that holds', {
    timeout: 60_000,
  }, async () => {
    const world = await live()
    const { network, events } = world
    for (const { descriptor } of nodes)
      expect((await publishDescriptor(network, descriptor)).map(({ problem }) => problem)).toEqual([
        undefined,
        undefined,
        undefined,
      ])
    for (let step = 1; step <= 5; step++) await eighth(world)
    for (const { descriptor, vrfSeed } of nodes.slice(1)) {
      const told = await publishTopologyProof(ecvrf, network, { id: descriptor.id, seed: vrfSeed }, EPOCH)
      expect(told.map(({ problem }) => problem)).toEqual([undefined, undefined, undefined])
    }
    await eighth(world)
    await eighth(world)
    const next = await fetchDirectory(ecvrf, network, 'next', EPOCH_START_S - 1)
    expect(next.epoch).toBe(EPOCH)
    expect(next.nodes).toHaveLength(4)
    expect(next.nodes.filter(({ layer }) => layer === 0)).toHaveLength(3)
    expect(topologyProblems(ecvrf, next)).toEqual([])
    const made = events.filter(({ type }) => type === 'directory')
    expect(made).toHaveLength(3)
    await expect(fetchDirectory(ecvrf, network, 'current', EPOCH_START_S - 1)).rejects.toMatchObject({
      code: 'E_UNREACHABLE',
    })
    await eighth(world)
    const current = await fetchDirectory(ecvrf, network, 'current', EPOCH_START_S)
    expect(directoryHash(current)).toEqual(directoryHash(next))
    // What a client asks for is not what another network's authorities have signed.
    const others = network.authorities.map((authority) => ({
      ...authority,
      identityKey: authority.sharingKey,
    }))
    await expect(
      fetchDirectory(ecvrf, { ...network, authorities: others }, 'current', EPOCH_START_S),
    ).rejects.toMatchObject({ code: 'E_AUTHENTICATION' })
  })

  it('go on with one that is away, and say when an epoch has no directory', { timeout: 60_000 }, async () => {
    const world = await live()
    await world.authorities[2]?.close()
    for (let step = 1; step <= 8; step++) await eighth(world, [2])
    expect(world.events.map(({ type }) => type)).toEqual(['directory', 'directory'])
    // In the next epoch nobody is heard by anybody.
    for (let step = 1; step <= 8; step++) {
      world.clock.advance((EPOCH_LENGTH_S / 8) * 1000)
      await world.authorities[0]?.turn()
    }
    expect(world.events.at(-1)).toEqual({ type: 'failed', epoch: EPOCH + 1, proposal: undefined })
  })
})

describe('what an authority answers', () => {
  const post = async (url: string, path: string, body: Uint8Array): Promise<[number, string]> => {
    const response = await fetch(`${url}${PREFIX}/${path}`, { method: 'POST', body: new Uint8Array(body) })
    return [response.status, await response.text()]
  }

  it('is a reason to whoever posts what it does not take', async () => {
    const { authorities } = await live(new Set([toHex(nodes[0]?.descriptor.id ?? new Uint8Array())]))
    const [{ url } = expect.fail()] = authorities
    const [first, second] = nodes.map(({ descriptor }) => descriptor)
    if (first === undefined || second === undefined) throw new Error('there are nodes')
    expect((await post(url, 'descriptor', utf8(descriptorJson(first))))[0]).toBe(200)
    expect(await post(url, 'descriptor', encodeDescriptor(second))).toEqual([
      403,
      expect.stringContaining('not admitted'),
    ])
    const forged = encodeDescriptor({ ...first, weight: 77 })
    expect(await post(url, 'descriptor', forged)).toEqual([409, expect.stringContaining('own signature')])
    expect((await post(url, 'descriptor', utf8('{')))[0]).toBe(400)
    expect((await post(url, 'descriptor', new Uint8Array(40_000)))[0]).toBe(413)
    expect((await post(url, 'proof', utf8('{}')))[0]).toBe(400)
    const proof = JSON.stringify({ epoch: EPOCH, id: toHex(first.id), proof: '00'.repeat(80) })
    expect((await post(url, 'proof', utf8(proof)))[0]).toBe(409)
    expect((await post(url, 'nothing', utf8('')))[0]).toBe(404)
  })

  it('is 404 for what is not there, and 405 for other methods', async () => {
    const [{ url } = expect.fail()] = (await live()).authorities
    for (const path of [
      '/',
      `${PREFIX}/`,
      `${PREFIX}/directory/current`,
      `${PREFIX}/random/${EPOCH}`,
      `${PREFIX}/messages/__proto__`,
      `${PREFIX}/messages/${EPOCH}/x`,
    ])
      expect([path, (await fetch(url + path)).status]).toEqual([path, 404])
    expect((await fetch(`${url}${PREFIX}/directory/current`, { method: 'DELETE' })).status).toBe(405)
  })
})

describe('the description of a network', () => {
  const text = (network: AuthorityNetwork, change: object = {}): Uint8Array =>
    utf8(
      JSON.stringify({ ...networkFields(network), ...change }, (_, value: unknown) =>
        value instanceof Uint8Array ? toHex(value) : value,
      ),
    )

  it('comes back as it was, and is refused where it makes no sense', async () => {
    const { network } = await live()
    expect(parseNetwork(text(network))).toEqual(network)
    const [first] = networkFields(network).authorities as readonly object[]
    for (const change of [
      { threshold: 1 },
      { threshold: 4 },
      { authorities: [] },
      { authorities: [first, first] },
      { more: 1 },
      { version: 2 },
    ])
      expect(() => parseNetwork(text(network, change))).toThrow(expect.objectContaining({ code: 'E_INPUT' }))
  })

  it('gives an identity its place, and refuses strangers', async () => {
    const { network } = await live()
    const stranger = ed25519.fromSeed(new Uint8Array(32).fill(9))
    expect(() => authoritySelf(pvss, network, stranger)).toThrow(expect.objectContaining({ code: 'E_INPUT' }))
  })
})
