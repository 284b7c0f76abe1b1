/** The nonce rule that both key schedules share (sections 4.2 and 13.1). */
import { AivError } from '../../core/index.ts'

/**
 * Writes `salt XOR (LE64(counter) ‖ 0000)` into `nonce`, 12 bytes.
 * @throws AivError `E_INTERNAL` for a counter from 2^32 on
 */
export function writeNonce(nonce: Uint8Array, salt: Uint8Array, counter: number): void {
  // Rekeying happens at 2^16 frames; reaching this would mean a broken sender, and going on a repeated nonce.
  if (counter >= 0x100000000) throw new AivError('E_INTERNAL', 'frame counter exhausted')
  nonce.set(salt)
  nonce[0] = (nonce[0] as number) ^ (counter & 0xff)
  nonce[1] = (nonce[1] as number) ^ ((counter >>> 8) & 0xff)
  nonce[2] = (nonce[2] as number) ^ ((counter >>> 16) & 0xff)
  nonce[3] = (nonce[3] as number) ^ (counter >>> 24)
}
