/** A client of a mix network as commands run it: from a directory that is believed, through a provider of it. */
import { AivError, systemClock, toHex, uniformInt } from '../../../core/index.ts'
import { systemRandom } from '../../../crypto/index.ts'
import type { ClientSession } from '../../../mix/client/index.ts'
import type { MixDirectory, MixNode } from '../../../mix/index.ts'
import type { Logger } from '../../logger.ts'
import { nodeOf, readDirectory } from '../directory/files.ts'
import { judgeDirectory, type TrustFlags } from '../directory/trust.ts'

export interface ClientFlags extends TrustFlags {
  readonly directory: string
  readonly via?: string | undefined
}

export interface ClientContext {
  readonly logger: Logger
  readonly signal: AbortSignal
  /** A provider that should not see where the client is, because it sees what the client does. */
  readonly notVia?: string | undefined
}

export interface OpenClient {
  readonly directory: MixDirectory
  /** Where packets enter. */
  readonly provider: MixNode
  readonly session: ClientSession
}

/** Runs `work` with a client, and ends it whatever happens. @throws AivError of directory, link and work */
export async function withMixClient<T>(
  flags: ClientFlags,
  { logger, signal, notVia }: ClientContext,
  work: (client: OpenClient) => Promise<T>,
): Promise<T> {
  const directory = await believedDirectory(flags)
  const provider = flags.via === undefined ? anyProvider(directory, notVia) : providerOf(directory, flags.via)
  const { ClientSession } = await import('../../../mix/client/index.ts')
  const session = await ClientSession.open({
    directory,
    provider,
    clock: systemClock,
    random: systemRandom,
    signal,
    onTrouble: (error) => logger.warn(error instanceof Error ? error.message : String(error)),
  })
  try {
    return await work({ directory, provider, session })
  } finally {
    session.close()
  }
}

/** @throws AivError `E_INPUT` for a directory that must not be used, `E_USAGE` when nobody is named to believe */
async function believedDirectory(flags: ClientFlags): Promise<MixDirectory> {
  const directory = await readDirectory(flags.directory)
  const { problems } = judgeDirectory(directory, flags)
  if (problems.length > 0)
    throw new AivError('E_INPUT', `the directory must not be used: ${problems.join('; ')}`, {
      hint: 'Get the newest one, and look at it with `aiv mix directory verify`.',
    })
  return directory
}

/** @throws AivError `E_INPUT` when it is not listed, or holds no mailboxes */
export function providerOf(directory: MixDirectory, id: string): MixNode {
  const node = nodeOf(directory, id)
  if (node.role === 'mix')
    throw new AivError('E_INPUT', `the node ${id} is no provider`, {
      hint: '`aiv mix directory show` lists the roles of nodes.',
    })
  return node
}

/** Another one each time, so that none sees all that a client does. */
function anyProvider(directory: MixDirectory, notVia: string | undefined): MixNode {
  const all = directory.nodes.filter(({ role }) => role !== 'mix')
  const others = all.filter(({ id }) => toHex(id) !== notVia?.toLowerCase())
  const providers = others.length === 0 ? all : others
  const provider = providers[uniformInt(systemRandom, 0, Math.max(0, providers.length - 1))]
  if (provider === undefined) throw new AivError('E_INPUT', 'the directory lists no provider')
  return provider
}
