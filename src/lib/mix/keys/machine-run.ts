/** Tells one run of the machine from the next. */
import { readFile } from 'node:fs/promises'

const BOOT_ID_FILE = '/proc/sys/kernel/random/boot_id'

/** The kernel's name for the machine's run since it was switched on; the empty text where it gives none. */
export async function machineRunId(): Promise<string> {
  try {
    return (await readFile(BOOT_ID_FILE, 'utf8')).trim()
  } catch {
    return ''
  }
}
