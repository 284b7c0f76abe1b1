/** Who may have a session. Can be changed while a listener runs. */
import { AivError } from '../../core/index.ts'

const PEER = /^(?:\*|ciq[a-z2-7]{52})$/

export class AllowList {
  #peers: ReadonlySet<string>
  readonly #watchers = new Set<() => void>()

  /** @param peers peer ids; `*` is everybody */
  constructor(peers: readonly string[]) {
    this.#peers = new Set(peers)
  }

  /** Who is not on the new list loses the session, too. */
  replace(peers: readonly string[]): void {
    this.#peers = new Set(peers)
    for (const watcher of this.#watchers) watcher()
  }

  /** Calls `watcher` after each change. */
  watch(watcher: () => void): void {
    this.#watchers.add(watcher)
  }

  admits(peer: string): 'named' | 'wildcard' | 'no' {
    if (this.#peers.has(peer)) return 'named'
    return this.#peers.has('*') ? 'wildcard' : 'no'
  }
}

/**
 * The peers of a file: one peer id, or `*`, a line; empty lines and lines that start with `#` are left out.
 * @throws AivError `E_USAGE` with the number of the line
 */
export function parseAllowFile(text: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const peer = line.trim()
    if (peer === '' || peer.startsWith('#')) return []
    if (PEER.test(peer)) return [peer]
    throw new AivError('E_USAGE', `line ${index + 1}: "${peer}" is not a peer id`)
  })
}
