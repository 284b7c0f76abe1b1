/** What a capture held, and what was left out of it and why. */
import type { Skipped } from '../skip-counts.ts'

/** Why a packet, or a part of one, did not reach the sink. */
export type SkipReason =
  /** The link type of the interface is not one of those read here. */
  | 'link-type'
  /** A pcapng packet names an interface that its section does not describe. */
  | 'unknown-interface'
  /** Shorter than its link-layer header, or an address family that is none. */
  | 'link-header'
  | 'vlan-depth'
  /** ARP, LLDP, 802.3 and other protocols above the link layer. */
  | 'not-ip'
  /** A version, header length or total length that cannot be. */
  | 'ip-header'
  | 'ip-fragment'
  | 'ipv6-extension-headers'
  | 'not-tcp-or-udp'
  | 'tcp-header'
  | 'udp-header'
  /** The capture holds less of the packet than was on the wire. A TCP segment still gives what is there. */
  | 'snapshot-length'
  /** Bytes of a direction without SYN that come before the first segment seen. */
  | 'tcp-before-start'
  /** Bytes that differ from those that came first for the same place in the stream. */
  | 'tcp-contradiction'
  /** Bytes too far ahead of a hole in the stream. */
  | 'tcp-out-of-window'
  /** More separate pieces beyond a hole than are held. */
  | 'tcp-out-of-order'
  /** A connection was forgotten, with what it held, to make room. */
  | 'connection-evicted'

export type SkippedPackets = Skipped<SkipReason>

export interface CaptureSummary {
  readonly format: 'pcap' | 'pcapng'
  /** Whole packets in the capture. */
  readonly packets: number
  /** Length of the capture. */
  readonly bytes: number
  /** The capture ends within a record; every packet before that was read. */
  readonly cut: boolean
  /** In order of the first packet. */
  readonly skipped: readonly SkippedPackets[]
  readonly tcpConnections: number
  readonly udpConnections: number
}
