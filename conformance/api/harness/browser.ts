// A real browser: Debian's chromium through its WebDriver (https://www.w3.org/TR/webdriver2/).
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const elementKey = 'element-6066-11e4-a52e-4f735466cecf';
const options = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];

/** Why there is none; null: there is. */
export function noBrowser(): string | null {
  const missing = ['chromium', 'chromedriver'].filter((name) => spawnSync(name, ['--version']).status !== 0);
  return missing.length === 0 ? null : `${missing.join(' and ')} cannot be run`;
}

export interface Page {
  /** The text of the first element that a CSS selector matches. */
  text(selector: string): Promise<string>;
  click(selector: string): Promise<void>;
  /** Replaces what is in a field. */
  fill(selector: string, text: string): Promise<void>;
}

async function call(url: string, method: string, body?: object): Promise<unknown> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const { value } = (await (await fetch(url, init)).json()) as { value: unknown };
  const error = (value as { error?: string; message?: string } | null)?.error;
  if (error !== undefined) throw new Error(`${method} ${url}: ${error}: ${(value as { message: string }).message}`);
  return value;
}

/** Opens the page at `url`, and ends the browser after `body`. */
export async function browse(url: string, body: (page: Page) => Promise<void>): Promise<void> {
  const driver = spawn('chromedriver', ['--port=0'], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    let port: string | undefined;
    for await (const line of createInterface(driver.stdout))
      if ((port = /successfully on port (\d+)/.exec(line)?.[1]) !== undefined) break;
    driver.stdout.resume();
    const chrome = { browserName: 'chrome', 'goog:chromeOptions': { args: options } };
    const made = await call(`http://127.0.0.1:${port}/session`, 'POST', { capabilities: { alwaysMatch: chrome } });
    const session = `http://127.0.0.1:${port}/session/${(made as { sessionId: string }).sessionId}`;
    const element = async (selector: string): Promise<string> => {
      const found = await call(`${session}/element`, 'POST', { using: 'css selector', value: selector });
      return `${session}/element/${(found as Record<string, string>)[elementKey]}`;
    };
    await call(`${session}/url`, 'POST', { url });
    await body({
      text: async (selector) => (await call(`${await element(selector)}/text`, 'GET')) as string,
      click: async (selector) => {
        await call(`${await element(selector)}/click`, 'POST', {});
      },
      fill: async (selector, text) => {
        const field = await element(selector);
        await call(`${field}/clear`, 'POST', {});
        await call(`${field}/value`, 'POST', { text });
      },
    });
    await call(session, 'DELETE');
  } finally {
    driver.kill();
    await once(driver, 'exit');
  }
}
