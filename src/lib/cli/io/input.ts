/** Input of commands that consume data: a file, or stdin when the argument is `-` or absent. */
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { AivError, concat } from '../../core/index.ts'

type Stdin = Readable & { readonly isTTY?: boolean }

export interface InputOptions {
  /** More bytes than this are refused; default 64 MiB. */
  readonly maxBytes?: number
  readonly stdin?: Stdin
}

const DEFAULT_MAX_BYTES = 64 * 2 ** 20

/**
 * The chunks of a file or of stdin.
 * @param path a path; `-` or undefined is stdin
 * @throws AivError `E_USAGE` when nothing was named and stdin is a terminal, `E_INPUT` when it cannot be read
 */
export async function* openInput(
  path: string | undefined,
  stdin: Stdin = process.stdin,
): AsyncGenerator<Uint8Array> {
  const fromStdin = path === undefined || path === '-'
  if (path === undefined && stdin.isTTY === true) {
    throw new AivError('E_USAGE', 'no input', { hint: 'Name a file, or pipe the data in' })
  }
  try {
    yield* (fromStdin ? stdin : createReadStream(path)) as AsyncIterable<Uint8Array>
  } catch (cause) {
    const name = fromStdin ? 'stdin' : path
    throw new AivError('E_INPUT', `cannot read ${name}: ${(cause as Error).message}`, { cause })
  }
}

/**
 * All bytes of a file or of stdin.
 * @throws AivError as {@link openInput}, and `E_TOO_LARGE` above `maxBytes`
 */
export async function readInput(path: string | undefined, options: InputOptions = {}): Promise<Uint8Array> {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of openInput(path, options.stdin)) {
    length += chunk.length
    if (length > maxBytes) throw new AivError('E_TOO_LARGE', `the input is longer than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return concat(...chunks)
}
