/** What else listens here: a listener must not give another one away. */
import { isAivError } from '../../../core/index.ts'
import { parseAddress, readStatuses, requireNoTwinListener, type Way } from '../../../htx/index.ts'
import { statusFolder } from './operations.ts'
import { type ProcessStatus, parseStatuses } from './status.ts'

/**
 * Asks every process of this user and home. One that does not answer in time is not known of.
 * @throws AivError `E_USAGE` when `own` and another listener are twins
 */
export async function requireNoOtherTwin(own: Way, folder: string = statusFolder()): Promise<void> {
  requireNoTwinListener(own, await otherListeners(folder))
}

async function otherListeners(folder: string): Promise<readonly Way[]> {
  let answers: readonly string[]
  try {
    answers = await readStatuses(folder)
  } catch (error) {
    // Where there are no status sockets there is nobody to ask; that they could not be made has been said.
    if (isAivError(error)) return []
    throw error
  }
  return parseStatuses(answers)
    .filter(({ pid, role }) => pid !== process.pid && role !== 'connect')
    .flatMap(listenedOn)
}

function listenedOn({ address, site }: ProcessStatus): readonly Way[] {
  if (typeof address !== 'string') return []
  try {
    const { scheme, host, port } = parseAddress(address, 'connect')
    return [{ scheme, host, port, site: typeof site === 'string' ? site : undefined }]
  } catch {
    // A process of another version may know addresses that this one does not.
    return []
  }
}
