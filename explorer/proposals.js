// Governance: who is asked, how it stands, what comes next.
import { element, fill, code } from './dom.js';
import { blocksAndTime } from './format.js';

const SHOWN = 8;

export function showProposals(chain) {
  const list = [...chain.proposals].reverse().slice(0, SHOWN);
  fill(
    'proposal-list',
    list.length
      ? list.map((proposal) => card(proposal, chain))
      : [element('p', { class: 'quiet' }, 'no proposals yet')],
  );
}

function card(proposal, { height, period }) {
  const total = BigInt(proposal.total);
  const share = (power) => (total === 0n ? 0 : Number((BigInt(power) * 1000n) / total) / 10);
  const yes = share(proposal.yes);
  const no = share(proposal.no);
  return element(
    'article',
    {},
    element(
      'div',
      { class: 'line' },
      element('b', {}, `#${proposal.id}`),
      element('span', { class: `word ${proposal.status.toLowerCase()}` }, proposal.status),
      element('span', { class: 'deadline' }, deadline(proposal, height, period)),
    ),
    element(
      'div',
      { class: 'tally', role: 'img', 'aria-label': `${yes} % yes, ${no} % no` },
      element('i', { class: 'yes', style: { width: `${yes}%` } }),
      element('i', { class: 'no', style: { width: `${no}%` } }),
    ),
    element(
      'p',
      { class: 'quiet' },
      `${yes} % yes, ${no} % no, ${proposal.votes.length} votes · script `,
      code(proposal.scriptHash),
      ' ',
      link(proposal.metadataUrl),
    ),
  );
}

// Only what is plainly a web address becomes a link; it is the proposer's text.
function link(url) {
  return /^https?:\/\//.test(url)
    ? element('a', { href: url, rel: 'noopener noreferrer', target: '_blank' }, 'about')
    : null;
}

function deadline(proposal, height, period) {
  switch (proposal.status) {
    case 'PENDING':
      return `voting ends in ${blocksAndTime(BigInt(proposal.votingEnds) - height, period)}`;
    case 'QUEUED':
      return `may be resolved in ${blocksAndTime(BigInt(proposal.executableFrom) - height, period)}`;
    case 'APPROVED':
      return `to be resolved within ${blocksAndTime(BigInt(proposal.executableUntil) - height, period)}`;
    default:
      return '';
  }
}
