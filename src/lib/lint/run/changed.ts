/**
 * Which files differ from those of a commit. This is the one place that runs a program: `git ls-tree`, which reads
 * objects and nothing else. The files themselves are hashed here, so that no filter, hook or monitor of a repository's
 * configuration is ever run.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { AivError, toHex } from '../../core/index.ts'
import { sha1, sha256 } from '../../crypto/digest.ts'

const MAX_LIST_BYTES = 256 * 1024 * 1024
const GIT_TIMEOUT_MS = 60_000

/**
 * In a partial clone git fetches what is missing, by whatever program the configuration of the repository names. The
 * first keeps git from it since 2.45; the second, an empty list of transports, lets every older fetch fail.
 */
const NOTHING_FETCHED = { GIT_NO_LAZY_FETCH: '1', GIT_ALLOW_PROTOCOL: '', GIT_TERMINAL_PROMPT: '0' }

/** Names of commits as people write them; nothing that could be read as an option. */
const REVISION = /^[A-Za-z0-9_@][A-Za-z0-9_@./^~{}:+-]*$/

export class CommittedFiles {
  /** Object ids by path below the folder. */
  readonly #objects: ReadonlyMap<string, string>

  private constructor(objects: ReadonlyMap<string, string>) {
    this.#objects = objects
  }

  /**
   * @param folder inside the work tree
   * @throws AivError `E_USAGE` for a revision that is not there, `E_DEPENDENCY_MISSING` without git
   */
  static async of(revision: string, folder: string): Promise<CommittedFiles> {
    if (!REVISION.test(revision)) throw new AivError('E_USAGE', `${revision} is no revision`)
    const list = await lsTree(revision, folder)
    const objects = new Map<string, string>()
    for (const entry of list.split('\0')) {
      const [, id, path] = /^\d+ blob ([0-9a-f]+)\t(.*)$/s.exec(entry) ?? []
      if (id !== undefined && path !== undefined) objects.set(path, id)
    }
    return new CommittedFiles(objects)
  }

  /** @param path relative to the folder, with `/` */
  isChanged(path: string, content: Uint8Array): boolean {
    const id = this.#objects.get(path)
    return id === undefined || id !== blobId(content, id.length)
  }
}

/** @see https://git-scm.com/book/en/v2/Git-Internals-Git-Objects */
function blobId(content: Uint8Array, hexLength: number): string {
  const header = new TextEncoder().encode(`blob ${content.length}\0`)
  const object = new Uint8Array(header.length + content.length)
  object.set(header)
  object.set(content, header.length)
  return toHex(hexLength === 64 ? sha256(object) : sha1(object))
}

async function lsTree(revision: string, folder: string): Promise<string> {
  const args = ['-C', folder, 'ls-tree', '-r', '-z', '--end-of-options', revision]
  try {
    const { stdout } = await promisify(execFile)('git', args, {
      maxBuffer: MAX_LIST_BYTES,
      timeout: GIT_TIMEOUT_MS,
      env: { ...process.env, ...NOTHING_FETCHED, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' },
    })
    return stdout
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'ENOENT')
      throw new AivError('E_DEPENDENCY_MISSING', 'git is not installed', {
        hint: 'Only --changed-since needs it',
        cause,
      })
    const [words = ''] = String((cause as { stderr?: unknown }).stderr ?? '').split('\n')
    throw new AivError('E_USAGE', `git does not know ${revision} here: ${words.replace(/^fatal: /, '')}`, {
      cause,
    })
  }
}
