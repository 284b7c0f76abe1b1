/** What is left of the keys once a connection is over. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Conversation, identity } from '../../support/tls-server/conversation.ts'
import { overwritten } from '../../support/tls-server/edits.ts'
import { type Script, saying } from '../../support/tls-server/script.ts'
import { message, RECORD_TYPE } from '../../support/tls-server/wire.ts'

/** What was erased, as it was before. */
const erased = vi.hoisted(() => new Set<string>())

vi.mock('../../../src/lib/crypto/secrets.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../../src/lib/crypto/secrets.ts')>()
  return {
    ...original,
    erase(...arrays: readonly (Uint8Array | undefined)[]): void {
      for (const array of arrays) if (array !== undefined) erased.add(Buffer.from(array).toString('hex'))
      original.erase(...arrays)
      for (const array of arrays) if (array?.some((byte) => byte !== 0)) throw new Error('not erased')
    },
  }
})

const flipped = (m: Uint8Array): readonly Uint8Array[] => [overwritten(m, m.length - 1, 1 ^ (m.at(-1) ?? 0))]

/** Traffic secrets and keys that the server knows and the client has not erased. */
function kept({ server }: Conversation): readonly string[] {
  return server.secrets.map((secret) => Buffer.from(secret).toString('hex')).filter((hex) => !erased.has(hex))
}

describe('the keys of a connection', () => {
  beforeEach(() => {
    identity()
    erased.clear()
  })

  it.each([
    ['a wrong message', { say: saying({ 'encrypted-extensions': () => [message(8)] }) }],
    ['a wrong signature', { say: saying({ 'certificate-verify': flipped }) }],
    ['a wrong Finished', { say: saying({ finished: flipped }) }],
    [
      'an alert',
      { say: saying({ certificate: () => [{ type: RECORD_TYPE.alert, content: Uint8Array.of(2, 40) }] }) },
    ],
    ['something behind Finished', { say: saying({ finished: (m) => [m, { unsaid: Uint8Array.of(4) }] }) }],
  ] as readonly (readonly [string, Script])[])('are erased after %s', (_what, script) => {
    const conversation = new Conversation(script)
    expect(conversation.error).toBeDefined()
    expect(conversation.server.secrets).toHaveLength(4)
    expect(kept(conversation)).toEqual([])
  })

  it.each([
    ['that was cut', ({ client }: Conversation) => expect(() => client.transportEnded()).toThrow()],
    ['that is given up', ({ client }: Conversation) => client.destroy()],
    [
      'of a wrong record',
      (conversation: Conversation) =>
        conversation.give(Uint8Array.of(23, 3, 3, 0, 17, ...new Uint8Array(17))),
    ],
  ])('are erased after an open connection %s, those of earlier ones too', (_what, end) => {
    const conversation = new Conversation({})
    const { server } = conversation
    conversation.give(server.send(message(24, Uint8Array.of(1)), 'new-key'))
    expect(kept(conversation)).not.toEqual([])
    end(conversation)
    expect(kept(conversation)).toEqual([])
  })
})
