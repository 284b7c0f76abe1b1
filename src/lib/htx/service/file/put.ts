/** Sends a file to a listener that takes files (section 12.2, put). */
import { basename } from 'node:path'
import { systemClock } from '../../../core/index.ts'
import { CODE } from '../../codes.ts'
import type { HtxSession } from '../../endpoint/htx-session.ts'
import { openService } from '../open-service.ts'
import { FILE_SERVICE } from './constants.ts'
import { nameSegments } from './disk/names.ts'
import { offerOf, openSource, type SourceFile } from './disk/source-file.ts'
import type { FileResult, TransferOptions } from './types.ts'
import { parseHeld, putParams } from './wire/items.ts'
import { readItem } from './wire/receive-file.ts'
import { sendFile } from './wire/send-file.ts'
import { abortable, untilClosed } from './wire/stream-end.ts'

/** A file of this side that `expandLocal` found. */
export interface LocalFile {
  /** Its name on the wire. */
  readonly name: string
  /** Bytes, when it was found. */
  readonly size: number
  /** Opens it without following a symbolic link below the directory that was expanded. */
  open(): Promise<SourceFile>
}

export interface PutOptions extends TransferOptions {
  /** Its name on the other side, levels separated by `/`; default: the last segment of its path here. */
  readonly name?: string | undefined
}

/**
 * Sends one file; what the receiver holds of it from an earlier attempt does not travel again.
 * @param source path of a regular file, or a result of `expandLocal`
 * @throws AivError `E_SERVICE_REFUSED` with the receiver's reason; `E_FILE_PATH` for a name that no receiver would take;
 * `E_FILE_MISMATCH` when the file became shorter meanwhile; `E_NOT_FOUND`, `E_PERMISSION`, `E_INPUT` for the file here;
 * `E_ABORTED`, `E_TIMEOUT`; `E_LINK_LOST` and what else ends a session: then the same call on a new one goes on
 */
export async function putFile(
  session: HtxSession,
  source: string | LocalFile,
  options: PutOptions = {},
): Promise<FileResult> {
  const { signal, weight, onProgress, clock = systemClock } = options
  const name = options.name ?? (typeof source === 'string' ? basename(source).normalize('NFC') : source.name)
  nameSegments(name)
  const file = typeof source === 'string' ? await openSource(source) : await source.open()
  try {
    const { stream, reader } = await openService(session, FILE_SERVICE, putParams(offerOf(name, file)), {
      ...(signal && { signal }),
      ...(weight !== undefined && { weight }),
    })
    return await abortable(stream, signal, async () => {
      try {
        const held = parseHeld(await readItem(reader))
        const sent = await sendFile({ stream, reader, source: file, held, clock, signal, onProgress })
        await untilClosed(stream, clock)
        return { name, size: file.size, ...sent }
      } catch (error) {
        if (!stream.destroyed && !stream.writableEnded) stream.abort(CODE.CANCELLED)
        throw error
      }
    })
  } finally {
    await file.handle.close()
  }
}
