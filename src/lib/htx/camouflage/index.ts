/** Sessions that hide in visits to a web site (HTX sections 10 and 11). */
export { type CamouflagedDialOptions, dialCamouflaged } from './browser/index.ts'
export { coverPages, Fallback } from './fallback/index.ts'
export { Calibrator, pageLoads } from './origin/index.ts'
export { type CamouflagedListenOptions, type Decoy, listenCamouflaged } from './site/index.ts'
