// Height, pace and health: the first thing to look at.
import { $, element, fill } from './dom.js';
import { grouped } from './format.js';

const fact = (name, value, note, className) =>
  element(
    'div',
    { class: `fact ${className ?? ''}` },
    element('span', { class: 'name' }, name),
    element('strong', {}, value),
    element('span', { class: 'note' }, note ?? ''),
  );

export function showNow(chain) {
  const { status, period, rate } = chain;
  fill('facts', [
    fact('Height', grouped(status.height), `sealed ${grouped(status.sealedHeight)}`, 'main'),
    fact('Between blocks', period === null ? '–' : `${period} ms`, 'median of those below'),
    fact(
      'Transactions',
      rate < 10 ? rate.toFixed(1) : String(Math.round(rate)),
      `a second, ${status.mempoolSize} waiting`,
    ),
    fact(
      'Epoch',
      grouped(status.epoch),
      status.frameworkUpgrades === '0' ? 'framework as at genesis' : `framework upgrades: ${status.frameworkUpgrades}`,
    ),
    fact(
      'Round',
      String(status.round),
      status.round === 0 ? 'decided at the first try' : 'the first proposal failed',
      status.round > 0 ? 'warn' : '',
    ),
  ]);
  showPulse(chain);
}

// One bar a block: its height is the gap to the block before, on a scale of two and a half medians.
function showPulse(chain) {
  const rows = chain.rows.filter((row) => row.gap !== null).reverse();
  const scale = Math.max(2.5 * (chain.period ?? 1), 1);
  $('pulse').replaceChildren(
    ...rows.map(({ height, block, gap }) =>
      element('i', {
        class:
          [block.commitRound > 0 ? 'late' : '', block.transactionCount > 0 ? 'full' : ''].join(' ').trim() || undefined,
        title: `block ${height}: ${gap} ms, ${block.transactionCount} transactions, round ${block.commitRound}`,
        style: { '--share': String(Math.min(gap / scale, 1)) },
      }),
    ),
  );
  const late = rows.filter(({ block }) => block.commitRound > 0).length;
  const longest = rows.reduce((most, { gap }) => Math.max(most, gap), 0);
  $('pulse-caption').textContent = rows.length
    ? `last ${rows.length} blocks: longest gap ${longest} ms, ${late} decided after a failed round`
    : 'no blocks yet';
}
