/**
 * The messages of a round. Of each authority and kind up to two different ones are kept: the second shows that the sender tells
 * different things to different people, and is passed on so that everybody sees it.
 */
import { toHex } from '../../core/index.ts'
import type { AuthorityMessage, AuthorityStatement, StatementType } from './message.ts'

const KEPT = 2

/** A message of one kind. */
export type MessageOf<T extends StatementType> = AuthorityMessage & {
  readonly statement: Extract<AuthorityStatement, { readonly type: T }>
}

export class Ledger {
  readonly #messages = new Map<string, AuthorityMessage[]>()

  /** @returns whether it is new */
  add(message: AuthorityMessage): boolean {
    const key = `${message.statement.type} ${message.authority}`
    const known = this.#messages.get(key) ?? []
    const hash = toHex(message.hash)
    if (known.length >= KEPT || known.some((other) => toHex(other.hash) === hash)) return false
    this.#messages.set(key, [...known, message])
    return true
  }

  /** Messages of a kind from authorities that have sent exactly one. */
  single<T extends StatementType>(type: T): readonly MessageOf<T>[] {
    return this.#kinds(type).flatMap((sent) => (sent.length === 1 ? sent : [])) as MessageOf<T>[]
  }

  /** All messages of a kind. */
  every<T extends StatementType>(type: T): readonly MessageOf<T>[] {
    return this.#kinds(type).flat() as MessageOf<T>[]
  }

  /** The bytes of all, to be passed on. */
  bytes(): readonly Uint8Array[] {
    return [...this.#messages.values()].flat().map(({ bytes }) => bytes)
  }

  /** Authorities that said two things where one may be said. */
  equivocators(): readonly number[] {
    const found = [...this.#messages.values()].filter((sent) => sent.length > 1)
    return [...new Set(found.map(([first]) => (first as AuthorityMessage).authority))].sort((a, b) => a - b)
  }

  #kinds(type: StatementType): readonly AuthorityMessage[][] {
    return [...this.#messages.values()].filter(([first]) => first?.statement.type === type)
  }
}
