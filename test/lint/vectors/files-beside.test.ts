import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { concat } from '../../../src/lib/core/index.ts'
import { readBeside } from '../../../src/lib/lint/vectors/files-beside.ts'
import { temporaryFolder } from '../../support/aiv.ts'

const MOST = 1000

/** A vector file with captures beside it, and one file outside its folder. */
function workplace(): { readonly folder: string; readonly path: string } {
  const outside = temporaryFolder()
  writeFileSync(join(outside, 'secret'), 'secret')
  const folder = join(outside, 'vectors')
  mkdirSync(join(folder, 'pcap'), { recursive: true })
  const path = join(folder, 'expected.json')
  for (const name of ['expected.json', 'near', 'pcap/below']) writeFileSync(join(folder, name), name)
  return { folder, path }
}

async function read(path: string, ...names: readonly string[]): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of readBeside(path, names, MOST)) parts.push(part)
  return new TextDecoder().decode(concat(...parts))
}

describe('a file that a vector file names', () => {
  it('is read in its folder and below, the first one that is there', async () => {
    const { folder, path } = workplace()
    expect(await read(path, 'near')).toBe('near')
    expect(await read(path, 'pcap/none', 'pcap/below', 'near')).toBe('pcap/below')
    symlinkSync(join(folder, 'near'), join(folder, 'pcap', 'link'))
    expect(await read(path, 'pcap/link')).toBe('near')
  })

  it('lies beside the vector file itself, not beside a link to it', async () => {
    const { path } = workplace()
    const link = join(temporaryFolder(), 'expected.json')
    symlinkSync(path, link)
    expect(await read(link, 'near')).toBe('near')
  })

  it.each([
    '../secret',
    'pcap/../../secret',
    '/etc/hostname',
    '..',
    '',
    '.',
    'near\0',
    'pcap\\..\\..\\secret',
  ])('is refused when it lies elsewhere: %j', async (name) => {
    await expect(read(workplace().path, name)).rejects.toMatchObject({ code: 'E_INPUT' })
  })

  it('is refused when a link leads out of the folder', async () => {
    const { folder, path } = workplace()
    symlinkSync(join(folder, '..', 'secret'), join(folder, 'pcap', 'link'))
    symlinkSync(join(folder, '..'), join(folder, 'up'))
    for (const name of ['pcap/link', 'up/secret'])
      await expect(read(path, name)).rejects.toThrow('does not lie in the folder')
  })

  it('is refused when it is a folder, a pipe, too large, or not there', async () => {
    const { folder, path } = workplace()
    spawnSync('mkfifo', [join(folder, 'pipe')])
    writeFileSync(join(folder, 'large'), new Uint8Array(MOST + 1))
    await expect(read(path, 'pcap')).rejects.toThrow('is no file')
    await expect(read(path, 'pipe')).rejects.toThrow('is no file')
    await expect(read(path, 'large')).rejects.toMatchObject({ code: 'E_TOO_LARGE' })
    await expect(read(path, 'none', 'neither')).rejects.toThrow('there is no none or neither beside')
  })
})
