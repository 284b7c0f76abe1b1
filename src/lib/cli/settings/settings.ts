/** Settings: flag over `AIV_…` variable over `config.yaml` over default, and where each value comes from. */
import { join } from 'node:path'
import type { Interfaces } from '@oclif/core'
import * as Flags from '@oclif/core/flags'
import { AivError } from '../../core/index.ts'
import { LOG_LEVELS } from '../output.ts'
import { type Environment, stateFolders } from '../state-folders.ts'

export interface Setting {
  /** Also the name of the flag and the key in `config.yaml`. */
  readonly key: string
  readonly env: string
  readonly summary: string
  readonly default?: string
  /** The only values allowed, where there is such a list. */
  readonly values?: readonly string[]
}

export interface ResolvedSetting {
  readonly key: string
  readonly value: string | undefined
  readonly source: 'flag' | 'env' | 'file' | 'default' | 'unset'
  /** The variable's name or the file's path, for `env` and `file`. */
  readonly from?: string
}

export const SETTINGS: readonly Setting[] = [
  {
    key: 'log-level',
    env: 'AIV_LOG_LEVEL',
    summary: 'least severe log line that is printed',
    default: 'info',
    values: LOG_LEVELS,
  },
  {
    key: 'progress',
    env: 'AIV_PROGRESS',
    summary: 'progress display on a terminal',
    default: 'auto',
    values: ['auto', 'never'],
  },
]

/** @throws AivError `E_USAGE` when no such setting exists */
export function findSetting(key: string): Setting {
  const setting = SETTINGS.find((candidate) => candidate.key === key)
  if (setting === undefined)
    throw new AivError('E_USAGE', `unknown setting ${key}`, {
      hint: 'Run "aiv config list" to see all settings',
    })
  return setting
}

/** @throws AivError `E_USAGE` when the value is not allowed */
export function checkSetting(setting: Setting, value: string, origin: string): string {
  if (setting.values === undefined || setting.values.includes(value)) return value
  throw new AivError('E_USAGE', `${origin}: ${setting.key} is "${value}"`, {
    hint: `Use one of ${setting.values.join(', ')}`,
  })
}

export function configPath(env: Environment = process.env): string {
  return join(stateFolders(env).config, 'config.yaml')
}

/**
 * The value of one setting and where it comes from.
 * @param flag the value of the flag of this name, if it was given
 * @throws AivError `E_USAGE` on a value that is not allowed, `E_INPUT` on an unreadable `config.yaml`
 */
export async function resolveSetting(
  key: string,
  flag?: string,
  env: Environment = process.env,
): Promise<ResolvedSetting> {
  const setting = findSetting(key)
  if (flag !== undefined) return { key, value: checkSetting(setting, flag, `--${key}`), source: 'flag' }
  const variable = env[setting.env]
  if (variable !== undefined && variable !== '')
    return { key, value: checkSetting(setting, variable, setting.env), source: 'env', from: setting.env }
  const path = configPath(env)
  // Loaded here only: most runs have flags or no file, and the YAML parser costs start-up time.
  const { readConfigFile } = await import('./config-file.ts')
  const value = (await readConfigFile(path)).get(key)
  if (value !== undefined)
    return { key, value: checkSetting(setting, value, path), source: 'file', from: path }
  if (setting.default !== undefined) return { key, value: setting.default, source: 'default' }
  return { key, value: undefined, source: 'unset' }
}

/** The flag of a setting: its value falls back to the variable, the file and the default. */
export function settingFlag(
  key: string,
  options: { readonly helpGroup?: string } = {},
): Interfaces.OptionFlag<string | undefined> {
  const setting = findSetting(key)
  const flag: Interfaces.OptionFlag<string | undefined> = Flags.string({
    summary: setting.summary,
    env: setting.env,
    // The fallback depends on the machine: it must not be recorded in the manifest.
    noCacheDefault: true,
    ...(setting.values === undefined ? {} : { options: setting.values }),
    ...options,
  })
  flag.default = async () => (await resolveSetting(setting.key)).value
  return flag
}
