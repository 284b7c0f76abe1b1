/** Sizes and limits of directory documents. Times are unix seconds unless a name says otherwise. */

/** Ed25519 and X25519 public keys, node ids, shared random values. */
export const KEY_BYTES = 32
export const SIGNATURE_BYTES = 64

/** Signed bytes start with these, so that no signature serves for another kind of document. */
export const DESCRIPTOR_DOMAIN = 'aiv-mix-descriptor-v1\0'
export const DIRECTORY_DOMAIN = 'aiv-mix-directory-v1\0'

export const DOCUMENT_VERSION = 1

/** Default length of an epoch: a mix key, and what its replay filter holds, live this long. */
export const DEFAULT_EPOCH_LENGTH_S = 1200
export const MIN_EPOCH_LENGTH_S = 1
export const MAX_EPOCH_LENGTH_S = 366 * 86_400
/** A descriptor or directory is believed no longer than this. */
export const MAX_LIFETIME_S = 366 * 86_400

export const MAX_NODES = 4096
export const MAX_SIGNATURES = 64
export const MAX_LAYERS = 16
/** Keys of the present epoch, the one before, and some ahead. */
export const MAX_MIX_KEYS = 8
export const MAX_ADDRESSES = 8
export const MAX_ADDRESS_CHARACTERS = 512
/** Weights are whole numbers, so that the sum over all nodes is exact. */
export const MAX_WEIGHT = 2 ** 32 - 1
/** Longest mean time, one hour: longer is a mistake in the unit. */
export const MAX_MEAN_US = 3_600_000_000
export const MAX_DESCRIPTOR_BYTES = 8192
/** A full directory of {@link MAX_NODES} nodes as JSON is below it. */
export const MAX_DIRECTORY_BYTES = 32 * 2 ** 20
