// A web server that runs code for its visitors, each request in a warm sandbox that is thrown away afterwards.
//   node examples/playground.mjs [PORT]      (after npm run build), then open http://localhost:8080
import { createServer } from 'node:http';
import { SandboxPool } from '../dist/node/sandbox.js';

const languages = {
  shell: { file: 'main.sh', command: ['sh', 'main.sh'] },
  awk: { file: 'main.awk', command: ['awk', '-f', 'main.awk'] },
  perl: { file: 'main.pl', command: ['perl', 'main.pl'] },
};
const codeLimit = 64 * 1024;
const atOnce = 8;

const pool = new SandboxPool({ size: 2, memory: '128m', cpus: 1, pids: 32, disk: '8m' });
let running = 0;

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Playground</title>
<style>body { font: 1rem sans-serif; max-width: 50rem; margin: 2rem auto } textarea { width: 100%; height: 12rem }</style>
<h1>Playground</h1>
<form>
  <p><label>Language <select name="language">${Object.keys(languages)
    .map((name) => `<option>${name}`)
    .join('')}</select></label>
  <p><label>Code <textarea name="code">echo hello</textarea></label>
  <p><button>Run</button> <output></output>
</form>
<pre></pre>
<script>
  const form = document.querySelector('form');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    document.querySelector('output').textContent = 'running …';
    const { language, code } = Object.fromEntries(new FormData(form));
    const answer = await fetch('/run', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ language, code }) });
    const { summary, text } = await answer.json();
    document.querySelector('output').textContent = summary;
    document.querySelector('pre').textContent = text;
  });
</script>
`;

async function bodyOf(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > codeLimit) throw new RangeError('the code is too long');
  }
  return JSON.parse(text);
}

function summaryOf({ code, signal, timedOut, oomKilled, truncated }) {
  if (timedOut) return 'out of time';
  if (oomKilled) return 'out of memory';
  if (truncated) return 'too much output';
  return signal === null ? `exit code ${code}` : `killed by ${signal}`;
}

async function run({ language, code }, signal) {
  if (!Object.hasOwn(languages, language) || typeof code !== 'string') throw new RangeError('expected a language and code');
  const { file, command } = languages[language];
  const result = await pool.use(async (sandbox) => {
    await sandbox.write(file, code);
    return sandbox.exec({ command, timeout: 2_000, output: 64 * 1024, signal });
  });
  return { summary: summaryOf(result), text: result.stdout + result.stderr };
}

async function answer(request, response) {
  const send = (status, type, text) => response.writeHead(status, { 'Content-Type': type }).end(text);
  if (request.method === 'GET' && request.url === '/') return send(200, 'text/html; charset=utf-8', page);
  // A form of another site cannot send this type without asking first.
  if (request.method !== 'POST' || request.url !== '/run' || request.headers['content-type'] !== 'application/json')
    return send(404, 'text/plain', 'not found');
  if (running >= atOnce) return send(503, 'application/json', JSON.stringify({ summary: 'busy', text: 'try again later' }));
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  running++;
  try {
    send(200, 'application/json', JSON.stringify(await run(await bodyOf(request), gone.signal)));
  } catch (error) {
    // What a visitor did wrong; anything else is ours.
    const wrong = error instanceof RangeError || error instanceof SyntaxError;
    if (!wrong && !gone.signal.aborted) console.error(error);
    if (!response.headersSent)
      send(wrong ? 400 : 500, 'application/json', JSON.stringify({ summary: 'error', text: wrong ? error.message : '' }));
  } finally {
    running--;
  }
}

const server = createServer((request, response) => void answer(request, response));
await pool.ready();
server.listen(Number(process.argv[2] ?? 8080), '127.0.0.1', () => console.log(`http://localhost:${server.address().port}`));

for (const name of ['SIGINT', 'SIGTERM'])
  process.once(name, () => {
    server.close();
    server.closeAllConnections();
    void pool[Symbol.asyncDispose]();
  });
