/**
 * Defects put between the session and the judge of a simulation, after decryption: a judge that lets any of them pass
 * proves nothing.
 */
import type { StreamHandler } from '../../src/lib/htx/session/index.ts'
import type { Sabotage } from './session-application.ts'

/** A handler that passes everything on, to change one call of. */
function passing(handler: StreamHandler): StreamHandler {
  return {
    data: (chunks, bytes) => handler.data(chunks, bytes),
    finished: () => handler.finished(),
    reset: (code) => handler.reset(code),
    stopped: (code) => handler.stopped(code),
    writable: () => handler.writable(),
    closed: (end) => handler.closed(end),
  }
}

export const SABOTAGES: Readonly<Record<string, { readonly sabotage: Sabotage; readonly caughtAs: RegExp }>> =
  {
    'swaps two delivered chunks': {
      sabotage: (handler) => {
        let held: readonly Uint8Array[] | undefined
        let swapped = false
        return {
          ...passing(handler),
          data(chunks, bytes) {
            if (!swapped && held === undefined) {
              held = chunks
              return
            }
            handler.data(chunks, bytes)
            if (held === undefined) return
            swapped = true
            const late = held
            held = undefined
            handler.data(
              late,
              late.reduce((sum, { length }) => sum + length, 0),
            )
          },
        }
      },
      caughtAs: /is not the byte that was sent|looked finished|never ended|does not end/,
    },
    'loses a byte': {
      sabotage: (handler) => {
        let lost = false
        return {
          ...passing(handler),
          data(chunks, bytes) {
            const [first] = chunks
            if (lost || first === undefined || first.length < 2) handler.data(chunks, bytes)
            else {
              lost = true
              handler.data([first.subarray(1), ...chunks.slice(1)], bytes - 1)
            }
          },
        }
      },
      caughtAs: /is not the byte that was sent|looked finished/,
    },
    'delivers a chunk twice': {
      sabotage: (handler) => ({
        ...passing(handler),
        data(chunks, bytes) {
          handler.data(chunks, bytes)
          handler.data(chunks, bytes)
        },
      }),
      caughtAs: /is not the byte that was sent|more delivered than written|data after/,
    },
    'flips a bit': {
      sabotage: (handler) => ({
        ...passing(handler),
        data(chunks, bytes) {
          const copies = chunks.map((chunk) => chunk.slice())
          const last = copies.at(-1) as Uint8Array
          last[last.length - 1] = (last[last.length - 1] as number) ^ 0x10
          handler.data(copies, bytes)
        },
      }),
      caughtAs: /is not the byte that was sent/,
    },
    'ends a stream early': {
      sabotage: (handler) => ({
        ...passing(handler),
        data(chunks, bytes) {
          handler.data(chunks, bytes)
          handler.finished()
        },
      }),
      caughtAs: /looked finished|finished twice|data after/,
    },
    'keeps the end of a stream to itself': {
      sabotage: (handler) => ({ ...passing(handler), finished: () => undefined }),
      caughtAs: /its end never arrived|a part was delivered after the end/,
    },
    'says closed twice': {
      sabotage: (handler) => ({
        ...passing(handler),
        closed(end) {
          handler.closed(end)
          handler.closed(end)
        },
      }),
      caughtAs: /closed twice/,
    },
    'never says closed': {
      sabotage: (handler) => ({ ...passing(handler), closed: () => undefined }),
      caughtAs: /was never closed|data after|no longer open for writing/,
    },
    'delivers after the end': {
      sabotage: (handler) => {
        let last: readonly Uint8Array[] = [Uint8Array.of(1)]
        return {
          ...passing(handler),
          data(chunks, bytes) {
            last = chunks
            handler.data(chunks, bytes)
          },
          closed(end) {
            handler.closed(end)
            handler.data(
              last,
              last.reduce((sum, { length }) => sum + length, 0),
            )
          },
        }
      },
      caughtAs: /data after/,
    },
    'never asks writers to go on': {
      sabotage: (handler) => ({ ...passing(handler), writable: () => undefined }),
      caughtAs: /does not end|never ended|without a fault/,
    },
  }
