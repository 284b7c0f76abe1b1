/** What HTX commands need around them: identities, files, and a listener whose address is in `$ADDRESS`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/lib/core/index.ts'
import { systemRandom } from '../../src/lib/crypto/index.ts'
import { createIdentity, saveIdentity } from '../../src/lib/identity/index.ts'
import { startAiv } from './aiv.ts'
import type { Workplace } from './shell.ts'

/** Makes an identity file in the folder of the workplace; returns its peer id. */
export async function makeIdentity({ folder }: Workplace, name: string): Promise<string> {
  const identity = createIdentity(systemRandom, systemClock)
  await saveIdentity(join(folder, name), identity)
  return identity.peer
}

/** Starts `aiv htx listen` (or what `args` says) and puts its address into `$ADDRESS`. */
export async function startListener(workplace: Workplace, args: readonly string[]): Promise<string> {
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
