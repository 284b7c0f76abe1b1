/** Where state and settings live: `$AIV_HOME`, else the XDG base directories. Nothing is created here. */
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

export type Environment = Readonly<Record<string, string | undefined>>

export interface StateFolders {
  /** The store and the known peers: what gathers as the program runs. */
  readonly data: string
  /** `config.yaml` and the default identity: what is set up once and carried along. */
  readonly config: string
}

const NAME = 'aiv'

/** @param home the user's home folder */
export function stateFolders(env: Environment = process.env, home = homedir()): StateFolders {
  const own = env.AIV_HOME
  if (own !== undefined && own !== '') return { data: own, config: own }
  return {
    data: join(baseFolder(env.XDG_DATA_HOME) ?? join(home, '.local', 'share'), NAME),
    config: join(baseFolder(env.XDG_CONFIG_HOME) ?? join(home, '.config'), NAME),
  }
}

/**
 * What can be made again at any time.
 * @param home the user's home folder
 */
export function cacheFolder(env: Environment = process.env, home = homedir()): string {
  const own = env.AIV_HOME
  if (own !== undefined && own !== '') return join(own, 'cache')
  return join(baseFolder(env.XDG_CACHE_HOME) ?? join(home, '.cache'), NAME)
}

/** The XDG specification says that a relative path is invalid and must be ignored. */
function baseFolder(value: string | undefined): string | undefined {
  return value !== undefined && isAbsolute(value) ? value : undefined
}
