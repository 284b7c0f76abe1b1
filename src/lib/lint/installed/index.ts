export { findInstalled, type InstalledPackages } from './installed-packages.ts'
