/** A file goes to a receiver and comes back over each link, and one transfer is cut. */
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { AivError, type DemoCheck, type DemoContext, toHex } from '../../../core/index.ts'
import { createSha256, systemRandom } from '../../../crypto/index.ts'
import { formatSize } from '../../quantities.ts'
import { aiv, ended, start, waitForEvent, withListener } from './processes.ts'

export const LINKS = ['tcp', 'ws', 'quic'] as const
/** Large enough that windows grow and a transfer can be cut. */
export const FILE_BYTES = 32 * 1024 * 1024
const PIECE_BYTES = 1024 * 1024
const WAIT_MS = 30_000

export async function showLink(
  link: (typeof LINKS)[number],
  file: string,
  expected: string,
  context: DemoContext,
): Promise<readonly DemoCheck[]> {
  const inbox = join(context.folder, `${link}-inbox`)
  const outbox = join(context.folder, `${link}-outbox`)
  await mkdir(inbox)
  await mkdir(outbox)
  const address = `htx+${link}://127.0.0.1:0`
  const sent = await withListener(['receive', address, '--into', inbox], context, async (peer) => {
    await aiv(['htx', 'send', file, peer], context)
    return await checksum(join(inbox, 'file.bin'))
  })
  const fetched = await withListener(['listen', address, '--serve', inbox], context, async (peer) => {
    await aiv(['htx', 'get', 'file.bin', peer, '--into', outbox], context)
    return await checksum(join(outbox, 'file.bin'))
  })
  return [
    { name: `${link}: sent, and the receiver has the same SHA-256`, passed: sent === expected, detail: sent },
    { name: `${link}: fetched back with the same SHA-256`, passed: fetched === expected, detail: fetched },
  ]
}

/** Kills the sender in the middle; a second attempt must go on where the first one stopped. */
export async function showCut(file: string, expected: string, context: DemoContext): Promise<DemoCheck> {
  const name = 'a transfer that was cut goes on where it stopped'
  const inbox = join(context.folder, 'cut-inbox')
  await mkdir(inbox)
  return await withListener(
    ['receive', 'htx+tcp://127.0.0.1:0', '--into', inbox],
    context,
    async (peer, listener) => {
      const sender = start(['htx', 'send', file, peer, '--window', '65536', '--json'], context)
      await waitForEvent(listener, 'session')
      await waitForPart(inbox, FILE_BYTES / 8)
      sender.kill('SIGKILL')
      await ended(sender)
      const { files } = JSON.parse(await aiv(['htx', 'send', file, peer, '--json'], context)) as {
        readonly files: readonly { readonly resumed_from: number }[]
      }
      const from = files[0]?.resumed_from ?? 0
      const same = (await checksum(join(inbox, 'file.bin'))) === expected
      return { name, passed: same && from > 0, detail: `the second attempt began at ${formatSize(from)}` }
    },
  )
}

export async function makeFile(path: string): Promise<string> {
  const hash = createSha256()
  const handle = await open(path, 'wx')
  try {
    for (let written = 0; written < FILE_BYTES; written += PIECE_BYTES) {
      const piece = systemRandom.bytes(PIECE_BYTES)
      hash.update(piece)
      await handle.write(piece)
    }
  } finally {
    await handle.close()
  }
  return toHex(hash.digest())
}

async function checksum(path: string): Promise<string> {
  const hash = createSha256()
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array)
  return toHex(hash.digest())
}

/** Waits until the hidden part in `folder` holds at least `bytes`. */
async function waitForPart(folder: string, bytes: number): Promise<void> {
  for (let waited = 0; waited < WAIT_MS; waited += 5) {
    for (const entry of await readdir(folder)) {
      const { size } = await stat(join(folder, entry)).catch(() => ({ size: 0 }))
      if (size >= bytes) return
    }
    await pause(5)
  }
  throw new AivError('E_TIMEOUT', 'the transfer did not get anywhere')
}
