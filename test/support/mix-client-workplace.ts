/** A mix network on loopback for commands that are its clients: three mixes and a provider that run, with one message waiting. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { systemClock, toHex, utf8 } from '../../src/lib/core/index.ts'
import { systemRandom } from '../../src/lib/crypto/index.ts'
import { createIdentity, saveIdentity } from '../../src/lib/identity/index.ts'
import {
  formatMailboxAddress,
  mailboxAddress,
  mailboxKeys,
  sealMessage,
} from '../../src/lib/mix/client/index.ts'
import { byId, checkedDirectory, directoryJson, epochAt } from '../../src/lib/mix/index.ts'
import { fragmentAt, fragmentCount, MESSAGE_ID_BYTES } from '../../src/lib/mix/message/index.ts'
import { mailboxBodyRoom } from '../../src/lib/mix/provider/index.ts'
import { MAILBOX_SCHEMA, Mailboxes, Provider, RunningNode } from '../../src/lib/mix/run/index.ts'
import { makeGeometry } from '../../src/lib/sphinx/index.ts'
import { openMemoryStore } from '../../src/lib/storage/index.ts'
import type { Workplace } from './shell.ts'

const LAYERS = 3
const GEOMETRY = makeGeometry({ hops: LAYERS + 2 })
const EPOCH_LENGTH_S = 86_400 * 30

export interface MixNetwork {
  readonly mixes: readonly RunningNode[]
  readonly provider: RunningNode
}

/** `network.json`, `alice.json` with a mailbox at `$PROVIDER` whose address is `$MAILBOX`, `letter.txt`. */
export async function startMixNetwork({ folder, env }: Workplace): Promise<MixNetwork> {
  const mailboxes = await Mailboxes.open(await openMemoryStore(MAILBOX_SCHEMA), systemClock)
  const start = async (name: string, isProvider: boolean): Promise<RunningNode> => {
    const identity = createIdentity(systemRandom, systemClock)
    const node = await RunningNode.start({
      identity,
      endpointIdentity: { identity },
      listen: ['htx+tcp://127.0.0.1:0'],
      role: isProvider ? 'provider' : 'mix',
      geometry: GEOMETRY,
      workers: 1,
      keyFolder: join(folder, 'nodes', name),
      epochLengthS: EPOCH_LENGTH_S,
      filter: { bytes: 1 << 20 },
      provider: isProvider ? (id) => new Provider(id, GEOMETRY, mailboxes) : undefined,
      clock: systemClock,
      random: systemRandom,
      onEvent: () => {},
    })
    onTestFinished(() => node.stop())
    return node
  }
  mkdirSync(join(folder, 'nodes'))
  const mixes: RunningNode[] = []
  for (let i = 0; i < LAYERS; i += 1) mixes.push(await start(`mix${i}`, false))
  const provider = await start('provider', true)
  const epoch = epochAt(systemClock.wallMs() / 1000, EPOCH_LENGTH_S)
  const layers = new Map(mixes.map((node, layer) => [toHex(node.id), layer]))
  const directory = checkedDirectory({
    version: 1,
    epoch,
    epochLengthS: EPOCH_LENGTH_S,
    validFrom: epoch * EPOCH_LENGTH_S,
    validUntil: (epoch + 1) * EPOCH_LENGTH_S,
    geometry: GEOMETRY,
    parameters: { hopDelayUs: 5_000, payloadUs: 5_000, loopUs: 50_000, dropUs: 50_000, mixLoopUs: 0 },
    topology: { layers: LAYERS, active: 0 },
    sharedRandom: systemRandom.bytes(32),
    nodes: [...mixes, provider]
      .map((node) => {
        const layer = layers.get(toHex(node.id))
        return layer === undefined ? node.descriptor() : { ...node.descriptor(), layer }
      })
      .toSorted(byId),
    signatures: [],
  })
  for (const node of [...mixes, provider]) await node.setDirectory(directory)
  writeFileSync(join(folder, 'network.json'), `${directoryJson(directory)}\n`)

  const alice = createIdentity(systemRandom, systemClock)
  await saveIdentity(join(folder, 'alice.json'), alice)
  const address = mailboxAddress(mailboxKeys(alice), provider.id)
  env.PROVIDER = toHex(provider.id)
  env.MAILBOX = formatMailboxAddress(address)
  writeFileSync(join(folder, 'letter.txt'), 'dear alice\n')

  const sealed = await sealMessage({ name: 'waiting.txt', content: utf8('it waited') }, address)
  const id = systemRandom.bytes(MESSAGE_ID_BYTES)
  const room = mailboxBodyRoom(GEOMETRY)
  for (let i = 0; i < fragmentCount(sealed.length, room); i += 1)
    await mailboxes.deposit(address.mailbox, fragmentAt(id, sealed, i, room))
  return { mixes, provider }
}

export async function prepareMixClient(workplace: Workplace): Promise<undefined> {
  await startMixNetwork(workplace)
}
