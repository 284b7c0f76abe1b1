/** Numbers of the services (section 12). */

/** Service names: this many characters of [a-z0-9./-]. */
export const NAME_MOST = 32
/** CBOR of the parameters, bytes. */
export const PARAMS_MOST = 4096
/** Message beside a status that is not 0, bytes. */
export const MESSAGE_MOST = 512
/** A service header must be whole this long after its stream was opened, milliseconds. */
export const HEADER_DEADLINE_MS = 60_000
