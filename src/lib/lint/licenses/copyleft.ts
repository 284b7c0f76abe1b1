/** Licenses that ask whoever passes the software on to keep it, or changes to it, under the same terms. */

/** Those that AboutCode's license database puts into the categories Copyleft and Copyleft Limited. */
const COPYLEFT: ReadonlySet<string> = new Set(
  `
AGPL-1.0 AGPL-1.0-only AGPL-1.0-or-later AGPL-3.0 AGPL-3.0-only AGPL-3.0-or-later APL-1.0 APSL-1.0
APSL-1.1 APSL-1.2 APSL-2.0 Arphic-1999 Artistic-1.0 Artistic-1.0-Perl Artistic-1.0-cl8 Artistic-2.0
Artistic-dist BSD-Protection BitTorrent-1.0 BitTorrent-1.1 CAL-1.0 CAL-1.0-Combined-Work-Exception
CATOSL-1.1 CC-BY-SA-1.0 CC-BY-SA-2.0 CC-BY-SA-2.0-UK CC-BY-SA-2.1-JP CC-BY-SA-2.5 CC-BY-SA-3.0
CC-BY-SA-3.0-AT CC-BY-SA-3.0-DE CC-BY-SA-3.0-IGO CC-BY-SA-4.0 CC-SA-1.0 CDDL-1.0 CDDL-1.1 CDL-1.0
CDLA-Sharing-1.0 CECILL-1.0 CECILL-1.1 CECILL-2.0 CECILL-2.1 CECILL-C CERN-OHL-S-2.0 CERN-OHL-W-2.0
CPAL-1.0 CPL-1.0 CUA-OPL-1.0 ClArtistic D-FSL-1.0 EPL-1.0 EPL-2.0 EUPL-1.0 EUPL-1.1 EUPL-1.2 ErlPL-1.1
Eurosym FDK-AAC Frameworx-1.0 FreeImage GCR-docs GFDL-1.1 GFDL-1.1-invariants-only
GFDL-1.1-invariants-or-later GFDL-1.1-no-invariants-only GFDL-1.1-no-invariants-or-later GFDL-1.1-only
GFDL-1.1-or-later GFDL-1.2 GFDL-1.2-invariants-only GFDL-1.2-invariants-or-later
GFDL-1.2-no-invariants-only GFDL-1.2-no-invariants-or-later GFDL-1.2-only GFDL-1.2-or-later GFDL-1.3
GFDL-1.3-invariants-only GFDL-1.3-invariants-or-later GFDL-1.3-no-invariants-only
GFDL-1.3-no-invariants-or-later GFDL-1.3-only GFDL-1.3-or-later GL2PS GPL-1.0 GPL-1.0-only
GPL-1.0-or-later GPL-2.0 GPL-2.0-only GPL-2.0-or-later GPL-3.0 GPL-3.0-only GPL-3.0-or-later Glide IPA
IPL-1.0 Imlib2 Interbase-1.0 LAL-1.2 LAL-1.3 LGPL-2.0 LGPL-2.0-only LGPL-2.0-or-later LGPL-2.1
LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0 LGPL-3.0-only LGPL-3.0-or-later LGPLLR LPL-1.0 LPL-1.02 LPPL-1.0
LPPL-1.1 LPPL-1.2 LPPL-1.3a LPPL-1.3c LiLiQ-P-1.1 LiLiQ-R-1.1 LiLiQ-Rplus-1.1 Linux-man-pages-1-para
Linux-man-pages-copyleft Linux-man-pages-copyleft-2-para Linux-man-pages-copyleft-var MPL-1.0 MPL-1.1
MPL-2.0 MPL-2.0-no-copyleft-exception MS-RL MakeIndex Motosoto NASA-1.3 NBPL-1.0 NGPL NOSL NPL-1.0 NPL-1.1
NPOSL-3.0 Nokia Noweb OCCT-PL OCLC-2.0 ODbL-1.0 OFL-1.1 OGTSL OLDAP-1.1 OLDAP-1.2 OLDAP-1.3 OLDAP-1.4
OPL-1.0 OSET-PL-2.1 OSL-1.0 OSL-1.1 OSL-2.0 OSL-2.1 OSL-3.0 PPL Parity-6.0.0 Parity-7.0.0 QPL-1.0
QPL-1.0-INRIA-2004 Qhull RHeCos-1.1 RPL-1.1 RPL-1.5 RPSL-1.0 RSCPL Ruby SMAIL-GPL SMPPL SNIA SPL-1.0
Sendmail-8.23 SimPL-2.0 Sleepycat SugarCRM-1.1.3 TAPR-OHL-1.0 TGPPL-1.0 TMate TORQUE-1.1 TOSL TPL-1.0
UCL-1.0 URT-RLE Ubuntu-font-1.0 VOSTROM Vim YPL-1.0 YPL-1.1 Zimbra-1.3 Zimbra-1.4 copyleft-next-0.3.0
copyleft-next-0.3.1 gSOAP-1.3b gnuplot wxWindows
`
    .trim()
    .split(/\s+/),
)

/** @param id as the SPDX License List spells it, without a plus */
export function isCopyleft(id: string): boolean {
  return COPYLEFT.has(id)
}
