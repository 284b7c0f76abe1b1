/** `config.yaml`: one flat map of settings. Comments and order survive a change. */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Document } from 'yaml'
import { AivError } from '../../core/index.ts'

/** A settings file is a page of text; more is a mistake or an attack on the parser. */
const MAX_CONFIG_BYTES = 65_536

const FOLDER_MODE = 0o700
const FILE_MODE = 0o600

/**
 * Keys and values as text; empty when the file does not exist.
 * @throws AivError `E_INPUT` when it cannot be read or is not a flat map
 */
export async function readConfigFile(path: string): Promise<ReadonlyMap<string, string>> {
  const text = await readText(path)
  if (text === undefined) return new Map()
  return toMap(await parse(text, path), path)
}

/**
 * Sets one key, or removes it, in one atomic step.
 * @throws AivError `E_INPUT` when the existing file is not a flat map
 */
export async function writeConfigValue(path: string, key: string, value: string | undefined): Promise<void> {
  const document = await parse((await readText(path)) ?? '', path)
  const known = toMap(document, path)
  if (value === undefined && !known.has(key)) return
  if (value === undefined) document.delete(key)
  else document.set(key, value)
  await replaceFile(path, document.toString())
}

async function readText(path: string): Promise<string | undefined> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(path)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new AivError('E_INPUT', `cannot read ${path}`, { cause, hint: 'Check its permissions' })
  }
  if (bytes.length > MAX_CONFIG_BYTES)
    throw new AivError('E_INPUT', `${path} is longer than ${MAX_CONFIG_BYTES} bytes`)
  return new TextDecoder().decode(bytes)
}

async function parse(text: string, path: string): Promise<Document> {
  const { parseDocument } = await import('yaml')
  const document = parseDocument(text, { schema: 'core', logLevel: 'silent' })
  const [error] = document.errors
  if (error !== undefined)
    throw new AivError('E_INPUT', `${path} is not valid YAML: ${error.message.split('\n', 1)[0]}`, {
      hint: 'Correct the file or remove it',
    })
  return document
}

function toMap(document: Document, path: string): Map<string, string> {
  const value = plainValue(document, path)
  const map = new Map<string, string>()
  if (value === null || value === undefined) return map
  if (typeof value !== 'object' || Array.isArray(value)) throw notFlat(path)
  for (const [key, item] of Object.entries(value)) {
    if (item === null || typeof item === 'object') throw notFlat(path)
    map.set(key, String(item))
  }
  return map
}

function plainValue(document: Document, path: string): unknown {
  try {
    // No alias is ever needed in a flat map, and aliases are how YAML documents explode.
    return document.toJS({ maxAliasCount: 0 })
  } catch {
    throw notFlat(path)
  }
}

function notFlat(path: string): AivError {
  return new AivError('E_INPUT', `${path} is not a map of settings to single values`, {
    hint: 'Write one "key: value" on each line, as "aiv config list" shows them',
  })
}

/** A reader sees the old or the new file, and a crash leaves no half of one. */
async function replaceFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE })
  const next = `${path}.${process.pid}.new`
  const file = await open(next, 'w', FILE_MODE)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await rename(next, path)
  } catch (error) {
    await rm(next, { force: true })
    throw error
  }
}
