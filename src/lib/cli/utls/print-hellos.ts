/** One line for each hello of an input, as fast as its reader takes them. */
import { type FoundHello, findHellos } from '../../tls/index.ts'
import { LineWriter } from '../io/line-writer.ts'
import type { Logger } from '../logger.ts'

export interface PrintOptions {
  /** Before the first line, for people. */
  readonly head?: string
  /** Undefined for a hello that is not printed. */
  readonly line: (found: FoundHello) => string | undefined
  readonly logger: Logger
  readonly signal: AbortSignal
}

/** @throws AivError as {@link findHellos} */
export async function printHellos(
  input: AsyncIterable<Uint8Array>,
  { head, line, logger, signal }: PrintOptions,
): Promise<void> {
  const writer = new LineWriter(signal)
  let waiting: string[] = head === undefined ? [] : [head]
  const flush = async (): Promise<void> => {
    const batch = waiting
    waiting = []
    await writer.write(batch)
  }
  const { isCut, packets, skipped } = await findHellos(input, {
    onHello: (found) => {
      const text = line(found)
      if (text !== undefined) waiting.push(text)
    },
    afterChunk: () => (waiting.length === 0 ? undefined : flush()),
    signal,
  })
  await flush()
  // As log lines, so that a program that reads JSON hears of it as well.
  if (isCut) logger.warn('the capture is cut', { packets })
  for (const { reason, count, firstPacket } of skipped)
    logger.warn('passed over', { reason, count, first_packet: firstPacket })
}
