/** The work of `aiv utls fingerprint` without its output, and the proof that it was done. */
import { AivError } from '../../../core/index.ts'
import { ja3, ja3n, ja3s } from '../../fingerprint/ja3.ts'
import { ja4 } from '../../fingerprint/ja4.ts'
import { findHellos } from '../../observe/find/find-hellos.ts'
import type { FoundHello } from '../../observe/find/found-hello.ts'
import { SAMPLE_JA4 } from '../sample-hellos.ts'
import type { CaptureContent } from './capture.ts'

/** All fingerprints that a line has; returns JA4, or JA3S of a server. */
export function fingerprintsOf(found: FoundHello): string {
  if (found.kind === 'server') return ja3s(found.hello).hash
  ja3(found.hello)
  ja3n(found.hello)
  return ja4(found.hello, found.transport).ja4
}

/**
 * Reads a capture and takes the fingerprints of all hellos in it.
 * @throws AivError `E_INTERNAL` when not all that is in it was found, or a hello had another fingerprint
 */
export async function readWhole(
  pieces: AsyncIterable<Uint8Array>,
  content: CaptureContent,
  signal: AbortSignal,
): Promise<void> {
  let clientHellos = 0
  let serverHellos = 0
  const { packets, skipped } = await findHellos(pieces, {
    signal,
    onHello: (found) => {
      const print = fingerprintsOf(found)
      if (found.kind === 'server') serverHellos++
      else if (print === SAMPLE_JA4) clientHellos++
    },
  })
  const [found, expected] = [
    { packets, clientHellos, serverHellos },
    { packets: content.packets, clientHellos: content.clientHellos, serverHellos: content.serverHellos },
  ].map((each) => JSON.stringify(each))
  if (found !== expected || skipped.length > 0)
    throw new AivError('E_INTERNAL', `the capture holds ${expected}, and ${found} were found`)
}
