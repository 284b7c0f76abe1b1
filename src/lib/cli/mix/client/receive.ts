/** The work of `mix receive`. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isAivError, systemClock, toHex, utf8 } from '../../../core/index.ts'
import { systemRandom } from '../../../crypto/index.ts'
import { createFileAtomically, eraseIdentity, loadIdentity } from '../../../identity/index.ts'
import type { Message } from '../../../mix/client/index.ts'
import { openStore } from '../../../storage/index.ts'
import { defaultKeyFile, passphraseOf, refuseKeyAsArgument } from '../../key/key-files.ts'
import type { Fields } from '../../output.ts'
import { stateFolders } from '../../state-folders.ts'
import { type ClientContext, type ClientFlags, providerOf, withMixClient } from './open-client.ts'

export interface ReceiveFlags extends ClientFlags {
  readonly mailbox: string
  readonly key?: string | undefined
  readonly 'passphrase-file'?: string | undefined
  readonly out: string
  readonly count?: number | undefined
  readonly state?: string | undefined
}

export interface ReceiveContext extends ClientContext {
  readonly event: (name: string, fields?: Fields, text?: string) => void
}

/**
 * What a sender may call a file here: no way out of the folder, nothing hidden, no flag, nothing that a terminal would obey or
 * another system takes for more than a name.
 */
const PLAIN_NAME = /^(?![.-])[^/\\:\p{C}]+$/u
/** File systems take 255, and a file that is being written has a longer name. */
const NAME_MOST_BYTES = 200
const UNNAMED = 'message'
const NAMES_TRIED = 8
const TELL_MS = 5_000
const LOOK_MS = 50

/** Runs until the signal, or as many messages as were asked for. */
export async function receiveMail(flags: ReceiveFlags, context: ReceiveContext): Promise<void> {
  const { signal, event } = context
  const client = await import('../../../mix/client/index.ts')
  const keys = await openMailboxKeys(flags, signal)
  try {
    await mkdir(flags.out, { recursive: true })
    await withMixClient(flags, { ...context, notVia: flags.mailbox }, async ({ directory, session }) => {
      const provider = providerOf(directory, flags.mailbox)
      const address = client.mailboxAddress(keys, provider.id)
      const folder =
        flags.state ?? join(stateFolders().data, 'mix-inbox', toHex(address.mailbox.subarray(0, 8)))
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const store = await openStore({ path: join(folder, 'inbox.sqlite'), schema: client.INBOX_SCHEMA })
      const enough = Promise.withResolvers<void>()
      signal.addEventListener('abort', () => enough.resolve(), { once: true })
      if (signal.aborted) enough.resolve()
      let received = 0
      let last: Promise<unknown> = Promise.resolve()
      try {
        const inbox = await client.Inbox.open({
          routes: session.routes,
          provider,
          key: keys.owner,
          sealPrivateKey: keys.sealPrivateKey,
          store,
          clock: systemClock,
          onMessage: async (message) => {
            const file = await keepMessage(flags.out, message)
            received += 1
            event(
              'message',
              { file, bytes: message.content.length },
              `${file}: ${message.content.length} bytes`,
            )
          },
        })
        const text = client.formatMailboxAddress(address)
        event('ready', { address: text }, `ready: the mailbox is ${text}`)
        // One answer after the other, and each to its end: the store is closed when none is at work.
        const atWork = (work: () => Promise<boolean>): Promise<boolean> => {
          const done = last.then(work)
          last = done.then(
            () => {
              if (flags.count !== undefined && received >= flags.count) enough.resolve()
            },
            (error: unknown) => enough.reject(error),
          )
          return done.catch(() => true)
        }
        await atWork(async () => true)
        session.add({
          nextPacket: () => inbox.nextPacket(),
          answered: (surbId, payload) => atWork(() => inbox.answered(surbId, payload)),
        })
        await enough.promise
        if (!signal.aborted) await told(inbox)
        inbox.end()
      } finally {
        await last
        await store.close()
      }
    })
  } finally {
    client.eraseMailboxKeys(keys)
  }
}

/** Lets the provider know what is here, so that it is not handed out again; not for ever. */
async function told(inbox: { readonly untold: number }): Promise<void> {
  for (let waited = 0; inbox.untold > 0 && waited < TELL_MS; waited += LOOK_MS)
    await new Promise<void>((resolve) => systemClock.schedule(LOOK_MS, resolve))
}

async function openMailboxKeys(flags: ReceiveFlags, signal: AbortSignal) {
  refuseKeyAsArgument(flags.key)
  const path = flags.key ?? defaultKeyFile()
  const identity = await loadIdentity(path, { passphrase: await passphraseOf(path, flags, signal) })
  const { mailboxKeys } = await import('../../../mix/client/index.ts')
  try {
    return mailboxKeys(identity)
  } finally {
    eraseIdentity(identity)
  }
}

/** A new file, durable when it resolves; nothing that is there is replaced. */
async function keepMessage(folder: string, { name, content }: Message): Promise<string> {
  const isPlain = PLAIN_NAME.test(name) && utf8(name).length <= NAME_MOST_BYTES
  const plain = isPlain ? name : UNNAMED
  for (let i = 1; ; i++) {
    // Many messages of one name are told apart by chance: counting would try all that are there.
    const suffix = i === 1 ? '' : i < NAMES_TRIED ? `.${i}` : `.${toHex(systemRandom.bytes(8))}`
    const file = join(folder, `${plain}${suffix}`)
    try {
      await createFileAtomically(file, content, systemRandom)
      return file
    } catch (error) {
      if (!isAivError(error, 'E_INPUT')) throw error
    }
  }
}
