/** Numbers of a node that runs, each with its unit. */

/** How often a node looks whether its keys are to change: also after its clock was set. Milliseconds. */
export const KEY_LOOK_MS = 1_000
/** Packets that its mailboxes work on at once; more are dropped. */
export const SERVING_MOST = 1_024
/** A descriptor is believed for its epoch and so many after it: as long as the keys that it names. */
export const DESCRIPTOR_EPOCHS = 4
