// JSON-RPC calls to the node that serves this page, as many as one request holds.
const BATCH = 50; // the node takes no more in one body
const PATIENCE_MS = 10_000;
let nextId = 0;

/** Calls [method, params] pairs; answers come in the same order, an Error in the place of a call that failed. */
export async function callAll(calls) {
  const answers = [];
  for (let start = 0; start < calls.length; start += BATCH) {
    const part = calls
      .slice(start, start + BATCH)
      .map(([method, params = {}]) => ({ jsonrpc: '2.0', id: ++nextId, method, params }));
    const response = await fetch('/rpc/v1', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(part),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const byId = new Map((await response.json()).map((answer) => [answer.id, answer]));
    for (const { id } of part) {
      const answer = byId.get(id);
      answers.push(answer?.error || !answer ? new Error(answer?.error?.message ?? 'no answer') : answer.result);
    }
  }
  return answers;
}

export async function call(method, params) {
  const [answer] = await callAll([[method, params]]);
  if (answer instanceof Error) throw answer;
  return answer;
}
