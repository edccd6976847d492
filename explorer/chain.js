// What the page knows of the chain, fetched over the public API.
import { callAll } from './rpc.js';

const KEPT = 60; // blocks in the pulse; the table shows the newest of them

export class Chain {
  blocks = new Map(); // height -> block, at most KEPT
  status = null;
  validators = null;
  proposals = [];
  record = null;

  /** Fetches what is new. True when there was anything. */
  async poll() {
    const [status] = await callAll([['theseus_status']]);
    if (status instanceof Error) throw status;
    const isNew = status.height !== this.status?.height || status.halted !== this.status?.halted;
    this.status = status;
    if (!isNew) return false;
    const height = BigInt(status.height);
    const first = height >= BigInt(KEPT) ? height - BigInt(KEPT) + 1n : 1n;
    const wanted = [];
    for (let h = first; h <= height; h++) if (!this.blocks.has(h)) wanted.push(h);
    const [validators, proposals, record, ...blocks] = await callAll([
      ['theseus_getValidators'],
      ['theseus_getProposals'],
      ['theseus_getRecord'],
      ...wanted.map((h) => ['theseus_getBlock', { at: { height: String(h) }, detail: 'header' }]),
    ]);
    if (!(validators instanceof Error)) this.validators = validators;
    if (!(proposals instanceof Error)) this.proposals = proposals;
    if (!(record instanceof Error)) this.record = record;
    blocks.forEach((block, i) => {
      if (!(block instanceof Error)) this.blocks.set(wanted[i], block);
    });
    for (const h of this.blocks.keys()) if (h < first || h > height) this.blocks.delete(h);
    return true;
  }

  get height() {
    return BigInt(this.status.height);
  }

  /** Newest first: { height, block, gap } with the milliseconds since the block before. */
  get rows() {
    const heights = [...this.blocks.keys()].sort((a, b) => (a < b ? 1 : -1));
    return heights.map((height) => {
      const block = this.blocks.get(height);
      const before = this.blocks.get(height - 1n);
      return { height, block, gap: before ? Number(block.header.time) - Number(before.header.time) : null };
    });
  }

  /** Median milliseconds between the kept blocks. */
  get period() {
    const gaps = this.rows
      .map((row) => row.gap)
      .filter((gap) => gap !== null)
      .sort((a, b) => a - b);
    return gaps.length ? gaps[gaps.length >> 1] : null;
  }

  /** Transactions a second over the kept blocks. */
  get rate() {
    const rows = this.rows;
    if (rows.length < 2) return 0;
    const time = Number(rows[0].block.header.time) - Number(rows.at(-1).block.header.time);
    return time > 0 ? (rows.slice(0, -1).reduce((sum, row) => sum + row.block.transactionCount, 0) * 1000) / time : 0;
  }
}
