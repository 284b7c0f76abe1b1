/** Start-up time is a feature: what the index of the links loads, and what it does not. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const recorder = fileURLToPath(new URL('../support/record-modules.js', import.meta.url))
const index = new URL('../../src/lib/link/index.ts', import.meta.url).href

/** URLs of the modules that a process loads which imports the index and runs `code`. */
function modulesLoadedBy(code: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'aiv-modules-'))
  const file = join(folder, 'modules')
  try {
    const program = `const link = await import(${JSON.stringify(index)});\n${code}`
    execFileSync(process.execPath, ['--import', recorder, '--input-type=module', '-e', program], {
      env: { ...process.env, MODULES_FILE: file },
    })
    return readFileSync(file, 'utf8').split('\n')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const listenAndClose = (kind: string): string =>
  `await (await link.listenLink('${kind}', { host: '127.0.0.1', port: 0, onLink() {} })).close()`

describe('the index of the links', () => {
  it('loads no library for TCP and memory', () => {
    const loaded = modulesLoadedBy(`${listenAndClose('tcp')}\n${listenAndClose('memory')}`)
    expect(loaded.some((url) => url.endsWith('/link/tcp.ts'))).toBe(true)
    expect(loaded.filter((url) => url.includes('node_modules'))).toEqual([])
    expect(loaded.filter((url) => /^node:(http|https|tls)$/.test(url))).toEqual([])
  })

  it.each([
    ['ws', '/node_modules/ws/', '/link/quic/'],
    ['quic', '/link/quic/binding.ts', '/node_modules/ws/'],
  ])('loads for %s only its own', (kind, own, other) => {
    const loaded = modulesLoadedBy(listenAndClose(kind))
    expect(loaded.some((url) => url.includes(own))).toBe(true)
    expect(loaded.filter((url) => url.includes(other))).toEqual([])
  })
})
