/** Joins a stream of a connection to stdin and stdout. */
import type { Duplex } from 'node:stream'
import { type PumpOptions, type PumpTotals, StdioPump } from './stdio-pump.ts'

/** Bytes handed to stdout and not yet taken by its reader before the peer is slowed down. */
const UNTAKEN_HIGH = 1024 * 1024
const UNTAKEN_LOW = UNTAKEN_HIGH / 2

/** Resolves when both directions have ended and stdout has taken everything. */
export async function pumpStdio(stream: Duplex, options: PumpOptions): Promise<PumpTotals> {
  let untaken = 0
  const pump = new StdioPump(
    {
      write: (chunk) => stream.write(chunk),
      finish: () => stream.end(),
      consumed: (bytes) => {
        untaken -= bytes
        if (untaken <= UNTAKEN_LOW && stream.isPaused()) stream.resume()
      },
      abort: () => stream.destroy(),
    },
    options,
  )
  stream.on('data', (chunk: Uint8Array) => {
    untaken += chunk.length
    if (untaken > UNTAKEN_HIGH) stream.pause()
    pump.data([chunk], chunk.length)
  })
  stream.on('end', () => pump.finished())
  stream.on('drain', () => pump.writable())
  // Streams of HTX have it: the peer reads no more.
  stream.on('stopped', () => pump.stopped())
  stream.on('error', (error) => pump.fail(error))
  return await pump.done
}
