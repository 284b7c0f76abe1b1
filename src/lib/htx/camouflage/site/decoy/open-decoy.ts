/** What stands at the port for everybody. */
import type { RandomSource } from '../../../../core/index.ts'
import type { DecoySite } from '../site-request.ts'
import { openDirectorySite } from './directory.ts'
import { openOriginSite } from './origin.ts'

export type Decoy =
  /** A folder of static files. */
  | { readonly kind: 'directory'; readonly path: string }
  /** A site whose answers are passed on, `http://` or `https://`. */
  | { readonly kind: 'origin'; readonly url: string }

export interface OpenDecoyOptions {
  /** Path of the grant, which takes forms. */
  readonly formPath: string
  readonly random: RandomSource
  readonly onError: (error: Error) => void
}

/** @throws AivError `E_NOT_FOUND`, `E_INPUT`, `E_PERMISSION` */
export async function openDecoy(decoy: Decoy, options: OpenDecoyOptions): Promise<DecoySite> {
  return decoy.kind === 'directory'
    ? await openDirectorySite(decoy.path, options.formPath)
    : openOriginSite(decoy.url, options)
}
