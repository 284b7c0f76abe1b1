/** Who may open a file with secrets. */
import { AivError } from '../../core/index.ts'

/** Access by anyone but the owner. */
const OTHERS = 0o077

/**
 * An unencrypted key that others can read is no secret.
 * @param mode of the file, as `readBounded` gives it
 * @throws AivError `E_KEY_FILE`
 */
export function refuseOpenFile(path: string, mode: number): void {
  if (process.platform === 'win32' || (mode & OTHERS) === 0) return
  throw new AivError('E_KEY_FILE', `${path} is not encrypted and other users can open it`, {
    hint: `chmod 600 ${path}, and rotate the keys if somebody may have read them.`,
  })
}
