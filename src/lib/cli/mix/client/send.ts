/** The work of `mix send`. */
import { basename } from 'node:path'
import { AivError, systemClock } from '../../../core/index.ts'
import { systemRandom } from '../../../crypto/index.ts'
import { readInput } from '../../io/input.ts'
import type { Fields } from '../../output.ts'
import { type ClientContext, type ClientFlags, withMixClient } from './open-client.ts'

/** A receiver puts no longer message together. */
const MESSAGE_MOST_BYTES = 63 * 1024 * 1024

/**
 * Resolves when the provider has all of it.
 * @throws AivError `E_UNREACHABLE` when the provider does not answer for long, `E_ABORTED`
 */
export async function sendToMailbox(
  addressText: string,
  file: string | undefined,
  flags: ClientFlags,
  context: ClientContext,
): Promise<{ readonly document: Fields; readonly text: string }> {
  const { Outbox, parseMailboxAddress } = await import('../../../mix/client/index.ts')
  const address = parseMailboxAddress(addressText)
  const content = await readInput(file, { maxBytes: MESSAGE_MOST_BYTES })
  const name = file === undefined || file === '-' ? '' : basename(file)
  const begun = systemClock.now()
  await withMixClient(flags, context, async ({ directory, session }) => {
    const ended = Promise.withResolvers<'delivered' | 'failed'>()
    const outbox = new Outbox({
      directory,
      routes: session.routes,
      clock: systemClock,
      random: systemRandom,
      onEvent: ({ kind }) => ended.resolve(kind),
    })
    // Nobody may be waiting yet when it is given up.
    ended.promise.catch(() => {})
    context.signal.addEventListener(
      'abort',
      () => ended.reject(new AivError('E_ABORTED', 'the message was not sent whole')),
      { once: true },
    )
    await outbox.add(address, { name, content })
    session.add(outbox)
    try {
      if ((await ended.promise) === 'failed')
        throw new AivError('E_UNREACHABLE', 'the provider of the mailbox does not acknowledge the message', {
          hint: 'Its mailboxes may be full, or the network loses packets: look with `aiv mix ping`.',
        })
    } finally {
      outbox.end()
    }
  })
  const seconds = Math.round(systemClock.now() - begun) / 1000
  return {
    document: { name, bytes: content.length, seconds },
    text: `${content.length} bytes are in the mailbox, after ${seconds} s`,
  }
}
