/** What `--tickets FILE` of a listener brings: keys that follow their file, and the memory of used tickets. */
import { stat } from 'node:fs/promises'
import { isAivError, systemClock } from '../../../core/index.ts'
import { type ListenOptions, loadTicketKeys, REPLAY_SCHEMA, type TicketKeyRing } from '../../../htx/index.ts'
import { openStore } from '../../../storage/index.ts'
import type { Fields } from '../../output.ts'
import { dataPath } from '../endpoint.ts'

/** How often the file is looked at: a rotation needs no restart. Milliseconds. */
const LOOK_EVERY_MS = 5_000

export interface AccessTickets {
  /** The keys as they were read first; where tickets travel does not change while a listener runs. */
  readonly ring: TicketKeyRing
  readonly requirement: NonNullable<ListenOptions['accessTickets']>
  close(): Promise<void>
}

/** @throws AivError what reading the keys or opening the store throws */
export async function openAccessTickets(
  path: string,
  command: { event(name: string, fields?: Fields, text?: string): void },
): Promise<AccessTickets> {
  let stamp = await stampOf(path)
  let failed: string | undefined
  const ring = await loadTicketKeys(path)
  let { keys } = ring
  // Two processes of one home refuse each other's used tickets, and a power cut opens none of them again.
  const replayStore = await openStore({ path: dataPath('htx-tickets.sqlite'), schema: REPLAY_SCHEMA })
  const look = async (): Promise<void> => {
    const now = await stampOf(path)
    if (now === stamp) return
    try {
      keys = (await loadTicketKeys(path)).keys
      stamp = now
      failed = undefined
      command.event('tickets', { keys: keys.length }, `read ${keys.length} ticket keys from ${path}`)
    } catch (error) {
      // Tried again at every look, since what was wrong may pass by itself; said once for each state of the file.
      if (now === failed) return
      failed = now
      const reason = (error as Error).message
      const code = isAivError(error) ? error.code : 'E_INTERNAL'
      command.event('tickets-failed', { code, reason }, `the ticket keys stay as they are: ${reason}`)
    }
  }
  let isClosed = false
  let cancel = (): void => {}
  const schedule = (): void => {
    // Closed in the middle of a look.
    if (isClosed) return
    cancel = systemClock.schedule(LOOK_EVERY_MS, () => void look().finally(schedule))
  }
  schedule()
  return {
    ring,
    requirement: { keys: () => keys, replayStore },
    async close() {
      isClosed = true
      cancel()
      await replayStore.close()
    },
  }
}

/** Changes with every way of writing a file; empty when it cannot be looked at. */
async function stampOf(path: string): Promise<string> {
  try {
    const { ino, size, mode, mtimeMs, ctimeMs } = await stat(path)
    return `${ino} ${size} ${mode} ${mtimeMs} ${ctimeMs}`
  } catch {
    return ''
  }
}
