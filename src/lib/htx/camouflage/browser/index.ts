/** The browser's side of the camouflaged link. */
export { dialCamouflaged } from './dial-camouflaged.ts'
export type { CamouflagedDialOptions, Exporter } from './dial-options.ts'
export { type FetchedPage, type FetchPageOptions, fetchPage } from './fetch-page.ts'
export type { ServerObservation } from './observation.ts'
