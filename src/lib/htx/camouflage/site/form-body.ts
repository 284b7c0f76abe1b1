/** The start of a request's body, kept when it is a form that may carry a ticket. */
import { Readable } from 'node:stream'
import { join } from '../../../core/index.ts'
import { FORM_BYTES_MOST } from './constants.ts'
import { type HeaderFields, onlyValueOf } from './site-request.ts'

const FORM_TYPE = 'application/x-www-form-urlencoded'

export function isForm(method: string, fields: HeaderFields): boolean {
  const type = onlyValueOf(fields, 'content-type')
  return method === 'POST' && type?.split(';', 1)[0]?.trim().toLowerCase() === FORM_TYPE
}

export interface ReadForm {
  /** The whole form; undefined when it is too long. */
  readonly form: Uint8Array | undefined
  /** Everything, also what was read. */
  readonly body: Readable
}

/**
 * Waits for a form, up to a size; the rest of a longer one stays in the stream.
 * @throws the stream's error, or undefined's `close` before its end as `Error`
 */
export function readForm(body: Readable): Promise<ReadForm> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let bytes = 0
    const settle = (): void => {
      body.off('readable', onReadable)
      body.off('end', onEnd)
      body.off('close', onClose)
      body.off('error', reject)
    }
    const onReadable = (): void => {
      for (;;) {
        const chunk = body.read() as Uint8Array | null
        if (chunk === null) return
        chunks.push(chunk)
        bytes += chunk.length
        if (bytes > FORM_BYTES_MOST) {
          settle()
          body.unshift(Buffer.from(join(chunks)))
          resolve({ form: undefined, body })
          return
        }
      }
    }
    const onEnd = (): void => {
      settle()
      const form = join(chunks)
      resolve({ form, body: Readable.from(form.length === 0 ? [] : [form]) })
    }
    const onClose = (): void => {
      settle()
      reject(new Error('the request ended before its body'))
    }
    body.on('readable', onReadable)
    body.on('end', onEnd)
    body.on('close', onClose)
    body.on('error', reject)
  })
}
