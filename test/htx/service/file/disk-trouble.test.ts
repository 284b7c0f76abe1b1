/** Disks that are full, slow, read-only or forgetful. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { AivError } from '../../../../src/lib/core/index.ts'
import { Landing } from '../../../../src/lib/htx/service/file/disk/landing.ts'
import { getFile, putFile } from '../../../../src/lib/htx/service/file/index.ts'
import { encodeStatus } from '../../../../src/lib/htx/service/header.ts'
import { temporaryFolder } from '../../../support/aiv.ts'
import { content, FileExchange, failureOf, sha256Hex, turns, until } from '../../../support/file-exchange.ts'
import { digestOf, hostileServer, item } from '../../../support/raw-file-peer.ts'
import { beforeEach as beforeCalls, systemError } from '../../../support/watched-disk.ts'

const MIB = 1_048_576

interface Report {
  readonly failure: string
  readonly errors: readonly string[]
  readonly left: readonly unknown[]
}

/** What a receiver in a process of its own does with one mebibyte under a limit of the shell. */
function limited(shell: string, limit: string): Report {
  const child = fileURLToPath(new URL('children/limited-receiver.ts', import.meta.url))
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'source'), content(MIB))
  const { stdout, stderr } = spawnSync(
    'sh',
    ['-c', `${shell} exec "$0" "$@"`, process.execPath, child, folder, limit],
    { encoding: 'utf8', timeout: 30_000 },
  )
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

describe('a receiver whose disk is full', () => {
  it('says so with status 1, and keeps what fits for the next attempt', async () => {
    const exchange = new FileExchange()
    let writes = 0
    await beforeCalls('writev', () => {
      if (++writes > 3) throw systemError('ENOSPC')
    })
    const pair = exchange.connect()
    const path = exchange.write('here', 'f', content(8 * MIB))
    const failure = await failureOf(putFile(pair.client, path))
    expect(failure).toBe(
      'E_SERVICE_REFUSED: the peer did not take the file: the received file: no space left',
    )
    await exchange.settled()
    expect(exchange.errors).toMatchObject([{ code: 'E_IO' }])
    expect(exchange.has('inbox', 'f')).toBe(false)
    // The sender stopped when it heard of it.
    expect(pair.carried.client).toBeLessThan(7 * MIB)
    expect(pair.client.streamCount).toBe(0)
    writes = Number.NEGATIVE_INFINITY
    const held = exchange.partSize('inbox', 'f')
    expect((await putFile(pair.client, path)).resumedFrom).toBe(held)
    expect(sha256Hex(exchange.read('inbox', 'f'))).toBe(sha256Hex(content(8 * MIB)))
  })

  it('fails a fetch with a typed error, and tells the peer', async () => {
    const exchange = new FileExchange()
    exchange.write('served', 'f', content(8 * MIB))
    await beforeCalls('writev', () => {
      throw systemError('EDQUOT')
    })
    const { client } = exchange.connect()
    expect(await failureOf(getFile(client, 'f', exchange.fetched))).toBe(
      'E_IO: the received file: no space left in the quota',
    )
    await exchange.settled()
    expect(exchange.errors.map(({ message }) => message)).toEqual([
      'the peer did not take the file: the received file: no space left in the quota',
    ])
    expect(exchange.tree('fetched')).toEqual([])
  })

  it('meets the limit of the system in the same way', () => {
    // 512 or 1,024 bytes a block, as the shell has it; the file is larger either way.
    const { failure, errors, left } = limited('ulimit -f 256;', 'size')
    expect(failure).toBe('the peer did not take the file: the received file: larger than the system allows')
    expect(errors).toEqual(['E_IO'])
    expect(left).toEqual([['.part', expect.any(Number)]])
  })
})

describe('a receiver without permission', () => {
  it('refuses before it takes a byte', () => {
    const { failure, errors, left } = limited('', 'permission')
    expect(failure).toMatch(/^the peer refused service file\/1: .*no permission$/)
    expect(errors).toEqual([])
    expect(left).toEqual([])
  })
})

describe('a receiver whose disk fails at the very end', () => {
  it('does not call the file whole', async () => {
    for (const method of ['sync', 'chmod'] as const) {
      const exchange = new FileExchange()
      let fails = true
      await beforeCalls(method, () => {
        if (fails) throw systemError('EIO')
      })
      const path = exchange.write('here', 'f', content(MIB))
      const failure = await failureOf(putFile(exchange.connect().client, path))
      expect(failure).toMatch(/^E_SERVICE_REFUSED: .*input\/output error EIO$/)
      await exchange.settled()
      expect(exchange.has('inbox', 'f')).toBe(false)
      fails = false
      expect((await putFile(exchange.connect().client, path)).resumedFrom).toBe(MIB)
    }
  })

  it('has taken the file even when it cannot clear away what older attempts left', async () => {
    const exchange = new FileExchange()
    const failing = vi
      .spyOn(Landing.prototype, 'removeParts')
      .mockRejectedValue(new AivError('E_PERMISSION', 'not ours'))
    onTestFinished(() => failing.mockRestore())
    await putFile(exchange.connect().client, exchange.write('here', 'f', 'content'))
    expect(failing).toHaveBeenCalledOnce()
    expect(exchange.tree('inbox')).toEqual(['f'])
  })

  it('keeps the content where a file system knows no permissions or times', async () => {
    const exchange = new FileExchange()
    for (const method of ['chmod', 'utimes'] as const)
      await beforeCalls(method, () => {
        throw systemError('ENOTSUP')
      })
    await putFile(exchange.connect().client, exchange.write('here', 'f', 'content'))
    expect(exchange.tree('inbox')).toEqual(['f'])
  })
})

