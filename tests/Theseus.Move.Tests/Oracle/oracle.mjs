// Reads one module a line as hexadecimal, answers "ok" or the reference's status name for each.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(process.argv[2] + '/');
const template = require('@mysten/move-bytecode-template');

for await (const line of createInterface({ input: process.stdin })) {
  let answer = 'ok';
  try {
    template.deserialize(Buffer.from(line, 'hex'));
  } catch (error) {
    const text = String(error?.message ?? error);
    answer = /[A-Z][A-Z0-9]+(_[A-Z0-9]+)+|MALFORMED/.exec(text)?.[0] ?? text.replaceAll('\n', ' ');
  }
  process.stdout.write(answer + '\n');
}
