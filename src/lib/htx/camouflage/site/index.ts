/** The server of the camouflaged link: an ordinary web site, and a listener to those who bring a ticket. */
export type { Decoy } from './decoy/open-decoy.ts'
export { type CamouflagedListenOptions, listenCamouflaged } from './listen-camouflaged.ts'
