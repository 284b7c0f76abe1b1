/** Bounds of what authorities, nodes and clients ask of each other over HTTP. */

/** Requests begin with it. */
export const PATH_PREFIX = '/aiv-mix/v1'
export const CBOR_TYPE = 'application/cbor'
export const JSON_TYPE = 'application/json'

/** Longest body that is posted: a descriptor in JSON. */
export const POST_MOST = 32_768
/** Longest answer: all messages of a round. */
export const ANSWER_MOST = 64 * 2 ** 20
/** A request has this long, milliseconds. */
export const REQUEST_MS = 10_000
export const CONNECTIONS_MOST = 256
export const HEADERS_MOST = 8192
/** Directories that are kept: the one before, the present one and the next. */
export const DIRECTORIES_KEPT = 3
/** Between two looks at the clock and at the other authorities: at most a second, less in short epochs. */
export const TICK_MOST_MS = 1000
export const TICKS_PER_EPOCH = 64
/** Each phase is an eighth of an epoch and must have room for several exchanges, also with one authority that hangs. */
export const EXCHANGES_PER_EPOCH = 32
