// The first explorer page: polls the public API and shows height, versions, validators, proposals and blocks.
import { call } from './rpc.js';

const POLL_MS = 500;
const BLOCK_ROWS = 15;
const blocks = new Map(); // height -> row data, at most BLOCK_ROWS
let period = null;

const $ = (id) => document.getElementById(id);

// Text goes in as text nodes only: nothing from the chain is ever parsed as markup.
function element(tag, text, className) {
  const node = document.createElement(tag);
  node.textContent = text;
  if (className) node.className = className;
  return node;
}

function row(cells) {
  const tr = document.createElement('tr');
  for (const cell of cells) {
    const td = document.createElement('td');
    if (cell.number) td.className = 'number';
    td.append(cell.code ? element('code', short(cell.code)) : element('span', cell.text ?? String(cell.number), cell.className));
    if (cell.code) td.title = cell.code;
    tr.append(td);
  }
  return tr;
}

const short = (hex) => (hex.length > 18 ? `${hex.slice(0, 10)}…${hex.slice(-6)}` : hex);
const blocksAndTime = (count) => (count <= 0n ? 'now' : `${count} blocks${period ? ` (~${Math.round((Number(count) * period) / 1000)} s)` : ''}`);

function fill(id, rows, empty, columns) {
  if (rows.length > 0) {
    $(id).replaceChildren(...rows);
    return;
  }
  const tr = document.createElement('tr');
  const td = element('td', empty, 'empty');
  td.colSpan = columns;
  tr.append(td);
  $(id).replaceChildren(tr);
}

function showNow(status) {
  const facts = [
    ['height', status.height],
    ['sealed', status.sealedHeight],
    ['round', String(status.round)],
    ['epoch', status.epoch],
    ['framework upgrades', status.frameworkUpgrades],
    ['state root', status.stateRoot],
    ['peers', String(status.peers)],
    ['mempool', String(status.mempoolSize)],
    ['node', `${status.nodeName} (${status.role})`],
  ];
  $('now-list').replaceChildren(...facts.flatMap(([name, value]) => [element('dt', name), element('dd', value)]));
  $('chain').textContent = status.chainId;
}

function showVersions(status) {
  const height = BigInt(status.height);
  fill('versions-rows', status.versions.map((version) => row([
    { text: version.component },
    { text: `${version.version}${version.moduleName ? ` (${version.moduleName})` : ''}` },
    { text: version.since },
    version.scheduledVersion
      ? { text: `${version.scheduledVersion} at block ${version.activationHeight}, in ${blocksAndTime(BigInt(version.activationHeight) - height)}` }
      : { text: '–', className: 'empty' },
    version.supported ? { text: 'ready' } : { text: 'lacks it', className: 'warn' },
  ])), 'none', 5);
}

function showValidators(set) {
  const total = set.current.reduce((sum, validator) => sum + BigInt(validator.power), 0n);
  fill('validators-rows', set.current.map((validator) => row([
    { code: validator.address },
    { number: `${validator.power} (${total ? (Number(BigInt(validator.power) * 1000n / total) / 10).toFixed(1) : 0} %)` },
    { code: validator.publicKey },
  ])), 'none', 3);
}

function showProposals(list, height) {
  const deadline = (proposal) => {
    switch (proposal.status) {
      case 'PENDING': return `voting ends in ${blocksAndTime(BigInt(proposal.votingEnds) - height)}`;
      case 'QUEUED': return `may run in ${blocksAndTime(BigInt(proposal.executableFrom) - height)}`;
      case 'APPROVED': return `must run within ${blocksAndTime(BigInt(proposal.executableUntil) - height)}`;
      default: return '–';
    }
  };
  fill('proposals-rows', [...list].reverse().slice(0, 10).map((proposal) => row([
    { number: proposal.id },
    { text: proposal.status },
    { number: proposal.yes },
    { number: proposal.no },
    { number: proposal.total },
    { text: deadline(proposal) },
    { code: proposal.scriptHash },
  ])), 'no proposals yet', 7);
}

async function showBlocks(height) {
  const first = height > BigInt(BLOCK_ROWS) ? height - BigInt(BLOCK_ROWS) + 1n : 1n;
  for (let h = first; h <= height; h++) {
    if (!blocks.has(h)) blocks.set(h, await call('theseus_getBlock', { at: { height: String(h) }, detail: 'header' }));
  }
  for (const h of [...blocks.keys()]) if (h < first) blocks.delete(h);
  const list = [...blocks.entries()].sort(([a], [b]) => (a < b ? 1 : -1));
  if (list.length > 1) {
    const newest = Number(list[0][1].header.time);
    period = (newest - Number(list[list.length - 1][1].header.time)) / (list.length - 1);
  }
  fill('blocks-rows', list.map(([h, block]) => row([
    { number: String(h) },
    { text: new Date(Number(block.header.time)).toISOString().slice(11, 23) },
    { number: String(block.commitRound) },
    { number: String(block.transactionCount) },
    { number: block.result?.gasUsed ?? '–' },
    { code: block.header.proposer },
    block.result ? { code: block.result.stateRoot } : { text: '–' },
  ])), 'no blocks yet', 7);
}

let lastHeight = null;
let lastChange = Date.now();

async function poll() {
  try {
    const status = await call('theseus_status');
    if (status.height !== lastHeight) {
      lastHeight = status.height;
      lastChange = Date.now();
      showNow(status);
      showVersions(status);
      const height = BigInt(status.height);
      const [validators, proposals] = await Promise.all([call('theseus_getValidators'), call('theseus_getProposals')]);
      showValidators(validators);
      showProposals(proposals, height);
      await showBlocks(height);
    }
    const idle = Date.now() - lastChange;
    $('live').textContent = status.halted ?? (idle > 10_000 ? `no block for ${Math.round(idle / 1000)} s` : 'live');
    $('live').className = status.halted || idle > 10_000 ? 'bad' : 'ok';
  } catch (error) {
    $('live').textContent = `the node does not answer (${error.message})`;
    $('live').className = 'bad';
  }
  setTimeout(poll, POLL_MS);
}

poll();
