// Polls the node and shows what it says. Live without a socket: one small request twice a second, more only for a new block.
import { $ } from './dom.js';
import { Chain } from './chain.js';
import { showNow } from './now.js';
import { showVersions } from './versions.js';
import { showProposals } from './proposals.js';
import { showValidators } from './validators.js';
import { showBlocks } from './blocks.js';

const POLL_MS = 500;

const chain = new Chain();

function say(text, state) {
  $('live').textContent = text;
  $('live').className = state;
}

async function poll() {
  try {
    if (await chain.poll()) {
      for (const show of [showNow, showVersions, showProposals, showValidators, showBlocks]) show(chain);
      const { status } = chain;
      $('chain').textContent = status.chainId;
      $('node').textContent =
        `${status.nodeName}, ${status.role}, ${status.peers} peers · ${status.software} · genesis ${status.genesisHash}`;
      document.title = `${status.height} · Theseus`;
    }
    // The node's own answer, the same as /ready: the page has no definition of its own.
    const { ready, halted, syncing, notReadyReason } = chain.status;
    if (ready) say('live', 'good');
    else say(notReadyReason ?? 'not ready', syncing && !halted ? 'wait' : 'bad');
  } catch (error) {
    say(`the node does not answer (${error.message})`, 'bad');
  }
  setTimeout(poll, document.hidden ? 4 * POLL_MS : POLL_MS);
}

poll();
