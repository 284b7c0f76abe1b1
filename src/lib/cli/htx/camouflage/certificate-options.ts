/** `--cert` and `--cert-key` of a listener. */
import type { ListenOptions } from '../../../htx/index.ts'
import { readText } from '../read-text.ts'

export interface CertificateFlags {
  readonly cert?: string | undefined
  readonly 'cert-key'?: string | undefined
}

/** @throws AivError `E_INPUT` */
export async function certificateOptions(flags: CertificateFlags): Promise<Pick<ListenOptions, 'tls'>> {
  const { cert, 'cert-key': key } = flags
  if (cert === undefined || key === undefined) return {}
  return { tls: { cert: await readText(cert), key: await readText(key) } }
}
