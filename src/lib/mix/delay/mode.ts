/** How long a mix holds a packet, and who decides. */
import { AivError } from '../../core/index.ts'
import { erase, hmac } from '../../crypto/index.ts'
import type { DelayMode } from '../directory/document.ts'
import { MIN_COMMAND_MS } from './constants.ts'
import { exponentialUs } from './exponential.ts'

const BETA_BYTES = 64
const TAU_BYTES = 32

/**
 * The delay that the seed of an epoch gives one packet, in microseconds.
 *
 * The seed is a secret of the mix until it is revealed. tau comes from the shared secret of the packet, never from
 * what stands in it: who handed the packet on could else recompute the delay after the reveal, and link.
 * @param betaE the epoch's VRF output, 64 bytes
 * @param tau the packet's 32 bytes
 * @param meanUs 1/mu
 */
export function drawnDelayUs(betaE: Uint8Array, tau: Uint8Array, meanUs: number): number {
  if (betaE.length !== BETA_BYTES || tau.length !== TAU_BYTES)
    throw new AivError('E_CRYPTO', 'a delay is drawn from 64 bytes of the epoch and 32 of the packet')
  const z = hmac('sha256', betaE, tau)
  const delayUs = exponentialUs(z, meanUs)
  erase(z)
  return delayUs
}

/**
 * Microseconds from the arrival of a packet to its release.
 *
 * `sender`: the packet's `delay` command, as in Loopix: protects senders against a bad mix.
 * `vrf`: the mix draws, the sender can recompute it after the epoch: protects a mix against zero-delay and congestion
 * probes of a bad sender. The command is not looked at.
 * `hybrid`: the sum of both.
 * @param commandMs the packet's `delay` command; 0 when it has none
 * @param betaE not looked at in mode `sender`, as is `tau`
 * @param meanUs 1/mu of the delays that the mix draws
 */
export function delayOf(
  mode: DelayMode,
  commandMs: number,
  betaE: Uint8Array,
  tau: Uint8Array,
  meanUs: number,
): number {
  if (mode === 'vrf') return drawnDelayUs(betaE, tau, meanUs)
  if (mode === 'hybrid') return commandMs * 1_000 + drawnDelayUs(betaE, tau, meanUs)
  return Math.max(commandMs, MIN_COMMAND_MS) * 1_000
}
