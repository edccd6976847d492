// Polls the node and shows what it says. Live without a socket: one small request twice a second, more only for a new block.
import { $ } from './dom.js';
import { span } from './format.js';
import { Chain } from './chain.js';
import { showNow } from './now.js';
import { showVersions } from './versions.js';
import { showProposals } from './proposals.js';
import { showValidators } from './validators.js';
import { showBlocks } from './blocks.js';

const POLL_MS = 500;
const STALE_MS = 10_000;

const chain = new Chain();
let changed = Date.now();

function say(text, state) {
  $('live').textContent = text;
  $('live').className = state;
}

async function poll() {
  try {
    if (await chain.poll()) {
      changed = Date.now();
      for (const show of [showNow, showVersions, showProposals, showValidators, showBlocks]) show(chain);
      const { status } = chain;
      $('chain').textContent = status.chainId;
      $('node').textContent = `${status.nodeName}, ${status.role}, ${status.peers} peers · ${status.software} · genesis ${status.genesisHash}`;
      document.title = `${status.height} · Theseus`;
    }
    const idle = Date.now() - changed;
    if (chain.status.halted) say(chain.status.halted, 'bad');
    else if (idle > STALE_MS) say(`no block for ${span(idle)}`, 'bad');
    else if (chain.status.syncing) say('catching up', 'wait');
    else say('live', 'good');
  } catch (error) {
    say(`the node does not answer (${error.message})`, 'bad');
  }
  setTimeout(poll, document.hidden ? 4 * POLL_MS : POLL_MS);
}

poll();
