// The newest blocks.
import { element, cell, fill, code } from './dom.js';
import { clock, grouped } from './format.js';

const SHOWN = 15;

export function showBlocks(chain) {
  const rows = chain.rows.slice(0, SHOWN);
  fill(
    'blocks-rows',
    rows.length
      ? rows.map(({ height, block, gap }) =>
          element(
            'tr',
            { class: block.commitRound > 0 ? 'late' : undefined },
            cell('number', grouped(height)),
            cell('', clock(block.header.time)),
            cell('number', gap === null ? '–' : `${gap} ms`),
            cell('number', String(block.transactionCount)),
            cell('number wide', block.result ? grouped(block.result.gasUsed) : '–'),
            cell('number', String(block.commitRound)),
            cell('', code(block.header.proposer)),
            cell('wide', block.result ? code(block.result.stateRoot) : '–'),
          ),
        )
      : [element('tr', {}, element('td', { colspan: '8', class: 'quiet' }, 'no blocks yet'))],
  );
}
