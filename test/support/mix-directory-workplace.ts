/** What the examples of proofs, paths and directories of a mixnet need around them. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { fromHex, SeededRandom, systemClock, toHex, unixSeconds } from '../../src/lib/core/index.ts'
import { ed25519, loadEcvrf, loadPvss, systemRandom, x25519 } from '../../src/lib/crypto/index.ts'
import { createIdentity, loadIdentity, saveIdentity } from '../../src/lib/identity/index.ts'
import { authorityKeys, networkFields, serveAuthority } from '../../src/lib/mix/authority/index.ts'
import {
  descriptorJson,
  directoryJson,
  documentJson,
  encodeDirectory,
  epochAt,
  mixKeyOf,
  parseDirectory,
  provePath,
  type SignedDescriptor,
  signDescriptor,
  signDirectory,
} from '../../src/lib/mix/index.ts'
import { paperNetwork, paperNode } from './mix-directory.ts'
import type { Workplace } from './shell.ts'

/** RFC 9381 appendix B.3, Example 18, with its input in a file. */
export async function prepareVrf({ folder, env }: Workplace): Promise<undefined> {
  const seed = fromHex('c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7')
  const ecvrf = await loadEcvrf()
  const alpha = fromHex('af82')
  writeFileSync(join(folder, 'seed.hex'), `${toHex(seed)}\n`, { mode: 0o600 })
  writeFileSync(join(folder, 'input.bin'), alpha)
  env.KEY = toHex(ecvrf.publicKey(seed))
  env.PROOF = toHex(ecvrf.prove('tai', seed, alpha))
}

/** The VRF seed of `alice.json`. */
const CLIENT_SEED = new Uint8Array(32).fill(12)

/**
 * A network of nine mixes as `network.json`, valid today, and one as it must not be, `forged.json`; descriptors `node1.json`
 * to `node3.json`; an authority `alice.json` who has signed; `path.json`, a path that alice has proved.
 */
export async function prepareNetwork({ folder, env }: Workplace): Promise<undefined> {
  const { nodes, directory: flat } = paperNetwork(9, (i) => ({
    family: `operator-${i}`,
    weight: 1 + (i % 3),
  }))
  const nowS = unixSeconds(systemClock)
  const epochLengthS = 86_400 * 30
  const epoch = epochAt(nowS, epochLengthS)
  const validity = { validFrom: epoch * epochLengthS, validUntil: (epoch + 1) * epochLengthS }
  const identity = { ...createIdentity(systemRandom, systemClock) }
  const alice = {
    ...identity,
    vrf: { seed: CLIENT_SEED, publicKey: ed25519.fromSeed(CLIENT_SEED).publicKey },
  }
  const current = nodes.map(({ descriptor, identity: key, mixSecret }) => {
    const { identityKey: _, id: __, signature: ___, ...statement } = descriptor
    const mixKeys = [{ epoch, publicKey: x25519.fromPrivate(mixSecret).publicKey }]
    return signDescriptor({ ...statement, mixKeys, ...validity }, key)
  })
  const directory = signDirectory(
    {
      ...flat,
      ...validity,
      epoch,
      epochLengthS,
      nodes: current.map((node, i) => ({ ...node, layer: flat.nodes[i]?.layer })),
    },
    identity.sign,
  )
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
  write('network.json', directoryJson(directory))
  write('forged.json', directoryJson({ ...directory, sharedRandom: new Uint8Array(32) }))
  for (const [i, node] of current.slice(0, 3).entries()) write(`node${i + 1}.json`, descriptorJson(node))
  await saveIdentity(join(folder, 'alice.json'), alice)
  const { path, proof } = provePath(await loadEcvrf(), directory, CLIENT_SEED, 0)
  write(
    'path.json',
    JSON.stringify({
      hops: path.map(({ id }) => toHex(id)),
      claim: {
        directory: toHex(proof.directory),
        epoch: proof.epoch,
        counter: proof.counter,
        public_key: toHex(proof.publicKey),
        proof: toHex(proof.proof),
        nodes: proof.nodes.map(toHex),
      },
    }),
  )
  env.AUTHORITY = toHex(identity.sign.publicKey)
  env.KEY = toHex(alice.vrf.publicKey)
  env.MIXKEY = toHex(mixKeyOf(current[0] as SignedDescriptor, epoch) as Uint8Array)
}

/**
 * `authorities.json`, a network whose one authority is `alice.json`, and `alice.keys.json`; at its address somebody answers
 * with directories that she has signed, and takes every descriptor.
 */
export async function prepareAuthorities(workplace: Workplace): Promise<undefined> {
  const { folder, env } = workplace
  await prepareNetwork(workplace)
  const { sign } = await loadIdentity(join(folder, 'alice.json'))
  const directory = parseDirectory(readFileSync(join(folder, 'network.json')))
  const { epoch, epochLengthS } = directory
  const later = paperDescriptor(epoch + 1, epochLengthS)
  const next = signDirectory(
    {
      ...directory,
      epoch: epoch + 1,
      validFrom: directory.validUntil,
      validUntil: directory.validUntil + epochLengthS,
      nodes: [{ ...later, layer: 0 }],
      signatures: [],
    },
    sign,
  )
  const server = await serveAuthority('127.0.0.1', 0, (method, path) => {
    const found = path.endsWith('/next') ? next : directory
    const body = method === 'POST' ? new Uint8Array() : encodeDirectory(found)
    return { status: 200, contentType: 'application/cbor', body }
  })
  onTestFinished(() => server.close())
  const keys = authorityKeys(await loadPvss(), sign)
  const network = {
    ...directory,
    authorities: [{ ...keys, url: server.url }],
    threshold: 1,
  }
  writeFileSync(join(folder, 'authorities.json'), documentJson(networkFields(network)))
  writeFileSync(
    join(folder, 'alice.keys.json'),
    JSON.stringify({
      v: 1,
      identity_key: toHex(keys.identityKey),
      sharing_key: toHex(keys.sharingKey),
      url: server.url,
    }),
  )
  env.NODE = toHex(later.id)
}

function paperDescriptor(epoch: number, epochLengthS: number): SignedDescriptor {
  const publicKey = x25519.fromPrivate(new Uint8Array(32).fill(3)).publicKey
  return paperNode(new SeededRandom(2), {
    mixKeys: [{ epoch, publicKey }],
    validFrom: epoch * epochLengthS,
    validUntil: (epoch + 1) * epochLengthS,
  }).descriptor
}
