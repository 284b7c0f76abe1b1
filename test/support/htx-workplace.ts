/** What HTX commands need around them: identities, files, and a listener whose address is in `$ADDRESS`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeBase32, systemClock } from '../../src/lib/core/index.ts'
import { systemRandom } from '../../src/lib/crypto/index.ts'
import { createIdentity, KnownPeers, knownPeersPath, saveIdentity } from '../../src/lib/identity/index.ts'
import { startAiv } from './aiv.ts'
import type { Workplace } from './shell.ts'

/** Makes an identity file in the folder of the workplace; returns its peer id. */
export async function makeIdentity({ folder }: Workplace, name: string): Promise<string> {
  const identity = createIdentity(systemRandom, systemClock)
  await saveIdentity(join(folder, name), identity)
  return identity.peer
}

/** Starts `aiv htx listen` (or what `args` says) and puts its address into `$ADDRESS`. */
async function startListener(workplace: Workplace, args: readonly string[]): Promise<string> {
  const { AIV_HOME = '' } = workplace.env
  const listener = startAiv([...args, '--json'], {
    cwd: workplace.folder,
    env: { AIV_HOME: `${AIV_HOME}-listener` },
    timeoutMs: 120_000,
  })
  listener.child.stdin.end()
  const { address } = await listener.nextEvent()
  workplace.env.ADDRESS = String(address)
  return String(address)
}

/** A listener of one link on loopback that runs `cat`, and the files that examples of clients name. */
export async function prepareClient(workplace: Workplace): Promise<undefined> {
  await startListener(workplace, ['htx', 'listen', 'htx+tcp://127.0.0.1:0', '--exec', 'cat'])
  await makeIdentity(workplace, 'alice.json')
  writeFileSync(join(workplace.folder, 'request.bin'), new Uint8Array(100_000).fill(7))
}

/** Files that examples of transfers name. */
function makeFiles(folder: string): void {
  mkdirSync(join(folder, 'photos', 'sea'), { recursive: true })
  writeFileSync(join(folder, 'report.pdf'), new Uint8Array(300_000).fill(1))
  writeFileSync(join(folder, 'notes.txt'), 'notes')
  writeFileSync(join(folder, 'photos', 'sea', 'wave.jpg'), new Uint8Array(70_000).fill(2))
}

/** A receiver with an empty inbox, and files to send to it. */
export async function prepareSender(workplace: Workplace): Promise<undefined> {
  const { folder } = workplace
  mkdirSync(join(folder, 'inbox'))
  makeFiles(folder)
  await makeIdentity(workplace, 'alice.json')
  await startListener(workplace, ['htx', 'receive', 'htx+tcp://127.0.0.1:0', '--into', 'inbox'])
}

/** A listener that serves files, and a folder to fetch them into. */
export async function prepareFetcher(workplace: Workplace): Promise<undefined> {
  const { folder } = workplace
  const served = join(folder, 'served')
  mkdirSync(served)
  makeFiles(served)
  mkdirSync(join(folder, 'downloads'))
  await startListener(workplace, ['htx', 'listen', 'htx+tcp://127.0.0.1:0', '--serve', 'served'])
}

/** Two peers on record, and the address of a third. */
export async function preparePeers(workplace: Workplace): Promise<undefined> {
  const home = workplace.env.AIV_HOME ?? workplace.folder
  const known = new KnownPeers(knownPeersPath(home))
  for (const name of ['PEER', 'OTHER_PEER']) {
    const { peer, noise } = createIdentity(systemRandom, systemClock)
    await known.trust(peer, noise.publicKey)
    workplace.env[name] = peer
  }
  const { peer, noise } = createIdentity(systemRandom, systemClock)
  workplace.env.ADDRESS = `htx+tcp://${peer}@127.0.0.1:4433?x=${encodeBase32(noise.publicKey)}`
}
