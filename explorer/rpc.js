// One JSON-RPC call to the node that serves this page.
let nextId = 0;

export async function call(method, params = {}) {
  const response = await fetch('/rpc/v1', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: ++nextId, method, params }),
  });
  const answer = await response.json();
  if (answer.error) throw new Error(answer.error.message);
  return answer.result;
}
