/** What `aiv doctor` looks at on this machine. Every check says what it found and what to do about it. */
import { globSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { type Clock, isAivError } from '../../core/index.ts'
import { readConfigFile } from '../settings/config-file.ts'
import { configPath, resolveSetting, SETTINGS } from '../settings/settings.ts'
import { type Environment, stateFolders } from '../state-folders.ts'

export interface DoctorCheck {
  readonly name: string
  /** `warn` is worth knowing; `fail` breaks something. */
  readonly status: 'ok' | 'warn' | 'fail'
  readonly detail: string
  readonly hint?: string
}

export interface DoctorOptions {
  readonly clock: Clock
  readonly env?: Environment
  readonly nodeVersion?: string
  /** Loads an optional package or throws. */
  readonly load?: (name: string) => unknown
}

const MINIMUM_NODE = 24

/** The clock cannot be before this release, and a certificate of this release does not outlive the second. */
const RELEASED_MS = Date.UTC(2026, 10, 1)
const FAR_FUTURE_MS = Date.UTC(2046, 10, 1)

/** Access by anyone but the owner. */
const OTHERS = 0o077

export async function runDoctor(options: DoctorOptions): Promise<readonly DoctorCheck[]> {
  const env = options.env ?? process.env
  return [
    checkNode(options.nodeVersion ?? process.version),
    checkClock(options.clock),
    checkQuic(options.load ?? createRequire(import.meta.url)),
    await checkFolder(stateFolders(env).data),
    await checkSettings(env),
  ]
}

function checkNode(version: string): DoctorCheck {
  const major = Number(version.replace(/^v/, '').split('.')[0])
  if (major >= MINIMUM_NODE) return { name: 'node', status: 'ok', detail: version }
  return {
    name: 'node',
    status: 'fail',
    detail: `${version} is too old`,
    hint: `install Node.js ${MINIMUM_NODE} or newer`,
  }
}

/** A wrong clock makes valid certificates and tickets look expired, and expired ones valid. */
function checkClock(clock: Clock): DoctorCheck {
  const now = clock.wallMs()
  const detail = new Date(now).toISOString()
  if (now >= RELEASED_MS && now < FAR_FUTURE_MS) return { name: 'clock', status: 'ok', detail }
  return { name: 'clock', status: 'fail', detail: `${detail} is not the present`, hint: 'set the clock' }
}

function checkQuic(load: (name: string) => unknown): DoctorCheck {
  const name = quicPackage()
  try {
    load(name)
    return { name: 'quic', status: 'ok', detail: name }
  } catch {
    return {
      name: 'quic',
      status: 'warn',
      detail: `${name} is not installed, so links over QUIC do not work`,
      hint: `npm install ${name}`,
    }
  }
}

/** The native binding's package for this machine. */
function quicPackage(): string {
  const { platform, arch } = process
  const suffix: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
    linux: isMusl() ? '-musl' : '-gnu',
    win32: '-msvc',
  }
  return `@chainsafe/libp2p-quic-${platform}-${arch}${suffix[platform] ?? ''}`
}

/** musl's loader has its own file name; without it a Linux system is taken to use glibc. */
function isMusl(): boolean {
  return globSync('/lib/ld-musl-*').length > 0
}

async function checkFolder(folder: string): Promise<DoctorCheck> {
  const name = 'state folder'
  try {
    const { mode, uid } = await stat(folder)
    if (process.getuid !== undefined && uid !== process.getuid()) {
      return {
        name,
        status: 'fail',
        detail: `${folder} belongs to another user`,
        hint: 'use another AIV_HOME',
      }
    }
    if ((mode & OTHERS) !== 0 && process.platform !== 'win32') {
      const octal = (mode & 0o777).toString(8)
      return {
        name,
        status: 'warn',
        detail: `${folder} is open to other users (mode ${octal})`,
        hint: `chmod 700 ${folder}`,
      }
    }
    return { name, status: 'ok', detail: folder }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { name, status: 'ok', detail: `${folder} will be made when it is needed` }
    return { name, status: 'fail', detail: `cannot look at ${folder}`, hint: 'check its permissions' }
  }
}

async function checkSettings(env: Environment): Promise<DoctorCheck> {
  const name = 'settings'
  try {
    const known = new Set(SETTINGS.map(({ key }) => key))
    const unknown = [...(await readConfigFile(configPath(env))).keys()].filter((key) => !known.has(key))
    for (const key of known) await resolveSetting(key, undefined, env)
    if (unknown.length === 0) return { name, status: 'ok', detail: configPath(env) }
    const detail = `${configPath(env)} has unknown keys: ${unknown.join(', ')}`
    return { name, status: 'warn', detail, hint: 'see aiv config list' }
  } catch (error) {
    if (!isAivError(error)) throw error
    const hint = error.hint === undefined ? {} : { hint: error.hint }
    return { name, status: 'fail', detail: error.message, ...hint }
  }
}
