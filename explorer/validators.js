// The set of the present epoch.
import { $, element, cell, fill, code } from './dom.js';
import { grouped } from './format.js';

export function showValidators(chain) {
  const set = chain.validators;
  if (!set) return;
  const total = set.current.reduce((sum, validator) => sum + BigInt(validator.power), 0n);
  const rows = chain.rows;
  const proposed = (address) => rows.filter(({ block }) => block.header.proposer === address).length;
  $('validators-note').textContent =
    `${set.current.length} in epoch ${set.epoch}${set.next ? `, another set in epoch ${set.nextEpoch}` : ''}`;
  fill(
    'validators-rows',
    set.current.map((validator) => {
      const share = total === 0n ? 0 : Number((BigInt(validator.power) * 1000n) / total) / 10;
      const jailed = BigInt(validator.jailedUntil ?? 0) > 0n;
      return element(
        'tr',
        { class: rows[0]?.block.header.proposer === validator.address ? 'proposer' : undefined },
        cell('', code(validator.address), jailed ? element('span', { class: 'word rejected' }, 'jailed') : null),
        cell(
          'power',
          element('i', { style: { '--share': `${share}%` } }),
          `${grouped(validator.power)} · ${share.toFixed(1)} %`,
        ),
        cell('number', `${proposed(validator.address)} of ${rows.length}`),
        cell('wide', code(validator.publicKey)),
      );
    }),
  );
}
