/**
 * Bytes through a continued echo while something cuts the link again and again: a bulk transfer and an interactive one
 * in the same session. The judge is the SHA-256 of what was written and of what came back.
 */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type Connector, type HtxStream, openContinued } from '../../src/lib/htx/index.ts'

const PIECE_BYTES = 65_536

export interface ContinuityRun {
  readonly bulkBytes: number
  readonly lines: number
}

/** Runs until `isOver`, then lets everything arrive. @throws Error when what came back is not what was sent */
export async function runThroughCuts(connector: Connector, isOver: () => boolean): Promise<ContinuityRun> {
  const [bulkBytes, lines] = await Promise.all([bulk(connector, isOver), chat(connector, isOver)])
  return { bulkBytes, lines }
}

async function bulk(connector: Connector, isOver: () => boolean): Promise<number> {
  const { stream } = await openContinued(connector, 'echo')
  const sent = createHash('sha256')
  const back = createHash('sha256')
  let sentBytes = 0
  let backBytes = 0
  stream.on('data', (chunk: Buffer) => {
    backBytes += chunk.length
    back.update(chunk)
  })
  const ended = once(stream, 'end')
  while (!isOver()) {
    const piece = randomBytes(PIECE_BYTES)
    sent.update(piece)
    sentBytes += piece.length
    if (!stream.write(piece)) await once(stream, 'drain')
  }
  stream.end()
  await ended
  if (backBytes !== sentBytes) throw new Error(`${sentBytes} bytes went out, ${backBytes} came back`)
  if (back.digest('hex') !== sent.digest('hex')) throw new Error('the bytes that came back are others')
  return sentBytes
}

/** One line at a time: the next goes out when the answer is there. */
async function chat(connector: Connector, isOver: () => boolean): Promise<number> {
  const { stream } = await openContinued(connector, 'echo')
  let lines = 0
  for (; !isOver(); lines++) {
    const line = `line ${lines}`
    stream.write(line)
    const answer = await readText(stream, line.length)
    if (answer !== line) throw new Error(`${JSON.stringify(line)} came back as ${JSON.stringify(answer)}`)
  }
  stream.end()
  stream.resume()
  await once(stream, 'end')
  return lines
}

async function readText(stream: HtxStream, length: number): Promise<string> {
  let text = ''
  while (text.length < length) {
    const chunk = stream.read() as Buffer | null
    if (chunk === null) await once(stream, 'readable')
    else text += chunk.toString('latin1')
  }
  return text
}
