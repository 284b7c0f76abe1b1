/**
 * Writes or checks `oclif.manifest.json`, from which the command line knows its commands without loading them.
 *
 * `node scripts/manifest.ts` exits with 1 when the file is not what the commands say; `--write` makes it so.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Plugin } from '@oclif/core'
import { build } from './build.ts'

const FILE = 'oclif.manifest.json'

/** The manifest of the package at `root`, from its built commands; the same commands give the same text. */
export async function manifestText(root: string): Promise<string> {
  const plugin = new Plugin({
    root,
    isRoot: true,
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  })
  await plugin.load()
  return `${JSON.stringify(sortKeys(plugin.manifest), undefined, 2)}\n`
}

/** What is wrong with the manifest in `root`, or undefined. */
export async function staleManifest(root: string): Promise<string | undefined> {
  const expected = await manifestText(root)
  let found: string
  try {
    found = readFileSync(`${root}/${FILE}`, 'utf8')
  } catch {
    return `${FILE} is missing: run npm run manifest`
  }
  return found === expected ? undefined : `${FILE} is not what the commands say: run npm run manifest`
}

/**
 * Arrays and the arguments of a command keep their order, which means something: help prints it as the order in which
 * they are typed. Other keys of objects get one order.
 */
function sortKeys(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => sortKeys(item))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  if (name !== 'args') entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, sortKeys(item, key)]))
}

if (import.meta.main) {
  const root = fileURLToPath(new URL('..', import.meta.url))
  build()
  if (process.argv.includes('--write')) writeFileSync(`${root}${FILE}`, await manifestText(root))
  else {
    const problem = await staleManifest(root)
    if (problem !== undefined) {
      process.stderr.write(`${problem}\n`)
      process.exitCode = 1
    }
  }
}
