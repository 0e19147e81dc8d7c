import type { Report } from '../../verdict/types.ts';
import type { Reporter } from '../reporter.ts';
import * as asides from './asides.ts';
import { html } from './markup.ts';
import { page } from './page.ts';
import * as sections from './sections.ts';
import { soak } from './soak.ts';
import { soakStyle } from './soak-style.ts';

/** One file that needs nothing else: no network, no font, no script to be read. */
export const htmlPage: Reporter = {
  name: 'html',
  render: (report) => [
    { path: 'report.html', text: page(title(report), body(report), report.soak ? [soakStyle] : []) },
  ],
};

const title = (report: Report): string => `${report.verdict}: ${report.environment}, ${report.profile} – shakedown`;

/** In the order of the questions a release manager asks: may it ship, if not why, how close was it, what was let pass, what else. */
const body = (report: Report) => html`<a class="skip" href="#blocks">Skip to what blocks the release</a><main>
${sections.verdict(report)}
${sections.blocking(report)}
${report.soak ? soak(report) : ''}${sections.targets(report)}
${asides.waived(report)}
${asides.notVerified(report)}
${asides.excluded(report)}
${asides.findings(report)}
${asides.ours(report)}
${asides.residue(report)}
${asides.notes(report)}
${sections.everything(report)}
${asides.colophon(report)}
</main>`;
