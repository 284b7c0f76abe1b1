/** How the two services say no before their status. */
import { AivError } from '../../../core/index.ts'
import { refusal } from '../accept-service.ts'
import { Directory } from './disk/directory.ts'

/** Whatever goes wrong before the status is a reason to refuse. */
export async function orRefuse<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof AivError) throw refusal(error.message)
    throw error
  }
}

/** Opens the operator's own folder; its path is not for the peer to know. */
export async function openOwnRoot(path: string): Promise<Directory> {
  try {
    return await Directory.openRoot(path)
  } catch (error) {
    if (error instanceof AivError) throw refusal('the folder for files cannot be opened here')
    throw error
  }
}
