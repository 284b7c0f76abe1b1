import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { readInput } from '../../src/lib/cli/index.ts'

const stdin = (isTTY: boolean, ...chunks: readonly Uint8Array[]) =>
  Object.assign(Readable.from(chunks), { isTTY })

describe('input', () => {
  it('is stdin when the argument is - or absent', async () => {
    for (const path of ['-', undefined]) {
      const bytes = await readInput(path, { stdin: stdin(false, Uint8Array.of(1), Uint8Array.of(2)) })
      expect([...bytes]).toEqual([1, 2])
    }
  })

  it('is wrong usage when nothing is named and stdin is a terminal', async () => {
    await expect(readInput(undefined, { stdin: stdin(true) })).rejects.toMatchObject({ code: 'E_USAGE' })
  })

  it('is unreadable when the file is missing', async () => {
    await expect(readInput('/nonexistent/file')).rejects.toMatchObject({ code: 'E_INPUT' })
  })

  it('is refused above its limit, before all of it is held', async () => {
    let given = 0
    const endless = Readable.from(
      (function* () {
        for (;;) {
          given++
          yield new Uint8Array(1000)
        }
      })(),
    )
    await expect(readInput('-', { stdin: endless, maxBytes: 5000 })).rejects.toMatchObject({
      code: 'E_TOO_LARGE',
    })
    expect(given).toBeLessThan(100)
  })
})
