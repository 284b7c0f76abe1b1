/** Two processes that receive into one folder. */
import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Directory } from '../../../../src/lib/htx/service/file/disk/directory.ts'
import { Landing } from '../../../../src/lib/htx/service/file/disk/landing.ts'
import { getFile, putFile } from '../../../../src/lib/htx/service/file/index.ts'
import { temporaryFolder } from '../../../support/aiv.ts'
import {
  content,
  FileExchange,
  failureOf,
  fingerprintOfBytes,
  sha256Hex,
} from '../../../support/file-exchange.ts'
import { offerOfBytes, openFileService } from '../../../support/raw-file-peer.ts'
import { FILE, HALF, type SecondProcess, startHalf } from './second-process.ts'

const LOCK = /^\.[0-9a-f]{16}\.part-lock$/

async function other(...start: Parameters<typeof startHalf>): Promise<SecondProcess> {
  const second = await startHalf(...start)
  onTestFinished(() => void second.process.kill('SIGKILL'))
  return second
}

describe('a file that another process is receiving', () => {
  it.each(['restart', 'go on'])('is refused to a put until that process is gone (%s)', async (restart) => {
    const exchange = new FileExchange()
    const path = exchange.write('here', 'f', FILE)
    const second = await other('put', exchange.inbox, restart)
    const { client } = exchange.connect()
    expect(await failureOf(putFile(client, path))).toMatch(/^E_SERVICE_REFUSED: .*in progress/)
    await second.goOn()
    expect(exchange.has('inbox', 'f')).toBe(false)
    await second.kill()
    expect((await putFile(exchange.connect().client, path)).resumedFrom).toBe(0)
    expect(sha256Hex(exchange.read('inbox', 'f'))).toBe(sha256Hex(FILE))
    expect(exchange.tree('inbox')).toEqual(['f'])
  })

  it('is refused to a get until that process is gone; then the get goes on', async () => {
    const exchange = new FileExchange()
    exchange.write('served', 'f', FILE)
    const second = await other('get', exchange.fetched)
    const fetching = (): ReturnType<typeof getFile> =>
      getFile(exchange.connect().client, 'f', exchange.fetched)
    expect(await failureOf(fetching())).toMatch(/^E_FILE_EXISTS: .*in progress/)
    await second.kill()
    const { resumedFrom } = await fetching()
    expect(resumedFrom).toBe(HALF)
    expect(sha256Hex(exchange.read('fetched', 'f'))).toBe(sha256Hex(FILE))
    expect(exchange.tree('fetched')).toEqual(['f'])
  })

  it('is not removed when another version of it has come', async () => {
    const exchange = new FileExchange()
    const newer = content(100_000, 14)
    const path = exchange.write('here', 'f', newer)
    await other('put', exchange.inbox)
    await putFile(exchange.connect().client, path)
    expect(sha256Hex(exchange.read('inbox', 'f'))).toBe(sha256Hex(newer))
    expect(exchange.partSize('inbox', 'f')).toBe(HALF)
  })
})

describe('the lock of an unfinished file', () => {
  async function landing(into: string, name: string): Promise<Landing> {
    const root = await Directory.openRoot(into)
    onTestFinished(() => root.close())
    const found = await Landing.find(root, name)
    onTestFinished(() => found.close())
    return found
  }

  it('is one file, empty and for its owner only, and gone with the transfer', async () => {
    const exchange = new FileExchange()
    const place = await landing(exchange.inbox, 'f')
    const part = await place.openPart(fingerprintOfBytes(FILE))
    const [name = '', ...others] = exchange.tree('inbox')
    expect([name, others]).toEqual([expect.stringMatching(LOCK), [part.name]])
    const { size, mode } = statSync(join(exchange.inbox, name))
    expect([size, (mode & 0o777).toString(8)]).toEqual([0, '600'])
    await part.keep()
    expect(exchange.tree('inbox')).toEqual([])
  })

  it('is the same one for two roots, of which one lies in the other', async () => {
    const exchange = new FileExchange()
    mkdirSync(join(exchange.inbox, 'sub'))
    const outer = await landing(exchange.inbox, 'sub/f')
    const inner = await landing(join(exchange.inbox, 'sub'), 'f')
    const part = await outer.openPart(fingerprintOfBytes(FILE))
    expect(await failureOf(inner.openPart(fingerprintOfBytes(FILE)))).toMatch(/^E_FILE_EXISTS: .*in progress/)
    // Whoever is refused must not take the lock away from its owner.
    await expect(startHalf('put', join(exchange.inbox, 'sub'))).rejects.toThrow('ended')
    await part.discard()
    await (await inner.openPart(fingerprintOfBytes(FILE))).discard()
    expect(exchange.tree('inbox')).toEqual(['sub'])
  })

  it('has one owner at a time, however often it is removed and made again', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'count'), '0')
    const script = fileURLToPath(new URL('./children/count-under-lock.ts', import.meta.url))
    const run = (): Promise<unknown> =>
      promisify(execFile)(process.execPath, ['--no-warnings', script, folder, '200'], { timeout: 60_000 })
    await Promise.all([run(), run(), run()])
    expect(readFileSync(join(folder, 'count'), 'utf8')).toBe('600')
    expect(readdirSync(folder)).toEqual(['count'])
  })

  it('reaches as deep as names go', async () => {
    const exchange = new FileExchange()
    const name = `${Array.from({ length: 7 }, () => 'x'.repeat(250)).join('/')}/f`
    const path = exchange.write('here', 'f', FILE)
    await putFile(exchange.connect().client, path, { name })
    expect(sha256Hex(exchange.read('inbox', name))).toBe(sha256Hex(FILE))
    expect(exchange.tree('inbox').filter((each) => each.includes('part'))).toEqual([])
  })

  it('in a folder whose own path is too long is a typed refusal', async () => {
    const into = join(temporaryFolder(), 'y'.repeat(250), 'z'.repeat(250))
    mkdirSync(into, { recursive: true })
    const exchange = new FileExchange()
    exchange.write('served', 'f', FILE)
    const { client } = exchange.connect()
    expect(await failureOf(getFile(client, 'f', into))).toMatch(/^E_UNSUPPORTED: .*longer than 450 bytes/)
  })

  it('and what SQLite reads beside it are no names for a peer', async () => {
    const exchange = new FileExchange()
    for (const suffix of ['', '-journal', '-wal', '/f']) {
      const params = offerOfBytes(`.0123456789abcdef.part-lock${suffix}`, FILE)
      const failure = await failureOf(openFileService(exchange.connect().client, params))
      expect(failure, suffix).toMatch(/^E_SERVICE_REFUSED: .*unfinished transfer/)
    }
    expect(exchange.tree('inbox')).toEqual([])
  })

  it('is not undone by a journal that lies beside it', async () => {
    const exchange = new FileExchange()
    const place = await landing(exchange.inbox, 'f')
    const first = await place.openPart(fingerprintOfBytes(FILE))
    const lock = exchange.tree('inbox').find((each) => LOCK.test(each))
    await first.discard()
    writeFileSync(join(exchange.inbox, `${lock}-journal`), content(8192, 1))
    await (await place.openPart(fingerprintOfBytes(FILE))).discard()
    expect(exchange.tree('inbox')).toEqual([])
  })
})
