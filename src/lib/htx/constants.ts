/** Numbers of HTX 1.1 (sections 3 to 7 and 14 of the specification), each with its unit. */

export const KIB = 1024
export const MIB = 1024 * 1024
const GIB = 1024 * 1024 * 1024

/** As VERSIONS of HELLO has it. */
export const VERSION_1_1 = 0x0101
/** Betanet 1.2 framing; offered and accepted alone. */
export const VERSION_1_2 = 0x0102

/** Largest body of a handshake message, bytes. */
export const MAX_HANDSHAKE_MESSAGE = 4096
/** Whole handshake, milliseconds. */
export const HANDSHAKE_DEADLINE_MS = 10_000
/** Largest difference between TIME of message 1 and our clock, seconds. */
export const TIME_WINDOW_S = 600
/** How long a message-1 cache entry lives: twice the window and a minute, seconds. */
export const MESSAGE_1_CACHE_S = 1260

/** FEATURES bits. */
export const FEATURE = {
  RESUMPTION: 1 << 0,
  PRIORITIES: 1 << 1,
  IDLE_PADDING: 1 << 2,
  WINDOW_GROWTH: 1 << 3,
} as const

export const TAG_LENGTH = 16
/** u24 length and type. */
export const FRAME_HEADER_MIN = 4
/** With an eight-byte stream id. */
export const FRAME_HEADER_MAX = 12

export const MAX_FRAME_DEFAULT = 65_535
export const MAX_FRAME_LEAST = 16_384
export const MAX_FRAME_MOST = 1_048_576

/** What a peer that sends no STREAM_WINDOW grants, bytes. */
export const STREAM_WINDOW_WHEN_ABSENT = 65_535
export const STREAM_WINDOW_DEFAULT = 262_144
export const STREAM_WINDOW_MOST = 16 * MIB
export const SESSION_WINDOW_DEFAULT = MIB
export const SESSION_WINDOW_MOST = 24 * MIB
/** A window that would pass this is a FLOW_CONTROL_VIOLATION. */
export const WINDOW_LIMIT = 2 ** 62
export const MAX_CREDIT = 2 ** 31 - 1

export const MAX_STREAMS_DEFAULT = 256
export const ACCEPT_BACKLOG = 128
export const IDLE_TIMEOUT_DEFAULT_MS = 300_000

export const DEFAULT_WEIGHT = 16
/** Deficit round robin: quantum per weight unit and visit, bytes. */
export const QUANTUM_PER_WEIGHT = KIB
/** A data frame carries at most what the link moves in this time, so that it delays others no longer. */
export const FRAME_TIME_MS = 10
export const FRAME_DATA_LEAST = 1200

/** Bytes that may be encrypted ahead of what the socket has accepted. */
export const AHEAD_DEFAULT = MIB
/** Plaintext waiting in one stream, and in all streams of a session, before writers are asked to wait; bytes. */
export const STREAM_SEND_HIGH_WATER = 256 * KIB
export const SESSION_SEND_HIGH_WATER = 4 * MIB

export const PING_INTERVAL_MS = { min: 10_000, max: 60_000 } as const
export const PING_JITTER = 0.1
export const PING_REPLY_MS = 15_000
/** More queued replies than this push the oldest out. */
export const PING_REPLIES_QUEUED = 8
export const PING_PADDING_MOST = 1023
export const PADDING_MOST = 3072
/** Silence before a record of idle padding, and between two of them; and how long a silence is padded. Milliseconds. */
export const PADDING_QUIET_MS = { min: 200, max: 1_200 } as const
export const PADDING_SPELL_MS = 30_000
export const REASON_MOST = 512

/** Round trip before the first sample, and its floor, milliseconds. */
export const RTT_INITIAL_MS = 100
export const RTT_FLOOR_MS = 1

/** A partly received frame must be whole this long after its first byte. */
export const INCOMPLETE_FRAME_MS = 30_000
/** After CLOSE: how long the peer's CLOSE is awaited. */
export const CLOSE_WAIT_MS = 2_000
/** After a frame that did not authenticate the link closes after a delay drawn from 0 to this. */
export const UNAUTHENTICATED_DELAY_MS = 30_000

/** Outgoing control frames waiting for the link; beyond either the peer gets ENHANCE_CALM. */
export const CONTROL_QUEUE_FRAMES = 1024
export const CONTROL_QUEUE_BYTES = 64 * KIB

/** Incoming control frames: bucket, with one more token per this many data bytes. */
export const CONTROL_BUDGET = { capacity: 2000, refillPerSecond: 1000 } as const
export const CONTROL_BUDGET_DATA_BYTES = 16 * KIB
/** Streams refused to the peer, or opened and reset by it within QUICK_RESET_MS. */
export const ABUSE_BUDGET = { capacity: 100, refillPerSecond: 10 } as const
export const QUICK_RESET_MS = 1_000
/**
 * Young streams that we reset ourselves. Far less than a peer allows: a link that stalls delivers at once what was sent
 * over many seconds.
 */
export const OWN_RESETS = { capacity: 32, refillPerSecond: 2 } as const
/** Beyond it a stream is reset this long after the peer's first word in it, milliseconds; */
export const RESET_YOUNG_MS = QUICK_RESET_MS + 100
/** or, when no word comes, after the time that a listener has to reach a target. */
export const RESET_ANSWER_MS = 16_000
/** Incoming KEY_UPDATE frames. */
export const KEY_UPDATE_BUDGET = { capacity: 32, refillPerSecond: 4 } as const

/** A sender rekeys when any of these is reached since its last key. */
export const REKEY = { bytes: 8 * GIB, frames: 65_536, ms: 3_600_000 } as const
