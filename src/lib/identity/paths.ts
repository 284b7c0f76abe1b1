/** Names of the identity area's files in the folders that `$AIV_HOME`, or the XDG variables, point to. */
import { join } from 'node:path'

/** @param configFolder the config folder: an identity is set up once and carried along, as settings are */
export function identityPath(configFolder: string): string {
  return join(configFolder, 'identity.json')
}

/** @param dataFolder the data folder: known peers are gathered as the program runs */
export function knownPeersPath(dataFolder: string): string {
  return join(dataFolder, 'known-peers.jsonl')
}
