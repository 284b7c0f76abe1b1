/** The work of `mix directory run`. */
import { setTimeout } from 'node:timers/promises'
import { AivError, systemClock } from '../../../core/index.ts'
import { erase, loadEcvrf, loadPvss, systemRandom } from '../../../crypto/index.ts'
import { eraseIdentity } from '../../../identity/index.ts'
import {
  authoritySelf,
  directoryHash,
  directoryJson,
  type RunningAuthority,
  runAuthority,
  type ServiceEvent,
  turnMs,
} from '../../../mix/index.ts'
import type { HostPort } from '../../flags.ts'
import { writeOut } from '../../io/write-out.ts'
import type { Fields } from '../../output.ts'
import { parseHexValue } from '../hex-value.ts'
import type { KeyFlags } from '../vrf-key.ts'
import { openSigner } from './files.ts'
import { readNetwork } from './network-files.ts'

const ID_BYTES = 32

export interface AuthorityFlags extends KeyFlags {
  readonly network: string
  readonly listen: HostPort
  readonly admit?: readonly string[] | undefined
  readonly out?: string | undefined
}

export interface AuthorityCommand {
  readonly signal: AbortSignal
  event(name: string, fields: Fields): void
}

/** Until it is interrupted. */
export async function runDirectoryAuthority(flags: AuthorityFlags, command: AuthorityCommand): Promise<void> {
  const network = await readNetwork(flags.network)
  const admitted = flags.admit?.map((id) => {
    parseHexValue(id, '--admit', ID_BYTES)
    return id.toLowerCase()
  })
  const identity = await openSigner(flags, command.signal)
  const pvss = await loadPvss()
  const self = authoritySelf(pvss, network, identity.sign)
  const written: Promise<void>[] = []
  try {
    const authority = await runAuthority({
      network,
      self,
      pvss,
      ecvrf: await loadEcvrf(),
      random: systemRandom,
      clock: systemClock,
      admitted: admitted === undefined ? undefined : new Set(admitted),
      host: flags.listen.host === '' ? '127.0.0.1' : flags.listen.host,
      port: flags.listen.port,
      onEvent: (event) => {
        command.event(event.type, fieldsOf(event))
        if (event.type === 'directory' && flags.out !== undefined)
          written.push(
            writeOut(flags.out, `${directoryJson(event.directory)}\n`).catch((error: unknown) => {
              command.event('warning', { message: error instanceof AivError ? error.message : String(error) })
            }),
          )
      },
    })
    command.event('ready', { address: authority.url, epoch: authority.service.epoch, authority: self.index })
    await turnUntil(authority, turnMs(network.epochLengthS), command.signal)
    await authority.close()
    await Promise.all(written)
  } finally {
    erase(self.sharingSecret)
    eraseIdentity(identity)
  }
}

async function turnUntil(authority: RunningAuthority, everyMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // What is due next does not wait for the others' answers, and an interruption does not wait for the pause.
    const pause = setTimeout(everyMs, undefined, { signal }).catch(() => undefined)
    await authority.turn()
    await pause
  }
}

function fieldsOf(event: ServiceEvent): Fields {
  switch (event.type) {
    case 'directory': {
      const { epoch, nodes, signatures } = event.directory
      return {
        epoch,
        hash: directoryHash(event.directory),
        nodes: nodes.length,
        signatures: signatures.length,
      }
    }
    case 'failed':
      return { epoch: event.epoch, proposal: event.proposal }
    case 'equivocation':
      return { epoch: event.epoch, authority: event.authority }
  }
}