describe('a sender whose disk fails', () => {
  it('does not call the file whole', async () => {
    const exchange = new FileExchange()
    exchange.write('served', 'f', content(4 * MIB))
    let reads = 0
    await beforeCalls('read', () => {
      if (++reads > 6) throw systemError('EIO')
    })
    const { client } = exchange.connect()
    expect(await failureOf(getFile(client, 'f', exchange.fetched))).toMatch(
      /^E_STREAM_RESET: .*INTERNAL_ERROR/,
    )
    await exchange.settled()
    expect(exchange.errors).toMatchObject([{ code: 'E_IO' }])
    expect(exchange.has('fetched', 'f')).toBe(false)
  })
})

describe('a receiver that ends a transfer early', () => {
  const held = item({ offset: 0, prefix: digestOf(new Uint8Array(0)) })
  const refused = encodeStatus({ status: 1, message: 'enough' })

  it('with a status alone is believed at once', async () => {
    const pair = hostileServer(async ({ stream, reader }) => {
      stream.write(held)
      await reader.item(4096)
      stream.end(refused)
    })
    const exchange = new FileExchange()
    const putting = putFile(pair.client, exchange.write('here', 'f', content(16 * MIB)))
    expect(await failureOf(putting)).toBe('E_SERVICE_REFUSED: the peer did not take the file: enough')
    await turns(20)
    expect(pair.carried.client).toBeLessThan(4 * MIB)
    expect(pair.client.streamCount).toBe(0)
  })

  it('by reading no more is sent nothing more, and asked why', async () => {
    let explain = (): void => {}
    const pair = hostileServer(async ({ stream, reader }) => {
      stream.write(held)
      await reader.item(4096)
      stream.stopReading()
      explain = () => void stream.end(refused)
    })
    const exchange = new FileExchange()
    let read = 0
    const path = exchange.write('here', 'f', content(16 * MIB))
    const onProgress = (done: number): void => {
      read = done
    }
    const putting = failureOf(putFile(pair.client, path, { onProgress }))
    await until(() => read > 0)
    for (let before = -1, quiet = 0; quiet < 50; ) {
      await turns(20)
      quiet = read === before ? quiet + 1 : 0
      before = read
    }
    expect(read).toBeLessThan(4 * MIB)
    explain()
    expect(await putting).toBe('E_SERVICE_REFUSED: the peer did not take the file: enough')
    await turns(20)
    expect(pair.client.streamCount).toBe(0)
  })

  it('with status 0 before it has everything is not believed', async () => {
    const pair = hostileServer(async ({ stream, reader }) => {
      stream.write(held)
      await reader.item(4096)
      stream.write(Uint8Array.of(0))
    })
    const exchange = new FileExchange()
    const putting = putFile(pair.client, exchange.write('here', 'f', content(16 * MIB)))
    expect(await failureOf(putting)).toMatch(/^E_MALFORMED: .*before it was sent/)
  })
})

describe('memory', () => {
  it('of a receiver stays small while its disk stands still', async () => {
    const exchange = new FileExchange()
    let release = (): void => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    await beforeCalls('writev', () => gate)
    const pair = exchange.connect()
    const path = exchange.write('here', 'f', content(16 * MIB))
    const putting = putFile(pair.client, path)
    let before = -1
    // Until nothing moves any more.
    for (let quiet = 0; quiet < 50; ) {
      await turns(20)
      quiet = pair.carried.client === before && before > MIB ? quiet + 1 : 0
      before = pair.carried.client
    }
    // Two batches of what is written behind, and the windows.
    expect(pair.carried.client).toBeLessThan(5 * MIB)
    expect(pair.server.bufferedBytes).toBeLessThan(3 * MIB)
    expect(pair.client.bufferedBytes).toBeLessThanOrEqual(MIB)
    release()
    await putting
    expect(sha256Hex(exchange.read('inbox', 'f'))).toBe(sha256Hex(content(16 * MIB)))
  })

  it('of a sender stays small while the link stands still', async () => {
    const exchange = new FileExchange()
    const pair = exchange.connect()
    const path = exchange.write('here', 'f', content(16 * MIB))
    let read = 0
    const putting = putFile(pair.client, path, {
      onProgress: (done) => {
        read = done
      },
    })
    await until(() => read > 2 * MIB)
    pair.pause()
    const before = read
    await turns(2_000)
    // Three buffers of 256 KiB.
    expect(read - before).toBeLessThanOrEqual(MIB)
    expect(pair.client.bufferedBytes).toBeLessThanOrEqual(MIB)
    pair.resume()
    await putting
    expect(sha256Hex(exchange.read('inbox', 'f'))).toBe(sha256Hex(content(16 * MIB)))
  })
})
